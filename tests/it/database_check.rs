//! `check --database`: what roles may do that they must not, and what they may not.

use gazelle_tests::apart::{Apart, SERVICES};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// Each is done by a superuser to usage's database, found as this line, and undone.
const FAULTS: [[&str; 3]; 29] = [
    [
        "alter role gazelle_usage superuser",
        "alter role gazelle_usage nosuperuser",
        "too much: role gazelle_usage: logs in, is superuser, inherits nothing",
    ],
    [
        "alter role gazelle_usage_platform bypassrls",
        "alter role gazelle_usage_platform nobypassrls",
        "too much: role gazelle_usage_platform: does not log in, passes row-level security",
    ],
    [
        "alter role gazelle_usage inherit",
        "alter role gazelle_usage noinherit",
        "missing:  role gazelle_usage: logs in, inherits nothing",
    ],
    [
        "grant gazelle_usage_owner to gazelle_usage",
        "revoke gazelle_usage_owner from gazelle_usage",
        "too much: role gazelle_usage: may become gazelle_usage_owner",
    ],
    [
        "revoke gazelle_usage_staff from gazelle_usage",
        "grant gazelle_usage_staff to gazelle_usage",
        "missing:  role gazelle_usage: may become gazelle_usage_staff",
    ],
    [
        "alter role gazelle_usage_owner set session_replication_role = replica",
        "alter role gazelle_usage_owner reset session_replication_role",
        "too much: role gazelle_usage_owner: sets session_replication_role=replica",
    ],
    [
        "grant connect on database gazelle_usage to public",
        "revoke connect on database gazelle_usage from public",
        "too much: database: everybody may connect",
    ],
    [
        "grant create on schema public to public",
        "revoke create on schema public from public",
        "too much: schema public: everybody may create",
    ],
    [
        "alter table record no force row level security",
        "alter table record force row level security",
        "too much: table record: shows rows by policy",
    ],
    [
        "alter table refused_record disable row level security",
        "alter table refused_record enable row level security",
        "missing:  table refused_record: shows rows by policy, to its owner too",
    ],
    [
        "alter policy period_platform on period using (true)",
        "alter policy period_platform on period using (platform = (select own_platform()))",
        "too much: table period: policy period_platform shows gazelle_usage_platform for select: true",
    ],
    [
        "create policy more on record for select to public using (true)",
        "drop policy more on record",
        "too much: table record: policy more shows everybody for select: true",
    ],
    [
        "grant update (amount_fen) on record to gazelle_usage_writer",
        "revoke update (amount_fen) on record from gazelle_usage_writer",
        "too much: table record column amount_fen: gazelle_usage_writer may update",
    ],
    [
        "grant delete on event to gazelle_usage_auditor",
        "revoke delete on event from gazelle_usage_auditor",
        "too much: table event: gazelle_usage_auditor may delete",
    ],
    [
        "revoke insert on withdrawal from gazelle_usage_writer",
        "grant insert on withdrawal to gazelle_usage_writer",
        "missing:  table withdrawal: gazelle_usage_writer may insert",
    ],
    [
        "alter table event disable trigger event_append_only",
        "alter table event enable trigger event_append_only",
        "too much: table event: trigger event_append_only runs refuse_change before update or delete \
         or truncate, for each statement, and is disabled",
    ],
    [
        "drop trigger withdrawal_append_only on withdrawal",
        "create trigger withdrawal_append_only before update or delete or truncate on withdrawal \
         for each statement execute function refuse_change()",
        "missing:  table withdrawal: trigger withdrawal_append_only runs refuse_change",
    ],
    [
        "create or replace trigger withdrawal_append_only before update on withdrawal \
         for each statement execute function refuse_change()",
        "create or replace trigger withdrawal_append_only before update or delete or truncate \
         on withdrawal for each statement execute function refuse_change()",
        "too much: table withdrawal: trigger withdrawal_append_only runs refuse_change before update, ",
    ],
    [
        "create or replace trigger withdrawal_append_only before update or delete or truncate \
         on withdrawal for each statement when (false) execute function refuse_change()",
        "create or replace trigger withdrawal_append_only before update or delete or truncate \
         on withdrawal for each statement execute function refuse_change()",
        "too much: table withdrawal: trigger withdrawal_append_only runs refuse_change before update or \
         delete or truncate, for each statement, where it says so",
    ],
    [
        "create rule lost as on insert to refused_record do instead nothing",
        "drop rule lost on refused_record",
        "too much: table refused_record: rule lost",
    ],
    [
        "alter table platform drop constraint platform_sealed_count_not_negative",
        "alter table platform add constraint platform_sealed_count_not_negative \
         check (sealed_count >= 0)",
        "missing:  table platform: constraint platform_sealed_count_not_negative",
    ],
    [
        "alter table platform drop constraint platform_sealed_count_not_negative, \
         add constraint platform_sealed_count_not_negative check (sealed_count >= 0) not valid",
        "alter table platform validate constraint platform_sealed_count_not_negative",
        "too much: table platform: constraint platform_sealed_count_not_negative, of new rows alone",
    ],
    [
        "alter table period disable trigger all",
        "alter table period enable trigger all",
        "too much: table period: constraint period_of_platform is not looked at",
    ],
    [
        "drop policy record_platform on record; create policy record_platform on record \
         as restrictive for select to gazelle_usage_platform using (platform = (select own_platform()))",
        "drop policy record_platform on record; create policy record_platform on record \
         for select to gazelle_usage_platform using (platform = (select own_platform()))",
        "too much: table record: policy record_platform restricts gazelle_usage_platform for select",
    ],
    [
        "grant gazelle_usage_staff to gazelle_usage with admin option",
        "revoke admin option for gazelle_usage_staff from gazelle_usage",
        "too much: role gazelle_usage: may become gazelle_usage_staff, and let others",
    ],
    [
        "set role gazelle_usage_auditor; select lo_from_bytea(0, 'x'); reset role",
        "select lo_unlink(oid) from pg_largeobject_metadata",
        "too much: large object: is owned by gazelle_usage_auditor",
    ],
    [
        "alter table sealed_total owner to gazelle_usage",
        "alter table sealed_total owner to gazelle_usage_owner",
        "too much: table sealed_total: is owned by gazelle_usage",
    ],
    [
        "alter function own_platform() security definer",
        "alter function own_platform() security invoker",
        "too much: function own_platform(): is owned by gazelle_usage_owner and runs as its owner, of content ",
    ],
    [
        "alter function own_platform() set gazelle.platform = 'alpha'",
        "alter function own_platform() reset gazelle.platform",
        "too much: function own_platform(): is owned by gazelle_usage_owner, with gazelle.platform=alpha, ",
    ],
];

