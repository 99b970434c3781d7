//! The registry: who the enterprises are, how large they are, whose shop is whose, and which
//! accounts payees are paid to.
//!
//! The contract is `gazelle/registry/v1`. A request goes `grpc` -> `app` (the verbs) -> `domain`
//! -> `store`.
//!
//! Every batch that changes anything raises the revision;
//! every version of every item is kept with the revisions between which it holds, so that the
//! facts of any past revision can be read again. Writes are serialized by the lock of the
//! revision's row; reads take a snapshot and wait for nobody.

use std::sync::Arc;

use gazelle_runtime::{
    audit::{self, Roles, Trail},
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
mod config;
mod domain;
mod grpc;
mod metrics;
mod store;

pub use config::Config;

/// The tables of the service's database. Run as their owner, with the role `gazelle_registry`
/// there already: they grant it what it needs.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Opens the files that the configuration names.
pub fn check(config: &Config) -> anyhow::Result<()> {
    tls::check(&config.server)?;
    Verifier::new(&config.auth, Clock::system())?;
    audit::signer(config.audit.as_ref())?;
    Ok(())
}

/// Serves on `listener` until `shutdown`; returns when calls under way are answered.
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
    let opened = database::start("registry", &config.database, &MIGRATOR, &shutdown).await?;
    let Some(pool) = opened else {
        return Ok(());
    };
    let _database = database::watch([&pool], &clock, &readiness);
    let _figures = metrics::keep_reading(pool.clone());
    let trail = Trail::start(
        pool.clone(),
        Roles::default(),
        clock,
        config.audit.as_ref(),
        Some(Arc::new(store::comparison::Stored)),
    )?;
    let app = app::App::new(pool, trail.clone());
    Server::new(
        "registry",
        verifier,
        &config.server,
        config.limits,
        readiness,
    )
    .trail(trail)
    .service(grpc::service(app))
    .serve(listener, shutdown)
    .await
}
