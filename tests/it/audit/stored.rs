//! Whoever edits what the registry stores past all rules of the database is found out, though the
//! trail itself is whole.

use gazelle_proto::registry::v1::{
    ChangeEnterpriseCodeRequest, CodeChange, CodeKind, Enterprise, Filing, Platform, Suspension,
};
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::{micro, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::office::{Office, account};
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::registry::{put_enterprises, put_filings, put_platforms, put_suspensions};
use gazelle_tests::suite::Suite;
use gazelle_tests::trail::{registry_is_sound, verify_all};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};
use time::Duration;
use tonic::Code;

/// One of everything that the registry keeps, and most of it changed afterwards.
async fn fill(office: &Office<'_>) {
    let (one, other) = (fresh::uscc(), fresh::uscc());
    let platform = fresh::platform("mall");
    put_enterprises_of(office, &one, &other).await;
    change_codes(office, &one).await;
    let city = &office.city;
    let filings = [(&one, 2015, 5), (&one, 2016, 5), (&other, 2016, 7)];
    let filings = filings.map(|(uscc, year, headcount)| Filing {
        headcount,
        ..micro(uscc, year)
    });
    put_filings(city, filings.to_vec()).await.unwrap();
    let again = Filing {
        annual_revenue_fen: 1,
        total_assets_fen: 2,
        ..micro(&one, 2016)
    };
    put_filings(city, vec![again]).await.unwrap();
    for to in ["", "2017-09-01"] {
        let suspension = Suspension {
            uscc: one.clone(),
            suspended_from: "2017-03-01".to_owned(),
            suspended_to: to.to_owned(),
            reason: "核查中".to_owned(),
        };
        put_suspensions(city, vec![suspension]).await.unwrap();
    }

    city.bind(&platform, "shop", &one).await;
    city.bind_over(&platform, "shop", &one, ["2010-01-01", "2017-06-01"])
        .await;
    city.bind_over(&platform, "shop", &other, ["2017-06-01", ""])
        .await;
    city.bind(&platform, "stall", &other).await;
    city.bind(&platform, "stall", &one).await;
    for (name, reports_to) in [("阿尔法商城", ""), ("阿尔法商城", "2018-01")] {
        let known = Platform {
            platform_id: platform.clone(),
            name: name.to_owned(),
            reports_from: "2017-01".to_owned(),
            reports_to: reports_to.to_owned(),
        };
        put_platforms(city, vec![known]).await.unwrap();
    }
    keep_accounts(office, &platform).await;
}

async fn put_enterprises_of(office: &Office<'_>, one: &str, other: &str) {
    let excepted = Enterprise {
        established_on: "2016-02-29".to_owned(),
        uscc_exception_evidence: "licence seen".to_owned(),
        ..shopkeeper(&fresh::irregular_uscc())
    };
    let renamed = Enterprise {
        name: "杭州市西湖区新茶庄".to_owned(),
        ..shopkeeper(one)
    };
    let all = vec![shopkeeper(one), shopkeeper(other), excepted];
    office.city.register(all).await;
    put_enterprises(&office.city, vec![renamed]).await.unwrap();
}

async fn change_codes(office: &Office<'_>, uscc: &str) {
    let district = (CodeKind::District, "330110");
    for (kind, code) in [
        (CodeKind::District, "330108"),
        district,
        (CodeKind::Industry, "5211"),
    ] {
        let request = ChangeEnterpriseCodeRequest {
            uscc: uscc.to_owned(),
            change: Some(CodeChange {
                kind: kind.into(),
                code: code.to_owned(),
                effective_from: "2017-06-01".to_owned(),
            }),
        };
        let mut registry = office.city.registrar.registry.clone();
        registry.change_enterprise_code(request).await.unwrap();
    }
}

/// Accounts that come to stand wherever one can.
async fn keep_accounts(office: &Office<'_>, platform: &str) {
    let [newer, rejected, ended, returned, late] = [
        office.payee().await,
        office.payee().await,
        office.payee().await,
        office.payee().await,
        office.payee().await,
    ];
    let mut excepted = account(platform, "阿尔法商城（代收）");
    "委托书".clone_into(&mut excepted.name_exception_evidence);
    let all = [&newer, &rejected, &ended, &returned, &late, &excepted];
    office.put(&all).await;
    assert_eq!(office.reject(&rejected).await.unwrap(), (1, 0));
    let all = [&newer, &ended, &returned, &late, &excepted];
    assert_eq!(office.confirm(&all).await, 5);
    assert_eq!(office.reject(&ended).await.unwrap(), (0, 1));
    for number in ["11111111", "22222222"] {
        let mut proposed = newer.clone();
        proposed.account_number = number.to_owned();
        office.put(&[&proposed]).await;
    }
    assert_eq!(office.confirm(&[&newer]).await, 1);

    // Finer than what a database keeps.
    let now = Clock::system().now() + Duration::nanoseconds(700);
    assert_eq!(
        office
            .note(&returned, &fresh::program("payment"), now)
            .await,
        1
    );
    office.put(&[&returned]).await;
    assert_eq!(office.confirm(&[&returned]).await, 1);
    // Proposed again between a return and its late note, which proposes it then.
    let before = Clock::system().now();
    office.put(&[&late]).await;
    let payment = fresh::program("payment");
    assert_eq!(office.note(&late, &payment, before).await, 1);
    assert_eq!(office.versions(&late).await.len(), 2);
}

