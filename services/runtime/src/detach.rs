//! Work that a vanished caller cannot stop halfway.
//!
//! When a client cancels, its deadline passes or its connection breaks, tonic drops the handler's
//! future wherever it waits. Dropped between a statement and its answer, `sqlx` 0.9 can return a
//! connection to the pool inside a transaction. A write therefore runs in a task of its own:
//! nobody may be waiting for it any more, but it comes to its end.

use std::future::Future;

use tracing::Instrument;

/// The work panicked; what it had written in a transaction was rolled back.
#[derive(Debug, thiserror::Error)]
#[error("the work was lost: {0}")]
pub struct WorkLost(String);

impl WorkLost {
    /// Work that ended for that reason.
    pub fn new(why: impl std::fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// Runs `work` to its end, whatever becomes of the caller, and returns its result.
pub async fn detached<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<WorkLost> + Send + 'static,
{
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => result,
        Err(lost) => Err(E::from(WorkLost(lost.to_string()))),
    }
}

/// Runs work that keeps a processor busy where it keeps nobody else waiting. A panic of it is one
/// of its caller's.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|lost| std::panic::resume_unwind(lost.into_panic()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_its_caller_is_dropped() {
        let (go, wait) = oneshot::channel::<()>();
        let (done, finished) = oneshot::channel::<()>();
        let caller = tokio::spawn(detached::<(), WorkLost>(async move {
            wait.await.unwrap();
            done.send(()).unwrap();
            Ok(())
        }));
        tokio::task::yield_now().await;
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());

        go.send(()).unwrap();

        tokio::time::timeout(Duration::from_secs(10), finished)
            .await
            .unwrap()
            .unwrap();
    }

    #[tokio::test]
    async fn a_panic_becomes_an_error() {
        let result = detached::<(), WorkLost>(async { panic!("boom") }).await;
        assert!(result.unwrap_err().to_string().contains("boom"));
    }
}
