//! The books as messages.

use gazelle_proto::{settlement::v1 as pb, time::timestamp};

use crate::domain::ledger::verify::{Head, VerifyProgress};

/// How far a check of the books is.
#[must_use]
pub fn verified(progress: VerifyProgress) -> pb::VerifyLedgerResponse {
    pb::VerifyLedgerResponse {
        entry_count: progress.entry_count,
        verified_count: progress.verified_count,
        checkpoint: progress.done.map(checkpoint),
    }
}

/// The end of the books, to be kept elsewhere.
#[must_use]
pub fn checkpoint(head: Head) -> pb::LedgerCheckpoint {
    pb::LedgerCheckpoint {
        entry_number: head.checkpoint.entry_number,
        digest: hex::encode(head.checkpoint.digest),
        recorded_at: head.recorded_at.map(timestamp),
    }
}
