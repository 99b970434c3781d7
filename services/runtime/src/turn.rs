//! Turns: what holds much for long is done by so many at a time, and the others wait for theirs.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// So many turns at a time, in the order in which they were asked for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turns {
    free: Arc<Semaphore>,
    wait_max: Duration,
}

/// A turn, until it is dropped.
#[derive(Debug)]
#[must_use = "a turn ends when it is dropped"]
pub struct Turn {
    _place: OwnedSemaphorePermit,
}

/// No turn came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no turn came in time")]
pub struct NoTurn;

impl Turns {
    /// So many at a time, of which nobody waits for longer than `wait_max`: whoever called has
    /// given up by then.
    #[must_use]
    pub fn new(at_a_time: usize, wait_max: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(at_a_time)),
            wait_max,
        }
    }

    /// Waits for a turn. Waiting may be cancelled.
    pub async fn take(&self) -> Result<Turn, NoTurn> {
        match timeout(self.wait_max, self.free.clone().acquire_owned()).await {
            Ok(Ok(place)) => Ok(Turn { _place: place }),
            // Nobody closes it.
            Ok(Err(_)) | Err(_) => Err(NoTurn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_turn_comes_when_one_ends_and_is_not_waited_for_for_ever() {
        let turns = Turns::new(1, Duration::from_secs(20));
        let first = turns.take().await.unwrap();
        assert_eq!(turns.take().await.unwrap_err(), NoTurn);
        let waiting = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take().await.map(drop) }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert_eq!(waiting.await.unwrap(), Ok(()));
    }
}
