//! `gazelle-usage`: the usage service as its own process.

use std::process::ExitCode;

use gazelle_runtime::{clock::Clock, command};
use gazelle_usage::{Config, MIGRATOR, serve};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    command::run(
        "usage",
        &MIGRATOR,
        |config: &Config| &config.database,
        async |config: Config, shutdown| {
            let listener = TcpListener::bind(config.server.listen).await?;
            serve(config, listener, Clock::system(), shutdown).await
        },
    )
}
