//! Help in Chinese: `clap` explains the command line in English, and each of its texts has a
//! Chinese one here, by the command's path and the argument's name.

mod chinese;
mod refused;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command};

pub use refused::refused;

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
    let path = &without_help(path);
    let names: Vec<_> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let mut command = command
        .override_usage(
            usage
                .replace("[OPTIONS]", refused::OPTIONS)
                .replace("<COMMAND>", "<命令>"),
        )
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

/// The path of the command itself, where `help` repeats it.
fn without_help(path: &str) -> String {
    let names: Vec<_> = path.split(' ').filter(|name| *name != "help").collect();
    names.join(" ")
}

/// The command line for a shell to complete. What clap says of the values of an option is English,
/// so in Chinese there is nothing of it beside the option's own text.
#[must_use]
pub fn for_shells(command: Command) -> Command {
    match lang() {
        Lang::En => command,
        Lang::Zh => without_help_of_values(in_chinese(command)),
    }
}

/// For shells alone: what is read of values so is no longer of their types.
fn without_help_of_values(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let values = arg.get_possible_values();
        if !arg.get_action().takes_values() || values.is_empty() {
            return arg;
        }
        let names: Vec<_> = values.iter().map(|it| it.get_name().to_owned()).collect();
        arg.value_parser(PossibleValuesParser::new(names))
    });
    command.mut_subcommands(without_help_of_values)
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
        Some(text) => {
            let text = format!("{text}{}", chosen_from(&arg));
            arg.help(text)
                .long_help(None)
                .hide_default_value(true)
                .hide_possible_values(true)
                .hide_env(true)
        }
        None => arg,
    }
}

/// Headings of a manual page that its maker writes, and in Chinese.
const HEADINGS: &[(&str, &str)] = &[
    ("NAME", "名称"),
    ("SYNOPSIS", "概要"),
    ("DESCRIPTION", "描述"),
    ("EXTRA", "补充说明"),
    ("VERSION", "版本"),
];

/// A manual page with its headings in the language of this process.
#[must_use]
pub fn headed(page: &str) -> String {
    if lang() == Lang::En {
        return page.to_owned();
    }
    let heading = |line: &str| {
        let heading = line.strip_prefix(".SH ")?;
        let (_, chinese) = HEADINGS.iter().find(|(known, _)| *known == heading)?;
        Some(format!(".SH {chinese}\n"))
    };
    let lines = page.lines();
    let lines = lines.map(|line| heading(line).unwrap_or_else(|| format!("{line}\n")));
    lines.collect()
}

/// What `clap` adds to the help of an argument, in Chinese: its default, its values, the variable
/// of the environment that gives it.
fn chosen_from(arg: &Arg) -> String {
    let mut added = Vec::new();
    let takes_value = arg.get_action().takes_values();
    let values = arg.get_possible_values();
    if takes_value && !values.is_empty() && !arg.is_hide_possible_values_set() {
        let names: Vec<_> = values
            .iter()
            .map(clap::builder::PossibleValue::get_name)
            .collect();
        added.push(format!("可选：{}", names.join("、")));
    }
    let defaults = arg.get_default_values();
    if takes_value && !defaults.is_empty() && !arg.is_hide_default_value_set() {
        let defaults: Vec<_> = defaults.iter().map(|it| it.to_string_lossy()).collect();
        added.push(format!("默认：{}", defaults.join("、")));
    }
    if let Some(variable) = arg.get_env() {
        added.push(format!("环境变量：{}", variable.to_string_lossy()));
    }
    added.iter().flat_map(|it| [" [", it, "]"]).collect()
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
    use clap_complete::Shell;

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
    fn what_shells_complete_is_told_in_chinese() {
        for shell in [Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
            let mut script = Vec::new();
            let mut command = super::super::in_chinese(|| for_shells(Args::command()));
            clap_complete::generate(shell, &mut command, "gazelle", &mut script);
            let script = String::from_utf8(script).unwrap();
            for english in [
                "For programs",
                "Check the trails",
                "Print this message",
                "The form",
            ] {
                assert!(!script.contains(english), "{english} of {shell}");
            }
            assert!(script.contains("从第一条到最后一条核对操作记录"), "{shell}");
        }
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
        for chinese in [
            "用法：gazelle [选项] <命令>",
            "通用选项",
            "[默认：table]",
            "[环境变量：GAZELLE_AS]",
        ] {
            assert!(help.contains(chinese), "no {chinese} in {help}");
        }
        assert!(
            !help.contains("[default") && !help.contains("[env"),
            "{help}"
        );
    }
}
