//! A panic as a line of the log, like any other fault: where it was, and what it says without the
//! values that a message of `unwrap` repeats.

use std::panic::set_hook;

use crate::failure::without_values;

/// Has panics of every thread told so from here on, instead of on stderr as they are.
pub(super) fn tell() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(tracing::field::display);
        let said = panic.payload_as_str().map(without_values);
        tracing::error!(place, said, "panicked");
    }));
}

#[cfg(test)]
mod tests {
    use std::{process::Command, thread};

    use super::*;

    /// Set in a process of its own: whoever panics beside it is told of as ever.
    const ALONE: &str = "GAZELLE_TEST_PANICS";

    #[test]
    fn what_panics_is_told_of_once_by_its_place_and_without_values() {
        let name =
            "telemetry::panics::tests::what_panics_is_told_of_once_by_its_place_and_without_values";
        if std::env::var_os(ALONE).is_some() {
            tracing_subscriber::fmt().with_ansi(false).init();
            tell();
            let parsed = || {
                "9133-龙井茶庄"
                    .parse::<i64>()
                    .map_err(|error| (error, "龙井茶庄"))
            };
            thread::spawn(move || parsed().unwrap()).join().unwrap_err();
            return;
        }
        let ran = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let [out, told] = [ran.stdout, ran.stderr].map(|it| String::from_utf8(it).unwrap());
        let line = out.lines().find(|line| line.contains("panicked")).unwrap();
        assert!(
            line.contains("panics.rs:") && line.contains("InvalidDigit"),
            "{line}"
        );
        for text in [&out, &told] {
            assert!(!text.contains("龙井"), "{text}");
        }
        assert!(!told.contains("panicked"), "{told}");
    }
}
