//! The registry as a process of its own.

use std::process::ExitCode;

use gazelle_registry::{Config, MIGRATOR};
use gazelle_runtime::{clock::Clock, command, config::DatabaseConfig};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    command::run("registry", &MIGRATOR, database, serve)
}

fn database(config: &Config) -> &DatabaseConfig {
    &config.database
}

async fn serve(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.server.listen).await?;
    gazelle_registry::serve(config, listener, Clock::system(), shutdown).await
}
