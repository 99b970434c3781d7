//! Help in Chinese: `clap` explains the command line in English, and each of its texts has a
//! Chinese one here, by the command's path and the argument's name.

mod chinese;

use clap::{Arg, ArgAction, Command};

use super::{Lang, lang};

/// The command line as it is explained in the language of this process.
#[must_use]
pub fn told(command: Command) -> Command {
    match lang() {
        Lang::En => command,
        Lang::Zh => in_chinese(command),
    }
}

fn in_chinese(mut command: Command) -> Command {
    command.build();
    translated(command, "")
}

/// Translates a built command, whose path from the top is `path`.
fn translated(command: Command, path: &str) -> Command {
    let names: Vec<_> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let mut command = command
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .mut_args(|arg| argument(arg, path));
    if command.get_name() == "help" {
        command = command.about("显示帮助，或某个命令的帮助");
    }
    if let Some(text) = chinese::text(&format!("{path}:about")) {
        command = command.about(text).long_about(None);
    }
    if command.get_after_help().is_some()
        && let Some(text) = chinese::text(&format!("{path}:after"))
    {
        command = command.after_help(text);
    }
    for name in names {
        let path = format!("{path} {name}");
        command = command.mut_subcommand(name, |sub| translated(sub, path.trim_start()));
    }
    command
}

fn argument(arg: Arg, path: &str) -> Arg {
    let heading = match (arg.is_global_set(), arg.is_positional()) {
        (true, _) => "通用选项",
        (false, true) => "参数",
        (false, false) => "选项",
    };
    let key = key(&arg, path);
    let arg = arg.help_heading(heading);
    match chinese::text(&key) {
        Some(text) => arg.help(text).long_help(None),
        None => arg,
    }
}

/// Options of every command are told alike everywhere.
fn key(arg: &Arg, path: &str) -> String {
    let id = arg.get_id().as_str();
    let of_clap = matches!(arg.get_action(), ArgAction::Help | ArgAction::Version);
    if arg.is_global_set() || of_clap {
        return format!("*.{id}");
    }
    format!("{path}.{id}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Args;

    fn keys(command: &Command, path: &str, found: &mut BTreeSet<String>) {
        found.insert(format!("{path}:about"));
        if command.get_after_help().is_some() {
            found.insert(format!("{path}:after"));
        }
        found.extend(command.get_arguments().map(|arg| key(arg, path)));
        for sub in command.get_subcommands() {
            // `help` repeats all commands below it.
            if sub.get_name() != "help" {
                let path = format!("{path} {}", sub.get_name());
                keys(sub, path.trim_start(), found);
            }
        }
    }

    #[test]
    fn every_text_of_the_help_is_there_in_chinese_and_no_other() {
        let mut command = Args::command();
        command.build();
        let mut english = BTreeSet::new();
        keys(&command, "", &mut english);
        let chinese: BTreeSet<_> = chinese::keys().map(str::to_owned).collect();
        let missing: Vec<_> = english.difference(&chinese).collect();
        let stale: Vec<_> = chinese.difference(&english).collect();
        assert!(
            missing.is_empty() && stale.is_empty(),
            "missing {missing:#?}, stale {stale:#?}"
        );
    }

    #[test]
    fn help_in_chinese_is_chinese_and_reads_the_same_command_line() {
        let mut command = in_chinese(Args::command());
        let line = "gazelle usage seal --platform ab --period 2025-01 --as officer";
        let matches = command
            .clone()
            .try_get_matches_from(line.split(' '))
            .unwrap();
        assert_eq!(matches.subcommand_name(), Some("usage"));
        let help = command.render_help().to_string();
        assert!(
            help.contains("用法：") && help.contains("命令") && help.contains("通用选项"),
            "{help}"
        );
    }
}
