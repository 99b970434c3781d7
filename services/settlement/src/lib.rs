//! Who bears what: programs, enrollments, runs, objections, budgets.
//!
//! A request is read in four files: [`grpc`] parses and renders, [`app`] has the verbs and opens
//! transactions, [`domain`] decides, [`store`] speaks SQL. [`peers`] reads the registry and the
//! usage services. The contract is `gazelle/settlement/v1`; the rules are `SETTLEMENT.md`.

pub mod app;
pub mod config;
pub mod domain;
pub mod grpc;
pub mod peers;
pub mod seal;
pub mod store;

use gazelle_proto::settlement::v1::{
    program_service_server::ProgramServiceServer, run_service_server::RunServiceServer,
};
use gazelle_runtime::{auth::Verifier, clock::Clock, database, server::Server};
use sqlx::migrate::Migrator;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::{Config, PeersConfig};

/// The tables, as their owner makes them.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Serves on `listener` until `shutdown` is cancelled and the drain is over.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let pool = database::connect("settlement", &config.database).await?;
    let peers = peers::Peers::new(&config.peers)?;
    let app = app::App::new(pool, clock.clone(), peers);
    Server::new("settlement", Verifier::new(&config.auth, clock)?)
        .service(ProgramServiceServer::new(grpc::Programs(app.clone())))
        .service(RunServiceServer::new(grpc::Runs(app)))
        .serve(listener, shutdown)
        .await
}
