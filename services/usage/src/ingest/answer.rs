//! What is answered to a batch.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::write::error::WriteError;
use crate::domain::acknowledgement::Acknowledgement;

/// The answer to a batch, once there is one.
pub type Answer = oneshot::Receiver<Result<Acknowledgement, IngestError>>;

/// Why a batch was not acknowledged. Some of it may be kept; whoever sends it again finds out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestError {
    /// The period is being sealed just now, and that takes long.
    #[error("the period is being sealed")]
    PeriodBusy,
    /// What came before it, and may be reversed by it, is not written yet.
    #[error("what was sent before is not written yet")]
    Behind,
    #[error("the service stops")]
    Stopping,
    #[error("the writer was lost")]
    WriterLost,
    /// The store failed, and went on failing.
    #[error("the records could not be written")]
    Store(#[source] Arc<WriteError>),
}

impl From<WriteError> for IngestError {
    fn from(error: WriteError) -> Self {
        Self::Store(Arc::new(error))
    }
}
