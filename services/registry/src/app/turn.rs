//! Turns: to write, which one has at a time, and to stream, which a few have.

use std::time::Duration;

use super::error::AppError;

/// Longest wait for a turn.
const TURN_WAIT: Duration = Duration::from_secs(20);

/// Waits for a turn, though not for ever: whoever called has long given up by then.
pub(super) async fn in_turn<T>(turn: impl Future<Output = T>) -> Result<T, AppError> {
    tokio::time::timeout(TURN_WAIT, turn)
        .await
        .map_err(|_| AppError::Overloaded)
}
