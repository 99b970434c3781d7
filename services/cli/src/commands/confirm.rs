//! Asking before what cannot be undone.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::note;
use crate::words;

/// Whether somebody sees what is said: stderr is a terminal.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Whether somebody is there to be asked, and wants to be.
pub(super) fn asks(context: &Context) -> bool {
    !context.yes && io::stdin().is_terminal() && is_watched()
}

/// Says what is about to be done, and asks whether to. Refused as `NOT_CONFIRMED`. Call it where
/// [`asks`]: a script is not asked.
pub(super) fn confirm(summary: &str) -> Result<(), Failure> {
    note(summary);
    let mut stderr = io::stderr();
    let _ = write!(stderr, "{}", words::GO_AHEAD.say());
    let _ = stderr.flush();
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if is_yes(&answer) {
        return Ok(());
    }
    Err(Failure::new("NOT_CONFIRMED", words::NOT_CONFIRMED.say()))
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
