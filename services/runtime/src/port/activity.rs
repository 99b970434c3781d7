//! What is under way on a connection, and since when nothing is.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

/// Calls of one connection.
#[derive(Debug)]
pub(crate) struct Activity(Mutex<UnderWay>);

#[derive(Debug)]
struct UnderWay {
    calls: usize,
    /// When the last call ended, or the connection began.
    since: Instant,
}

/// A call under way.
pub(crate) struct Call(Arc<Activity>);

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(UnderWay {
            calls: 0,
            since: Instant::now(),
        })))
    }

    /// A call, as long as it is held.
    pub(crate) fn begin(self: &Arc<Self>) -> Call {
        self.0.lock().calls += 1;
        Call(self.clone())
    }

    /// For how long nothing is under way; not at all while something is.
    pub(crate) fn idle(&self) -> Option<Duration> {
        let state = self.0.lock();
        (state.calls == 0).then(|| state.since.elapsed())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.calls -= 1;
        state.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_from_the_end_of_its_last_call() {
        let activity = Activity::new();
        let wait = Duration::from_secs(3);
        tokio::time::advance(wait).await;
        assert_eq!(activity.idle(), Some(wait));
        let (first, second) = (activity.begin(), activity.begin());
        tokio::time::advance(wait).await;
        drop(first);
        assert_eq!(activity.idle(), None);
        drop(second);
        assert_eq!(activity.idle(), Some(Duration::ZERO));
    }
}
