//! What is answered to a batch.

use std::sync::Arc;

use gazelle_kernel::Period;
use tokio::sync::oneshot;

use super::write::error::WriteError;
use crate::domain::{
    receipt::{PeriodReceipt, Receipt},
    refusal::Outcome,
};

/// What became of a batch. It is durable.
#[derive(Debug)]
pub struct Acknowledgement {
    /// Each record that was not simply accepted, by its place in the batch.
    pub remarks: Vec<Remark>,
    /// What each message of the batch added.
    pub added: Vec<Receipt>,
    pub period: Period,
    /// What is now held of the platform's period.
    pub held: PeriodReceipt,
}

/// What became of a record that was not simply accepted.
#[derive(Debug)]
pub struct Remark {
    /// Its place in the batch, from 0.
    pub index: u32,
    /// Its id, as it was sent.
    pub record_id: String,
    /// What became of it.
    pub outcome: Outcome,
}

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
