//! The settlement service's own binary.

use std::process::ExitCode;

use gazelle_runtime::{clock::Clock, command};
use gazelle_settlement::{Config, MIGRATOR, serve};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    command::run(
        "settlement",
        &MIGRATOR,
        |config: &Config| &config.database,
        async |config, stop| {
            let listener = TcpListener::bind(config.server.listen).await?;
            serve(config, listener, Clock::system(), stop).await
        },
    )
}
