//! How long a test may take: one that hangs would keep all of them from ending, and from telling
//! what is wrong.

use std::io::Write as _;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Of one test; the longest takes a tenth of it.
const TEST_MAX: Duration = Duration::from_mins(15);

/// Of all that share a suite.
const ALL_MAX: Duration = Duration::from_mins(45);

/// Ends this process with a word of what hung, unless it is dropped in time.
#[derive(Debug)]
pub struct Limit(#[expect(dead_code, reason = "that it is dropped is what counts")] Sender<()>);

impl Limit {
    /// For the test whose thread this is; nothing on a thread that is no test's.
    #[must_use]
    pub fn of_test() -> Option<Self> {
        let thread = thread::current();
        let name = thread.name().filter(|name| name.contains("::"))?;
        Some(Self::new(name, TEST_MAX))
    }

    /// For all tests together.
    #[must_use]
    pub fn of_all() -> Self {
        Self::new("the tests", ALL_MAX)
    }

    fn new(name: &str, max: Duration) -> Self {
        let (held, dropped) = channel();
        let name = name.to_owned();
        thread::spawn(move || {
            if dropped.recv_timeout(max) == Err(RecvTimeoutError::Timeout) {
                // Not by a macro, whose words are only seen where a test fails.
                let _ = writeln!(
                    std::io::stderr(),
                    "{name}: no end after {max:?}: it hangs, and so this process is ended"
                );
                process::exit(1);
            }
        });
        Self(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_has_one_and_a_thread_of_nobody_has_none() {
        assert!(Limit::of_test().is_some());
        let nobody = thread::spawn(|| Limit::of_test().is_none());
        assert!(nobody.join().unwrap());
    }
}
