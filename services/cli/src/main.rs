//! The `gazelle` binary.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use gazelle_cli::args::{Args, without_empty_variables};
use gazelle_cli::failure::Failure;
use gazelle_cli::output::note;
use gazelle_cli::words::{self, Lang};

fn main() -> ExitCode {
    if let Some(error) = forget_the_shells_database() {
        note(&format!("error: {error}"));
        return ExitCode::FAILURE;
    }
    // The name of a file may be in any encoding.
    let said = env::args_os().skip(1);
    let said = said.map(|argument| argument.to_string_lossy().into_owned());
    words::speak(Lang::of(said, |name| env::var(name).ok()));
    let command = without_empty_variables(Args::command());
    let matches = match words::help::told(command).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return words::help::refused(error),
    };
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
            if failure.is_bad_usage() {
                return ExitCode::from(2);
            }
            ExitCode::FAILURE
        }
    }
}

/// Starts this program anew without the variables by which PostgreSQL's clients are told of a
/// database, such as `PGPORT` and `PGOPTIONS`: those of the shell are meant for another one than
/// the private one here. Returns only if there are none, or where it can't.
fn forget_the_shells_database() -> Option<std::io::Error> {
    let theirs = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("PG");
    let names: Vec<_> = env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| theirs(name))
        .collect();
    // Whoever starts the suite on a database of their own may mean these.
    let starts_suite = env::args_os().skip(1).any(|argument| argument == "up");
    let own =
        |argument: std::ffi::OsString| argument.to_string_lossy().starts_with("--database-url");
    let is_set = env::var_os("GAZELLE_DATABASE_URL").is_some_and(|url| !url.is_empty());
    let names_own = is_set || env::args_os().any(own);
    if names.is_empty() || starts_suite && names_own {
        return None;
    }
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(error) => return Some(error),
    };
    let mut again = std::process::Command::new(program);
    again.args(env::args_os().skip(1));
    for name in names {
        again.env_remove(name);
    }
    Some(again.exec())
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
