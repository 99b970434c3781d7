//! The `gazelle` binary.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use gazelle_cli::args::Args;
use gazelle_cli::failure::Failure;

fn main() -> ExitCode {
    let args = Args::parse();
    let result = tokio::runtime::Runtime::new()
        .map_err(Failure::from)
        .and_then(|runtime| {
            let result = runtime.block_on(gazelle_cli::commands::run(args));
            // A thread that still reads a file or a terminal must not keep the process.
            runtime.shutdown_timeout(Duration::from_secs(1));
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure == Failure::output_closed() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
