//! Asking before what cannot be undone.

use std::fs::File;
use std::io::{self, BufRead as _, IsTerminal as _, Write};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{note, printable};
use crate::words;

/// Whether somebody sees what is said: stderr is a terminal.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether somebody is there to be asked, and wants to be.
pub(crate) fn asks(context: &Context) -> bool {
    !context.yes && io::stdin().is_terminal() && (is_watched() || terminal().is_some())
}

/// The terminal itself, wherever stderr goes.
fn terminal() -> Option<File> {
    File::options().write(true).open("/dev/tty").ok()
}

/// Says what is about to be done, and asks whether to. Refused as `NOT_CONFIRMED`. Call it where
/// [`asks`]: a script is not asked.
pub(crate) fn confirm(summary: &str) -> Result<(), Failure> {
    note(summary);
    let question = words::GO_AHEAD.say();
    if is_watched() {
        ask(&mut io::stderr(), question);
    } else if let Some(mut terminal) = terminal() {
        for line in summary.lines() {
            let _ = writeln!(terminal, "{}", printable(line));
        }
        ask(&mut terminal, question);
    }
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if is_yes(&answer) {
        return Ok(());
    }
    Err(Failure::new("NOT_CONFIRMED", words::NOT_CONFIRMED.say()))
}

fn ask(out: &mut impl Write, question: &str) {
    let _ = write!(out, "{question}");
    let _ = out.flush();
}

fn is_yes(answer: &str) -> bool {
    ["y", "ｙ", "yes", "是", "是的", "好", "确认"].contains(&answer.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_one() {
        for yes in ["y\n", "Yes\n", " YES \n", "是\n", "Ｙ\n", "是的\n"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "\n", "n\n", "no\n", "yep, but\n", "否\n", "不是\n"] {
            assert!(!is_yes(no), "{no}");
        }
    }
}