/// What is not what the entries say: the kind, and at which entry.
async fn found(suite: &Suite, what: &str) -> i64 {
    let verified = verify_all(suite, "registry").await;
    assert!(verified.is_err(), "{what} is not found");
    let status = refused(verified, Code::DataLoss, "CHAIN_BROKEN");
    assert_eq!(metadata(&status, "kind"), "STATE_DISAGREES", "{what}");
    metadata(&status, "entry_number").parse().unwrap()
}

/// A superuser for whom no trigger fires and no rule holds, and who can put a table back as it
/// was.
struct RegistryIntruder(PgConnection);

/// Tables that no entry of the trail is about: what was migrated, and the trail itself, whose
/// chain is checked by itself. A repeated proposal changes nothing, so that no entry has it.
const NOT_COMPARED: &str =
    "'_sqlx_migrations', 'schema_floor', 'event', 'event_head', 'payment_account_repeat'";

impl RegistryIntruder {
    async fn into(suite: &Suite) -> Self {
        let mut intruder = Self(suite.database("registry", "postgres").await);
        // Indexes go with the primary and unique keys, the others by themselves.
        let no_rules = "set session_replication_role = replica;
            do $$
            declare
                rule record;
            begin
                for rule in select conrelid::regclass as its, conname from pg_constraint
                            where contype in ('f', 'c') and connamespace = 'public'::regnamespace loop
                    execute format('alter table %s drop constraint %I', rule.its, rule.conname);
                end loop;
                for rule in select conrelid::regclass as its, conname from pg_constraint
                            where contype in ('p', 'u') and connamespace = 'public'::regnamespace loop
                    execute format('alter table %s drop constraint %I', rule.its, rule.conname);
                end loop;
                for rule in select indexrelid::regclass as its from pg_index
                            where indrelid::regclass::text not like '%.%'
                              and indrelid in (select oid from pg_class
                                               where relnamespace = 'public'::regnamespace) loop
                    execute format('drop index %s', rule.its);
                end loop;
                for rule in select table_name as its, column_name as of from information_schema.columns
                            where table_schema = 'public' and is_nullable = 'NO' loop
                    execute format('alter table %I alter column %I drop not null', rule.its, rule.of);
                end loop;
            end $$;
            alter table event alter column revision drop expression;
            create schema kept";
        intruder.run(no_rules).await;
        intruder
    }

