//! `gazelle-settlement`: the service as a process of its own.

use std::process::ExitCode;

use gazelle_runtime::{
    clock::Clock,
    process::command::{Binary, run},
    server,
};
use gazelle_settlement::{Config, MIGRATOR, check, serve};

fn main() -> ExitCode {
    let binary = Binary {
        service: "settlement",
        migrator: &MIGRATOR,
        database: |config: &Config| &config.database,
        telemetry: |config| &config.telemetry,
        check,
        access: include_str!("../access.txt"),
    };
    run(&binary, async |config: Config, shutdown| {
        let listener = server::bind(config.server.listen).await?;
        serve(config, listener, Clock::system(), shutdown).await
    })
}
