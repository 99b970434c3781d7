//! What is answered to a batch that was written.

use gazelle_kernel::Period;

use super::{
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
