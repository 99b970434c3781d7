//! `gazelle-usage`: the usage service as its own process.

use std::process::ExitCode;

use gazelle_runtime::{
    clock::Clock,
    command::{Binary, run},
};
use gazelle_usage::{Config, MIGRATOR, check, serve};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let binary = Binary {
        service: "usage",
        migrator: &MIGRATOR,
        database: |config: &Config| &config.database,
        telemetry: |config| &config.telemetry,
        check,
    };
    run(&binary, async |config: Config, shutdown| {
        let listener = TcpListener::bind(config.server.listen).await?;
        serve(config, listener, Clock::system(), shutdown).await
    })
}
