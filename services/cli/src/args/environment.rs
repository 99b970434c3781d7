//! What the environment gives in place of options.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{Arg, Command};

/// The same for which a variable of the environment that is empty is none: `clap` takes it for an
/// option without its value, which nobody gave.
#[must_use]
pub fn without_empty_variables(command: Command) -> Command {
    without_empty(command, &|name| env::var_os(name))
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
        let option = |name: &'static str| Arg::new(name).long(name).env(name);
        let below = Command::new("up").arg(option("url"));
        let command = Command::new("gazelle")
            .arg(option("home").global(true))
            .subcommand(below);
        let names = ["home", "url"];
        let set = without_empty(command.clone(), &|_| Some("x".into()));
        assert_eq!(counted(&set), names);
        assert_eq!(counted(&without_empty(command.clone(), &|_| None)), names);
        let empty = without_empty(command, &|_| Some(OsString::new()));
        assert!(counted(&empty).is_empty());
    }
}
