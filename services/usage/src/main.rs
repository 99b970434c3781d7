//! `gazelle-usage`: the service as a process of its own.

use std::process::ExitCode;

use gazelle_runtime::process::command::{Binary, run};
use gazelle_usage::{Config, MIGRATOR, check, serve};

fn main() -> ExitCode {
    let binary = Binary {
        service: "usage",
        migrator: &MIGRATOR,
        server: |config: &Config| &config.server,
        database: |config| &config.database,
        telemetry: |config| &config.telemetry,
        check,
        access: include_str!("../access.txt"),
    };
    run(&binary, serve)
}
