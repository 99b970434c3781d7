//! What the platforms charged: takes records, counts each once, seals periods.
//!
//! The contract is `gazelle/usage/v1`. A batch goes `grpc/report` -> `ingest` (queue, writers) ->
//! `domain` (what becomes of each record) -> `store`; every other call `grpc` -> `app` (the verbs)
//! -> `domain` -> `store`. Only `app`, `ingest`, `names` and `metrics` open transactions.

use std::{sync::Arc, time::Duration};

use gazelle_runtime::{
    audit::{self, Trail},
    auth::Verifier,
    clock::Clock,
    database,
    process::admin,
    ready::{Needed, Readiness},
    server::Server,
    tls,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

mod app;
/// Public for the benchmark, which stands beside the crate.
#[doc(hidden)]
pub mod bench;
mod config;
mod domain;
mod grpc;
mod ingest;
mod metrics;
mod names;
mod store;
mod tuning;

pub use config::{Config, IngestConfig};

/// The tables of the service's database. Run as their owner, with the role `gazelle_usage` there
/// already: they grant it what it needs.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// What is left of the time to stop once calls are drained or cut off.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// Opens the files that the configuration names.
pub fn check(config: &Config) -> anyhow::Result<()> {
    tls::check(&config.server)?;
    Verifier::new(&config.auth, Clock::system())?;
    audit::signer(config.audit.as_ref())?;
    Ok(())
}

/// Serves on `listener` until `shutdown`; returns when calls under way are answered and what is
/// queued is written.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let verifier = Verifier::new(&config.auth, clock.clone())?;
    let readiness = Readiness::default();
    readiness.need("database", Needed::Always);
    let _admin = admin::start(config.admin.as_ref(), &readiness)?;
    let opened = database::start("usage", &config.database, &MIGRATOR, &shutdown).await?;
    let Some(pool) = opened else {
        return Ok(());
    };
    let figures = metrics::keep_reading(pool.clone(), clock.clone());
    // Nobody waits for the connections of what takes long, nor the writers for anybody's.
    let mut long_database = config.database.clone();
    long_database.max_connections = tuning::LONG_CONNECTIONS;
    let long_pool = database::open("usage-long", &long_database)?;
    let mut writers_database = config.database.clone();
    writers_database.max_connections = ingest::Writers::connections(&config.ingest);
    let writers_pool = database::open("usage-writers", &writers_database)?;
    let pools = [&pool, &long_pool, &writers_pool];
    let _database = database::watch(pools, &clock, &readiness);

    let trail = Trail::start(
        pool.clone(),
        store::TRAIL_ROLES,
        clock.clone(),
        config.audit.as_ref(),
        Some(Arc::new(app::Stored)),
    )?;
    let names = Arc::new(names::Names::default());
    let (ingest, writers) =
        ingest::Writers::start(&config.ingest, writers_pool.clone(), names.clone());
    let app = app::App::new(pool.clone(), long_pool.clone(), names, trail.clone());
    let server = Server::new("usage", verifier, &config.server, config.limits, readiness);
    let reports = grpc::Reports::new(ingest, clock, server.draining(), &config.ingest);
    let ended = server
        .trail(trail)
        .service(grpc::service(app, reports))
        .serve(listener, shutdown)
        .await;

    drop(figures);
    // Nothing that is still queued was acknowledged, so a database that is away need not be
    // waited for.
    let _ = tokio::time::timeout(CLOSE_WAIT, async {
        writers.finish().await;
        writers_pool.close().await;
        long_pool.close().await;
        pool.close().await;
    })
    .await;
    ended
}