    async fn run(&mut self, statements: &str) {
        let done = self.0.execute(AssertSqlSafe(statements.to_owned())).await;
        done.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// All that a query says, as texts.
    async fn ask(&mut self, query: &str) -> Vec<Vec<String>> {
        let rows = self.0.fetch_all(AssertSqlSafe(query.to_owned())).await;
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
        let texts = |row: &sqlx::postgres::PgRow| (0..row.len()).map(|at| row.get(at)).collect();
        rows.iter().map(texts).collect()
    }

    /// Which tables are compared, each with the column that has the revision that wrote a row.
    async fn tables(&mut self) -> Vec<(String, String)> {
        let tables = format!(
            "select table_name::text, max(column_name::text)
                        filter (where column_name in ('since_revision', 'proposed_revision', 'revision'))
             from information_schema.columns
             where table_schema = 'public' and table_name not in ({NOT_COMPARED})
             group by table_name order by table_name"
        );
        let rows = self.ask(&tables).await.into_iter();
        rows.map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    /// A table's columns, each with what it may be changed to.
    async fn columns(&mut self, table: &str) -> Vec<(String, String)> {
        let columns = format!(
            "select column_name::text,
                    case data_type
                        when 'text' then format('coalesce(%1$I, '''') || ''x''', column_name)
                        when 'integer' then format('%I + 1', column_name)
                        when 'bigint' then format('coalesce(%I, 0) + 1', column_name)
                        when 'boolean' then format('not %I', column_name)
                        when 'bytea' then format('%I || ''\\x00''', column_name)
                        when 'date' then format('coalesce(%I + 1, ''2017-01-01'')', column_name)
                        when 'timestamp with time zone'
                            then format('coalesce(%I + interval ''1 us'', now())', column_name)
                    end
             from information_schema.columns
             where table_schema = 'public' and table_name = '{table}' order by ordinal_position"
        );
        let rows = self.ask(&columns).await.into_iter();
        rows.map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    /// A table's rows by where they lie, each with the entry that wrote it.
    async fn rows(&mut self, table: &str, revision: &str) -> Vec<(String, i64)> {
        let rows = format!(
            "select its.ctid::text, event.number::text
             from {table} its join event on event.revision = its.{revision} order by its.ctid"
        );
        let rows = self.ask(&rows).await.into_iter();
        rows.map(|row| (row[0].clone(), row[1].parse().unwrap()))
            .collect()
    }

    /// Does as a statement says, has it found, and puts the table back.
    async fn try_on(&mut self, suite: &Suite, table: &str, statement: &str) -> i64 {
        self.run(statement).await;
        let number = found(suite, statement).await;
        let undo = format!("truncate {table}; insert into {table} table kept.{table}");
        self.run(&undo).await;
        number
    }
}

#[tokio::test]
async fn every_column_of_every_row_that_somebody_edits_is_found_at_the_entry_that_wrote_it() {
    let suite = Suite::start(Clock::system()).await;
    fill(&Office::on(&suite)).await;
    registry_is_sound(&suite).await;
    let mut intruder = RegistryIntruder::into(&suite).await;
    let tables = intruder.tables().await;
    assert_eq!(tables.len(), 10, "{tables:?}");
    for (table, revision) in tables {
        intruder
            .run(&format!("create table kept.{table} as table {table}"))
            .await;
        let columns = intruder.columns(&table).await;
        let count = intruder.rows(&table, &revision).await.len();
        assert!(count > 0, "{table} has rows");
        for at in 0..count {
            for (column, other) in &columns {
                // One row of each table stands for all where nothing is left of a column.
                let others = [other, "null"];
                for other in &others[..if at == 0 { 2 } else { 1 }] {
                    // Where they lie now: the table was put back.
                    let (row, number) = intruder.rows(&table, &revision).await.swap_remove(at);
                    let edit = format!(
                        "update {table} set {column} = {other}
                         where ctid = '{row}' and {column} is distinct from {other}"
                    );
                    let same = intruder
                        .ask(&format!(
                            "select ({column} is not distinct from {other})::text
                             from {table} where ctid = '{row}'"
                        ))
                        .await;
                    if same[0][0] == "false" {
                        let found = intruder.try_on(&suite, &table, &edit).await;
                        assert_eq!(found, number, "{edit}");
                    }
                }
            }
        }
    }
    registry_is_sound(&suite).await;
    suite.stop().await;
}

#[tokio::test]
async fn a_row_that_somebody_deletes_or_inserts_or_doubles_is_found() {
    let suite = Suite::start(Clock::system()).await;
    fill(&Office::on(&suite)).await;
    let mut intruder = RegistryIntruder::into(&suite).await;
    let last = intruder
        .ask("select max(number)::text from event where action <> 'read'")
        .await;
    let end = intruder.ask("select number::text from event_head").await;
    let (last, end): (i64, i64) = (last[0][0].parse().unwrap(), end[0][0].parse().unwrap());
    for (table, revision) in intruder.tables().await {
        intruder
            .run(&format!("create table kept.{table} as table {table}"))
            .await;
        let first = intruder.columns(&table).await.swap_remove(0);
        let count = intruder.rows(&table, &revision).await.len();
        for at in 0..count {
            let (row, number) = intruder.rows(&table, &revision).await.swap_remove(at);
            let delete = format!("delete from {table} where ctid = '{row}'");
            assert_eq!(intruder.try_on(&suite, &table, &delete).await, number);
            let (row, _) = intruder.rows(&table, &revision).await.swap_remove(at);
            let double = format!("insert into {table} select * from {table} where ctid = '{row}'");
            let found = intruder.try_on(&suite, &table, &double).await;
            assert!([number, end].contains(&found), "{double}: {found}");
            // One that no entry knows shows at the end.
            let (row, _) = intruder.rows(&table, &revision).await.swap_remove(at);
            let insert = format!(
                "create temporary table new as select * from {table} where ctid = '{row}';
                 update new set {} = {};
                 insert into {table} table new;
                 drop table new",
                first.0, first.1
            );
            let found = intruder.try_on(&suite, &table, &insert).await;
            let expected = if table == "revision" { last } else { end };
            assert_eq!(found, expected, "{insert}");
        }
    }
    let edit = "update event set revision = revision + 1000 where number = 3";
    intruder.run(edit).await;
    assert_eq!(found(&suite, edit).await, 3);
    suite.stop().await;
}
