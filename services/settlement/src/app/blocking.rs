//! Work that keeps a processor busy, and much memory.

use gazelle_runtime::detach::{self, detached};

use super::error::AppError;

/// Runs work that keeps a processor busy where it keeps nobody else waiting.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    // Which makes an error of a panic.
    detached(detach::blocking(work)).await
}
