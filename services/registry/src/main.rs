//! The registry as a process of its own.

use std::process::ExitCode;

use gazelle_registry::{Config, MIGRATOR, check};
use gazelle_runtime::{
    clock::Clock,
    command::{Binary, run},
    server,
};
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let binary = Binary {
        service: "registry",
        migrator: &MIGRATOR,
        database: |config: &Config| &config.database,
        telemetry: |config| &config.telemetry,
        check,
        access: include_str!("../access.txt"),
    };
    run(&binary, serve)
}

async fn serve(config: Config, shutdown: CancellationToken) -> anyhow::Result<()> {
    let listener = server::bind(config.server.listen).await?;
    gazelle_registry::serve(config, listener, Clock::system(), shutdown).await
}
