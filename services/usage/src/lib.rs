//! What the platforms charged: takes records, counts each once, seals months.
//!
//! The contract is `gazelle/usage/v1`. A batch goes `grpc/report` -> `ingest` (queue, writers) ->
//! `domain` (what becomes of each record) -> `store`; every other call `grpc` -> `app` (the verbs)
//! -> `domain` -> `store`. Only `app`, `ingest` and `names` open transactions.

mod app;
#[doc(hidden)]
pub mod bench;
mod config;
mod domain;
mod grpc;
mod ingest;
mod names;
mod store;

use std::sync::Arc;

use gazelle_runtime::{auth::Verifier, clock::Clock, database, server::Server};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::{Config, IngestConfig};

/// The tables of the service's database. Run as their owner, with the role `gazelle_usage` there
/// already: they grant it what it needs.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Serves on `listener` until `shutdown`; returns when calls under way are answered and what is
/// queued is written.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let verifier = Verifier::new(&config.auth, clock.clone())?;
    let pool = database::connect("usage", &config.database).await?;
    // Nobody waits for the connections of what takes long, nor the writers for anybody's.
    let mut long_database = config.database.clone();
    long_database.max_connections = app::LONG_CONNECTIONS;
    let long_pool = database::connect("usage-long", &long_database).await?;
    let mut writers_database = config.database.clone();
    writers_database.max_connections = config.ingest.writers.max(1);
    let writers_pool = database::connect("usage-writers", &writers_database).await?;

    let names = Arc::new(names::Names::default());
    let (ingest, writers) =
        ingest::Writers::start(&config.ingest, writers_pool.clone(), names.clone());
    let app = app::App::new(pool.clone(), long_pool.clone(), names, clock.clone());
    let reports = grpc::Reports::new(ingest, clock, shutdown.clone(), &config.ingest);
    let served = Server::new("usage", verifier)
        .service(grpc::service(app, reports))
        .serve(listener, shutdown)
        .await;

    writers.finish().await;
    writers_pool.close().await;
    long_pool.close().await;
    pool.close().await;
    served
}
