//! Until when the work at hand must be done: what is left of it goes on to whoever is called.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs `work`, which has until `deadline`. Nobody ends it then: that is for whoever waits.
pub async fn within<F: Future>(deadline: Instant, work: F) -> F::Output {
    DEADLINE.scope(deadline, work).await
}

/// What is left of the time of the work that this task does; `None` without a bound.
#[must_use]
pub fn remaining() -> Option<Duration> {
    let deadline = DEADLINE.try_with(|deadline| *deadline).ok()?;
    Some(deadline.saturating_duration_since(Instant::now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_left_shrinks_to_nothing_and_ends_with_the_work() {
        let deadline = Instant::now() + Duration::from_secs(2);
        within(deadline, async {
            assert_eq!(remaining(), Some(Duration::from_secs(2)));
            tokio::time::advance(Duration::from_secs(5)).await;
            assert_eq!(remaining(), Some(Duration::ZERO));
        })
        .await;
        assert_eq!(remaining(), None);
    }
}
