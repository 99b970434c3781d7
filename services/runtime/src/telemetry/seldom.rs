//! Lines of the log that strangers can cause: not more than so many in a time.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Most lines in each [`PERIOD`].
const LINES_MAX: u32 = 10;
const PERIOD: Duration = Duration::from_secs(10);

/// Lets ten lines through in ten seconds, and counts those that it does not.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<LineCount>);

#[derive(Debug, Default)]
struct LineCount {
    began: Option<Instant>,
    lines: u32,
    left_out: u64,
}

impl Seldom {
    /// Whether to write a line now, and how many were left out before it.
    pub(crate) fn line(&self) -> Option<u64> {
        let mut state = self.0.lock();
        let now = Instant::now();
        if state.began.is_none_or(|began| now - began >= PERIOD) {
            state.began = Some(now);
            state.lines = 0;
        }
        if state.lines >= LINES_MAX {
            state.left_out += 1;
            return None;
        }
        state.lines += 1;
        Some(std::mem::take(&mut state.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_leaves_ten_lines_in_ten_seconds_and_the_next_one_counts_the_rest() {
        let seldom = Seldom::default();
        let written = (0..1_000).filter(|_| seldom.line().is_some()).count();
        assert_eq!(written, 10);
        tokio::time::advance(PERIOD).await;
        assert_eq!(seldom.line(), Some(990));
        assert_eq!(seldom.line(), Some(0));
    }
}
