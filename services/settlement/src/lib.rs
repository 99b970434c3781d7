//! Who bears what, and how it becomes money on an account: programs, enrollments, runs,
//! objections, the books, payments.
//!
//! The contract is `gazelle/settlement/v1`, the rules are `SETTLEMENT.md` and `PAYMENT.md`. A
//! request goes `grpc` -> `app` (the verbs) -> `domain` -> `store`; `peers` asks the registry and
//! the usage services, before a transaction and never in one.

use gazelle_client::ClientError;
use gazelle_runtime::{
    audit::{self, Roles, Trail},
    auth::Verifier,
    clock::Clock,
    config::PeerConfig,
    database,
    process::admin,
    ready::{Needed, Readiness, peers::watch},
    server::Server,
    tls,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

mod app;
mod config;
/// Public for the tests of the rules, which stand beside the crate, and for the command line, which
/// tells what an answer would do before it is sent.
#[doc(hidden)]
pub mod domain;
mod grpc;
mod metrics;
mod peers;
mod store;

pub use config::{Config, PayerConfig, PeersConfig};

/// The tables of the service's database. Run as their owner, with the role `gazelle_settlement`
/// there already: they grant it what it needs.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Opens the files that the configuration names, and reads what it says.
pub fn check(config: &Config) -> anyhow::Result<()> {
    tls::check(&config.server)?;
    config
        .payer
        .as_ref()
        .map(PayerConfig::account)
        .transpose()?;
    Verifier::new(&config.auth, Clock::system())?;
    audit::signer(config.audit.as_ref())?;
    peers::Peers::new(&config.peers)?;
    Ok(())
}

/// Serves on `listener` until `shutdown`; returns when calls under way are answered.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let payer = config
        .payer
        .as_ref()
        .map(PayerConfig::account)
        .transpose()?;
    let readiness = Readiness::default();
    readiness.need("database", Needed::Always);
    let mut watching = vec![watch_peer("registry", &config.peers.registry, &readiness)?];
    for (cell, usage) in config.peers.usage.iter().enumerate() {
        watching.push(watch_peer(&format!("usage[{cell}]"), usage, &readiness)?);
    }
    let shown = config.peers.certificate_files();
    let _shown = (!shown.is_empty())
        .then(|| tls::keep_shown("settlement", shown))
        .transpose()?;
    let _admin = admin::start(config.admin.as_ref(), &readiness)?;
    let opened = database::start("settlement", &config.database, &MIGRATOR, &shutdown).await?;
    let Some(pool) = opened else {
        return Ok(());
    };
    let _database = database::watch([&pool], &clock, &readiness);
    let _figures = metrics::keep_reading(pool.clone());
    let peers = peers::Peers::new(&config.peers)?;
    let trail = Trail::start(
        pool.clone(),
        Roles::default(),
        clock.clone(),
        config.audit.as_ref(),
        // `VerifyLedger` compares what is stored here.
        None,
    )?;
    let app = app::App::new(pool, clock.clone(), peers, payer);
    let _telling = app.keep_telling_returns();
    let verifier = Verifier::new(&config.auth, clock)?;
    Server::new(
        "settlement",
        verifier,
        &config.server,
        config.limits,
        readiness,
    )
    .trail(trail)
    .service(grpc::programs(app.clone()))
    .service(grpc::runs(app.clone()))
    .service(grpc::payments(app.clone()))
    .service(grpc::ledger(app))
    .serve(listener, shutdown)
    .await
}

/// Only computing a run, preparing an order and releasing it ask peers, and each says so when one
/// is away. So they are needed until they answered once, which shows that they are configured well:
/// a service that stops being ready whenever another does would take all of them down together.
fn watch_peer(
    name: &str,
    peer: &PeerConfig,
    readiness: &Readiness,
) -> Result<AbortOnDropHandle<()>, ClientError> {
    let tls = peer.tls_files()?;
    watch(name, &peer.url, &tls, Needed::AtFirst, readiness)
}