#[tokio::test]
async fn a_fresh_database_is_right_and_each_planted_fault_is_told() {
    let apart = Apart::new().await;
    for service in SERVICES {
        let checked = apart.check_database(service, &[]).await;
        assert_eq!((checked.code, &*checked.stdout), (0, ""), "{checked:?}");
    }
    let url = apart.database_url("usage", "postgres");
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    for [plant, undo, told] in FAULTS {
        superuser.execute(plant).await.unwrap();
        let checked = apart.check_database("usage", &[]).await;
        assert_eq!(checked.code, 1, "{plant}");
        let mut lines = checked.stdout.lines();
        assert!(
            lines.any(|line| line.starts_with(told)),
            "{plant}: {checked:?}"
        );
        superuser.execute(undo).await.unwrap();
    }
    // Nothing else had changed.
    let checked = apart.check_database("usage", &[]).await;
    assert_eq!((checked.code, &*checked.stdout), (0, ""), "{checked:?}");
}

#[tokio::test]
async fn a_guard_that_guards_nothing_any_more_and_a_service_that_serves_as_another_are_told() {
    let apart = Apart::new().await;
    for service in SERVICES {
        let url = apart.database_url(service, &format!("gazelle_{service}_owner"));
        let mut owner = PgConnection::connect(&url).await.unwrap();
        let idle = "create or replace function refuse_change() returns trigger \
                    language plpgsql as 'begin return null; end'";
        owner.execute(AssertSqlSafe(idle)).await.unwrap();

        let checked = apart
            .check_database(service, &[("DATABASE__URL", &url)])
            .await;

        assert_eq!(checked.code, 1, "{checked:?}");
        let told = |start: &str| checked.stdout.lines().any(|line| line.starts_with(start));
        assert!(told("too much: function refuse_change(): "), "{checked:?}");
        let serves = format!("too much: configuration: serves as gazelle_{service}_owner");
        assert!(told(&serves), "{checked:?}");
    }
}
