//! Work that keeps a processor busy, and much memory.

use gazelle_runtime::detach::detached;

use super::error::AppError;

/// Runs work that keeps a processor busy where it keeps nobody else waiting.
pub(super) async fn blocking<T: Send + 'static>(
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
