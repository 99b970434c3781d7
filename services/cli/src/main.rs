//! The `gazelle` binary.

use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use gazelle_cli::args::Args;
use gazelle_cli::failure::Failure;

fn main() -> ExitCode {
    let matches = Args::command().get_matches();
    let name = name(&matches);
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let result = tokio::runtime::Runtime::new()
        .map_err(Failure::from)
        .and_then(|runtime| {
            let result = runtime.block_on(gazelle_cli::commands::run(args, &name));
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

/// The command without its arguments, which may name somebody.
fn name(matches: &ArgMatches) -> String {
    let mut name = "gazelle".to_owned();
    let mut rest = matches.subcommand();
    while let Some((command, matches)) = rest {
        name.push(' ');
        name.push_str(command);
        rest = matches.subcommand();
    }
    name
}
