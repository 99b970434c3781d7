//! What a pool makes of connections whose user went away in the middle.

use std::fs::{self, File};
use std::sync::Arc;

use futures::FutureExt as _;
use gazelle_cli::embedded::Postgres;
use gazelle_runtime::config::DatabaseConfig;
use gazelle_runtime::database;
use gazelle_tests::suite::Folder;
use sqlx::Connection as _;
use tracing_subscriber::util::SubscriberInitExt as _;

#[tokio::test]
async fn a_cancelled_beginning_is_rolled_back_and_not_warned_of() {
    let folder = Folder::new();
    let server = Postgres::start_with(&folder.home(), &[]).await.unwrap();
    let kept = tempfile::NamedTempFile::new().unwrap();
    // Of this thread alone, which is the runtime's only one.
    let _logged = tracing_subscriber::fmt()
        .with_writer(Arc::new(File::create(kept.path()).unwrap()))
        .set_default();
    let url = server.url("postgres", "postgres").parse().unwrap();
    let config = DatabaseConfig {
        max_connections: 1.try_into().unwrap(),
        acquire_timeout_ms: 10_000,
        ..DatabaseConfig::new(url)
    };
    let pool = database::open("test", &config).unwrap();
    for _ in 0..20 {
        let mut connection = pool.acquire().await.unwrap();
        let begun = "begin isolation level repeatable read, read only";
        // As far as it comes without waiting for an answer, which now and then is there at once.
        drop(connection.begin_with(begun).now_or_never());
        drop(connection);
        // It would fail in what was left open, and be lost with it.
        sqlx::query("create table if not exists kept (id int)")
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;
    server.stop().await.unwrap();
    let said = fs::read_to_string(folder.home().join("postgres.log")).unwrap();
    let left_open = "there is already a transaction in progress";
    assert!(said.contains(left_open), "nothing was left open: {said}");
    let logged = fs::read_to_string(kept.path()).unwrap();
    assert!(!logged.contains(left_open), "{logged}");
}
