//! A command line that cannot be read, told in the language of this process.

use std::io;
use std::process::ExitCode;

use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;
use crate::output::{note, printable};
use crate::words::{self, Lang, Text, lang};

/// Tells what `clap` says of a command line, and how to end; help and version as they are.
#[must_use]
pub fn refused(mut error: Error) -> ExitCode {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    if !is_help && error.use_stderr() {
        show_what_hides(&mut error);
        if let Some(usage) = text(&error, ContextKind::Usage) {
            let usage = ContextValue::StyledStr(StyledStr::from(only_asked(&usage)));
            error.insert(ContextKind::Usage, usage);
        }
        if lang() == Lang::Zh {
            note(&format!("{}: {}", words::ERROR.say(), in_chinese(&error)));
            return code;
        }
    }
    match error.print() {
        // Whoever closed the stream does not want to know.
        Err(lost) if lost.kind() != io::ErrorKind::BrokenPipe => {
            note(&format!("{}: {}", words::ERROR.say(), Failure::from(lost)));
            ExitCode::FAILURE
        }
        Ok(()) | Err(_) => code,
    }
}

/// Puts signs in place of what would hide or move the text of an error.
fn show_what_hides(error: &mut Error) {
    let shown = |(kind, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(text) => Some((kind, ContextValue::String(printable(text)))),
        _ => None,
    };
    let shown: Vec<_> = error.context().filter_map(shown).collect();
    for (kind, value) in shown {
        error.insert(kind, value);
    }
}

/// A usage without what the environment gave: nobody wrote it, and nobody has to.
fn only_asked(usage: &str) -> String {
    let given = [" --home <DIR>", " --as <PROFILE>", " --otlp-endpoint <URL>"];
    given
        .into_iter()
        .fold(usage.to_owned(), |usage, given| usage.replace(given, ""))
}

fn text(error: &Error, kind: ContextKind) -> Option<String> {
    let text = error.get(kind)?.to_string();
    (!text.is_empty()).then_some(text)
}

/// What is wrong, what may be meant, and how it is used.
fn in_chinese(error: &Error) -> String {
    let mut lines = vec![what_is_wrong(error)];
    let suggested = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    if let Some(meant) = suggested.into_iter().find_map(|kind| text(error, kind)) {
        lines.push(words::MEANT.with(&[("meant", &meant)]));
    }
    if let Some(usage) = text(error, ContextKind::Usage) {
        let usage = usage
            .trim_start_matches("Usage: ")
            .replace("[OPTIONS]", OPTIONS);
        lines.push(format!("\n用法：{usage}"));
    }
    lines.push(format!("\n{}", words::MORE_IN_HELP.say()));
    lines.join("\n")
}

/// In a usage, for `[OPTIONS]`.
pub(super) const OPTIONS: &str = "[选项]";

fn what_is_wrong(error: &Error) -> String {
    let said = |kind| text(error, kind).unwrap_or_default();
    let told = |wrong: Text| {
        wrong.with(&[
            ("argument", &said(ContextKind::InvalidArg)),
            ("command", &said(ContextKind::InvalidSubcommand)),
            ("value", &said(ContextKind::InvalidValue)),
            ("valid", &said(ContextKind::ValidValue)),
            ("other", &said(ContextKind::PriorArg)),
        ])
    };
    let no_value = text(error, ContextKind::InvalidValue).is_none();
    match error.kind() {
        ErrorKind::MissingRequiredArgument => told(words::ARGUMENT_MISSING),
        ErrorKind::UnknownArgument => told(words::ARGUMENT_UNKNOWN),
        ErrorKind::InvalidSubcommand => told(words::COMMAND_UNKNOWN),
        ErrorKind::MissingSubcommand => told(words::COMMAND_MISSING),
        ErrorKind::InvalidValue | ErrorKind::NoEquals if no_value => told(words::VALUE_MISSING),
        ErrorKind::InvalidValue => told(words::VALUE_UNKNOWN),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string);
            let why = why.map(|why| words::of_a_number(&why).unwrap_or(why));
            format!(
                "{}：{}",
                told(words::VALUE_INVALID),
                why.unwrap_or_default()
            )
        }
        ErrorKind::ArgumentConflict => told(words::ARGUMENTS_CONFLICT),
        ErrorKind::TooManyValues => told(words::VALUE_TOO_MANY),
        _ => words::USAGE_BAD.say().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Args;

    fn chinese(line: &str) -> String {
        let refused = Args::command().try_get_matches_from(line.split(' '));
        in_chinese(&refused.unwrap_err())
    }

    #[test]
    fn whatever_is_wrong_with_a_command_line_is_told_in_chinese() {
        for (line, words) in [
            ("gazelle usage reprot", &["reprot", "report"][..]),
            (
                "gazelle usage seal --platform ab",
                &["--period <YYYY-MM>", "用法："],
            ),
            (
                "gazelle usage seal --platfrom ab",
                &["--platfrom", "--platform"],
            ),
            (
                "gazelle usage seal --platform ab --period 2025-1",
                &["2025-1", "PERIOD_INVALID"],
            ),
            ("gazelle usage seal --platform", &["--platform <ID>"]),
            (
                "gazelle settlement decide a-share#1 91330106MA20003340 --decision why",
                &["--uphold|--dismiss"],
            ),
            (
                "gazelle usage state --platform ab --period 2025-01 --record-count 1 --total-fen 5.1",
                &["5.1", "1881678"],
            ),
            ("gazelle status --output xml", &["xml", "table, json, csv"]),
            ("gazelle status --wait -1", &["-1"]),
            ("gazelle status --wait x", &["应为整数"]),
            (
                "gazelle up --registry-listen nonsense",
                &["应为 IP 地址和端口"],
            ),
            (
                "gazelle usage state --platform ab --period 2025-01 --record-count=-1 --total-fen 5",
                &["-1", "--record-count <N>"],
            ),
            (
                "gazelle sample-city --out c --enterprises 0",
                &["应为 10 至 10000000"],
            ),
            ("gazelle status --yes --yes", &["--yes"]),
            ("gazelle usage periods extra", &["extra"]),
        ] {
            let told = chinese(line);
            for word in words {
                assert!(told.contains(word), "{line}: no {word} in {told}");
            }
            assert!(!told.contains("[OPTIONS]"), "{told}");
        }
    }

    #[test]
    fn what_would_move_the_text_of_an_error_is_shown() {
        for line in [
            "gazelle usage periods --platform a\u{202e}b",
            "gazelle usage periods --a\u{202e}b",
            "gazelle a\u{202e}b",
            "gazelle status extra\u{2066}",
        ] {
            let mut refused = Args::command()
                .try_get_matches_from(line.split(' '))
                .unwrap_err();
            show_what_hides(&mut refused);
            let told = refused.to_string();
            assert!(told.contains('\u{fffd}'), "{told:?}");
            assert!(!told.contains(['\u{202e}', '\u{2066}']), "{told:?}");
        }
    }

    #[test]
    fn a_usage_does_not_ask_for_what_the_environment_gave() {
        let usage = "Usage: gazelle usage state --platform <ID> --home <DIR>";
        assert_eq!(
            only_asked(usage),
            "Usage: gazelle usage state --platform <ID>"
        );
    }
}
