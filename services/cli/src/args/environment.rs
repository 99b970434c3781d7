//! What the environment gives in place of options.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{Arg, Command, CommandFactory as _};

use super::Args;

/// The command line, for which a variable of the environment that is empty is none: `clap` takes
/// it for an option without its value, which nobody gave.
#[must_use]
pub fn command() -> Command {
    without_empty(Args::command(), &|name| env::var_os(name))
}

fn without_empty(command: Command, env: &impl Fn(&OsStr) -> Option<OsString>) -> Command {
    let names: Vec<_> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let is_empty = |arg: &Arg| {
        let value = arg.get_env().and_then(env);
        value.is_some_and(|value| value.is_empty())
    };
    let command = command.mut_args(|arg| {
        if is_empty(&arg) {
            arg.env(Resettable::Reset)
        } else {
            arg
        }
    });
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |sub| without_empty(sub, env))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variables that count, of the command and those below it.
    fn counted(command: &Command) -> Vec<String> {
        let below = command.get_subcommands().flat_map(counted);
        let own = command.get_arguments().filter_map(Arg::get_env);
        let own = own.map(|name| name.to_string_lossy().into_owned());
        own.chain(below).collect()
    }

    #[test]
    fn an_empty_variable_gives_no_option_and_another_does() {
        let set = without_empty(Args::command(), &|_| Some("x".into()));
        let names = [
            "GAZELLE_HOME",
            "GAZELLE_AS",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "GAZELLE_DATABASE_URL",
        ];
        assert_eq!(counted(&set), names);
        assert_eq!(counted(&without_empty(Args::command(), &|_| None)), names);
        let empty = without_empty(Args::command(), &|_| Some(OsString::new()));
        assert!(counted(&empty).is_empty());
    }
}
