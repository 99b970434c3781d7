//! What is under way on a connection, since when nothing is, and which calls came to nothing.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use super::newcomers::Newcomer;

/// Calls of one connection.
#[derive(Debug)]
pub(crate) struct Activity(Mutex<UnderWay>);

#[derive(Debug)]
struct UnderWay {
    calls: usize,
    /// When the last call ended, or the connection began.
    since: Instant,
    /// Calls that came to nothing, less those that did not.
    owed: u32,
    /// Whether a call was let in.
    is_known: bool,
    /// As long as nobody was let in on it.
    newcomer: Option<Newcomer>,
}

/// A call under way. It came to nothing unless somebody says otherwise before it ends.
pub(crate) struct Call {
    activity: Arc<Activity>,
    is_answered: bool,
}

impl Call {
    /// It was let in, and its answer has begun.
    pub(crate) fn admitted(&self) {
        self.activity.0.lock().is_known = true;
    }

    /// It was answered as those are who are let in.
    pub(crate) fn answered(&mut self) {
        self.admitted();
        self.is_answered = true;
    }
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(UnderWay {
            calls: 0,
            since: Instant::now(),
            owed: 0,
            is_known: false,
            newcomer: None,
        })))
    }

    /// It is of somebody whom nobody knows yet, and gives way until [`let_in`](Self::let_in).
    pub(crate) fn arrives(&self, newcomer: Newcomer) {
        self.0.lock().newcomer = Some(newcomer);
    }

    /// Its greeting was answered.
    pub(crate) fn greeted(&self) {
        if let Some(newcomer) = &mut self.0.lock().newcomer {
            newcomer.renew();
        }
    }

    /// Somebody known is on it: it gives way to nobody. False: it has just done so.
    pub(crate) fn let_in(&self) -> bool {
        let newcomer = self.0.lock().newcomer.take();
        newcomer.is_none_or(Newcomer::stay)
    }

    /// A call, as long as it is held.
    pub(crate) fn begin(self: &Arc<Self>) -> Call {
        self.0.lock().calls += 1;
        Call {
            activity: self.clone(),
            is_answered: false,
        }
    }

    /// Whether a call was let in.
    pub(crate) fn is_known(&self) -> bool {
        self.0.lock().is_known
    }

    /// How many calls came to nothing, less those that did not and what was paid.
    pub(crate) fn owing<T>(&self, pay: impl FnOnce(&mut u32) -> T) -> T {
        pay(&mut self.0.lock().owed)
    }

    /// For how long nothing is under way; not at all while something is.
    pub(crate) fn idle(&self) -> Option<Duration> {
        let state = self.0.lock();
        (state.calls == 0).then(|| state.since.elapsed())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.activity.0.lock();
        state.calls -= 1;
        state.since = Instant::now();
        state.owed = if self.is_answered {
            state.owed.saturating_sub(1)
        } else {
            state.owed.saturating_add(1)
        };
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
