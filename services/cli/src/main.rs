//! The `gazelle` binary.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use gazelle_cli::args::Args;
use gazelle_cli::failure::Failure;
use gazelle_cli::output::note;
use gazelle_cli::words::{self, Lang};

fn main() -> ExitCode {
    words::speak(Lang::of(env::args().skip(1), |name| env::var(name).ok()));
    let matches = words::help::told(Args::command()).get_matches();
    let name = name(&matches);
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let result = tokio::runtime::Runtime::new()
        .map_err(Failure::from)
        .and_then(|runtime| {
            let result = runtime.block_on(gazelle_cli::dispatch::run(args, &name));
            // A thread that still reads a file or a terminal must not keep the process.
            runtime.shutdown_timeout(Duration::from_secs(1));
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure == Failure::output_closed() => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("{}: {failure}", words::ERROR.say()));
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
