//! Work that keeps a processor busy, and much memory.

use std::{sync::Arc, time::Duration};

use gazelle_runtime::detach::detached;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::error::AppError;

/// Runs that are computed at a time, in memory, each of which may need a gigabyte in a large city;
/// and orders and answers that are, each of which may need some hundred megabytes.
const COMPUTATIONS_MAX: usize = 2;

/// How long a computation waits for others to end.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// Places for computations. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(COMPUTATIONS_MAX)))
    }
}

impl Turns {
    /// Waits for a free place among the computations.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, AppError> {
        match timeout(TURN_WAIT, self.0.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(AppError::Overloaded),
        }
    }
}

/// Runs work that keeps a processor busy where it keeps nobody else waiting.
pub(super) async fn in_memory<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    detached(async move {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            // A panic, which `detached` makes an error.
            Err(lost) => std::panic::resume_unwind(lost.into_panic()),
        }
    })
    .await
}
