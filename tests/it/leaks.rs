//! What a database that refuses rows writes into its own log.

use std::fs;

use gazelle_cli::embedded::Postgres;
use gazelle_tests::leaks::{self, Leak};
use gazelle_tests::suite::Folder;
use gazelle_tests::{bulk, fresh};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// What refuses rows, each with a value of its own: in a bound parameter, in a statement's text,
/// and in a line of a COPY.
async fn be_refused(session: &mut PgConnection, code: &str, number: &str) {
    session
        .execute("create table kept (code text primary key check (code <> 'bad'), amount bigint)")
        .await
        .unwrap();
    let put = "insert into kept (code) values ($1)";
    sqlx::query(put)
        .bind(code)
        .execute(&mut *session)
        .await
        .unwrap();
    sqlx::query(put)
        .bind(code)
        .execute(&mut *session)
        .await
        .unwrap_err();
    let text = format!("insert into kept (code) values ('{number}'), ('bad')");
    session.execute(AssertSqlSafe(text)).await.unwrap_err();
    let mut copy = session.copy_in_raw("copy kept from stdin").await.unwrap();
    copy.send(format!("杭州市西湖区龙井茶庄 {code}\tbad\n").into_bytes())
        .await
        .unwrap();
    copy.finish().await.unwrap_err();
}

/// What leaks of it into the log, with these settings of PostgreSQL's.
async fn leaked(settings: &[(&str, &str)]) -> (String, Vec<Leak>) {
    let folder = Folder::new();
    let server = Postgres::start_with(&folder.home(), settings)
        .await
        .unwrap();
    let options: PgConnectOptions = server.url("postgres", "postgres").parse().unwrap();
    let mut session = PgConnection::connect_with(&options).await.unwrap();
    let code = fresh::uscc();
    be_refused(&mut session, &code, &bulk::account_number(&code)).await;
    session.close().await.unwrap();
    server.stop().await.unwrap();
    let kept = tempfile::tempdir().unwrap();
    let log = kept.path().join("a-postgres.log");
    let here = folder.home().join("postgres.log");
    fs::copy(&here, &log).unwrap();
    // What was planted is not kept with what the others log.
    fs::remove_file(&here).unwrap();
    (
        fs::read_to_string(&log).unwrap(),
        leaks::scan(kept.path()).1,
    )
}

#[tokio::test]
async fn a_database_logs_that_it_refused_rows_and_nothing_that_stood_in_them() {
    let (log, leaks) = leaked(&[]).await;
    assert!(
        log.contains("kept_pkey") && log.contains("kept_code_check"),
        "{log}"
    );
    assert!(log.contains("invalid input syntax"), "{log}");
    assert_eq!(leaks, []);
}

#[tokio::test]
async fn without_each_of_its_settings_values_stand_in_a_databases_log_and_are_found() {
    for loose in [
        ("log_error_verbosity", "default"),
        ("log_min_error_statement", "error"),
    ] {
        let (log, leaks) = leaked(&[loose]).await;
        assert_ne!(leaks, [], "{loose:?}: {log}");
    }
}
