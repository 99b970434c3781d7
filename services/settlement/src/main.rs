//! `gazelle-settlement`: the service as a process of its own.

use std::process::ExitCode;

use gazelle_runtime::process::command::{Binary, run};
use gazelle_settlement::{Config, MIGRATOR, check, serve};

fn main() -> ExitCode {
    let binary = Binary {
        service: "settlement",
        migrator: &MIGRATOR,
        server: |config: &Config| &config.server,
        database: |config| &config.database,
        telemetry: |config| &config.telemetry,
        check,
        access: include_str!("../access.txt"),
    };
    run(&binary, serve)
}
