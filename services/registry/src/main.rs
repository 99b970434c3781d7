//! `gazelle-registry`: the service as a process of its own.

use std::process::ExitCode;

use gazelle_registry::{Config, MIGRATOR, check, serve};
use gazelle_runtime::{
    clock::Clock,
    process::command::{Binary, run},
    server,
};

fn main() -> ExitCode {
    let binary = Binary {
        service: "registry",
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
