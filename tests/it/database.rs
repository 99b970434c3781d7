//! What the databases refuse by themselves, whoever writes: past the services, as their own
//! roles.

use gazelle_runtime::clock::Clock;
use gazelle_tests::city::City;
use gazelle_tests::refusal::by_database;
use gazelle_tests::runs::run_of_400;
use gazelle_tests::suite::Suite;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// SQLSTATE and name of the rule by which the database refuses what is done to a run.
async fn refusal(session: &mut PgConnection, run: Uuid, statement: &str) -> (String, String) {
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).bind(run);
    by_database(&done.execute(session).await.unwrap_err())
}

#[tokio::test]
async fn a_run_is_not_approved_by_who_computed_published_or_changed_it_nor_before_its_time() {
    // What is written past the service here, `ledger verify` would find.
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let (run, _, _) = run_of_400(&city).await;
    let id: Uuid = run.run_id.parse().unwrap();
    let mut session = suite.database("settlement", "gazelle_settlement").await;
    let not_self_approved = ("23514".to_owned(), "run_not_self_approved".to_owned());
    let by = |who: &str| {
        format!(
            "update run set state = 'approved', decided_by = '{who}', decided_at = now()
             where run_id = $1"
        )
    };
    assert_eq!(
        refusal(&mut session, id, &by("person:officer")).await,
        not_self_approved
    );

    sqlx::query("update run set changed_by = '{person:judge}' where run_id = $1")
        .bind(id)
        .execute(&mut session)
        .await
        .unwrap();
    assert_eq!(
        refusal(&mut session, id, &by("person:judge")).await,
        not_self_approved
    );
    for forget in [
        "update run set changed_by = '{}' where run_id = $1",
        "update run set published_by = 'person:other' where run_id = $1",
        "update run set notice_ends_at = published_at - interval '1 day' where run_id = $1",
    ] {
        let history = ("23001".into(), "run_history".into());
        assert_eq!(refusal(&mut session, id, forget).await, history, "{forget}");
    }
    let early = "update run set state = 'approved', decided_by = 'person:approver', decided_at = clock_timestamp() - interval '1 h' where run_id = $1";
    assert_eq!(
        refusal(&mut session, id, early).await,
        ("23514".into(), "run_clock".into())
    );
    // The result cannot be told otherwise either.
    let more = "update run set granted_fen = granted_fen + 1 where run_id = $1";
    assert_eq!(
        refusal(&mut session, id, more).await,
        ("23514".into(), "run_grants_its_lines".into())
    );
    assert_eq!(
        city.approve(&run).await.unwrap().decided_by,
        "person:approver"
    );
    drop((city, session));
    suite.stop().await;
}

#[tokio::test]
async fn a_service_reaches_no_database_but_its_own() {
    let suite = Suite::shared();
    for (service, database) in [
        ("registry", "usage"),
        ("registry", "settlement"),
        ("usage", "registry"),
        ("usage", "settlement"),
        ("settlement", "registry"),
        ("settlement", "usage"),
    ] {
        for role in [
            format!("gazelle_{service}"),
            format!("gazelle_{service}_owner"),
        ] {
            let error = suite.try_database(database, &role).await.expect_err(&role);
            assert_eq!(by_database(&error).0, "42501", "{role} in {database}");
        }
    }
}

/// Code tells by their names what was refused, and so do tests; by itself PostgreSQL makes names of
/// columns.
#[tokio::test]
async fn every_constraint_has_a_name_that_somebody_chose() {
    for service in ["registry", "usage", "settlement"] {
        let mut session = Suite::shared().database(service, "postgres").await;
        let made = "select conname::text from pg_constraint
                    where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u', 'x')
                        and (conname ~ '_(check|fkey|key)[0-9]*$'
                            or not starts_with(conname, conrelid::regclass::text || '_'))
                    order by 1";
        let made: Vec<String> = sqlx::query_scalar(made)
            .fetch_all(&mut session)
            .await
            .unwrap();
        assert!(made.is_empty(), "{service}: {made:?}");
    }
}
