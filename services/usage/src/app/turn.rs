//! Turns of what holds connections for long.

use std::sync::Arc;

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::error::AppError;
use crate::tuning::TURN_WAIT;

/// Waits for a turn, though not for ever: whoever called has long given up by then.
pub async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, AppError> {
    match timeout(TURN_WAIT, turns.clone().acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        Ok(Err(_)) | Err(_) => Err(AppError::Overloaded),
    }
}
