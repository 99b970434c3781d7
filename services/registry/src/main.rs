//! `gazelle-registry`: the service as a process of its own.

use std::process::ExitCode;

use gazelle_registry::{Config, MIGRATOR, check, serve};
use gazelle_runtime::process::command::{Binary, run};

fn main() -> ExitCode {
    let binary = Binary {
        service: "registry",
        migrator: &MIGRATOR,
        server: |config: &Config| &config.server,
        database: |config| &config.database,
        telemetry: |config| &config.telemetry,
        check,
        access: include_str!("../access.txt"),
    };
    run(&binary, serve)
}
