//! What seals a period, and when it may be sealed.

use gazelle_kernel::{Actor, Fen, Instant, Period};

use super::{
    receipt::{Receipt, ShownReceipt},
    statement::Statement,
};

/// Who fixed a period, and its digest; count and sum are the period's, which no longer change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    pub sealed_at: Instant,
    pub sealed_by: Actor,
    /// SHA-256 over all records; `gazelle/usage/v1/resources.proto`, `Seal`.
    pub digest: [u8; 32],
}

/// Why a period cannot be sealed as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealRefusal {
    /// The month goes on.
    #[error("the month is not over in Asia/Shanghai")]
    NotOver(Period),
    /// Nothing to compare with.
    #[error("the platform has not stated its totals")]
    NotStated,
    /// Statement and records differ.
    #[error("what was received differs from the platform's statement")]
    StatementMismatch(Box<StatementMismatch>),
    /// Something else is held than whoever seals it saw.
    #[error("what is held of the period is not what the receipt says")]
    ReceiptMismatch(Receipt),
}

/// How statement and records differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementMismatch {
    pub stated_count: i64,
    pub stated_total: Fen,
    pub received: Receipt,
    /// Refused records, which may be what is missing.
    pub refused_count: i64,
}

/// Whether what is held is what whoever seals it saw.
pub fn compare_shown(held: &Receipt, seen: &ShownReceipt) -> Result<(), SealRefusal> {
    if !held.is_shown_by(seen) {
        return Err(SealRefusal::ReceiptMismatch(*held));
    }
    Ok(())
}

/// Whether the statement agrees with what was received.
pub fn compare_stated(
    statement: Option<&Statement>,
    received: &Receipt,
    refused_count: i64,
) -> Result<(), SealRefusal> {
    let statement = statement.ok_or(SealRefusal::NotStated)?;
    let stated = (statement.record_count, i128::from(statement.total.get()));
    if stated == (received.record_count, received.total_fen) {
        return Ok(());
    }
    Err(SealRefusal::StatementMismatch(Box::new(
        StatementMismatch {
            stated_count: statement.record_count,
            stated_total: statement.total,
            received: *received,
            refused_count,
        },
    )))
}

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{receipt, statement},
        *,
    };

    #[test]
    fn count_and_sum_must_agree() {
        let compare = |(record_count, total_fen), (stated_count, stated_fen)| {
            let statement = statement(stated_count, stated_fen);
            compare_stated(Some(&statement), &receipt(record_count, total_fen), 9)
        };
        assert_eq!(
            compare_stated(None, &receipt(2, 5), 9),
            Err(SealRefusal::NotStated)
        );
        assert_eq!(compare((2, 5), (2, 5)), Ok(()));
        let beyond = i128::from(i64::MAX) + 1;
        for (received, stated) in [
            ((2, 5), (3, 5)),
            ((2, 5), (2, 6)),
            ((2, beyond), (2, i64::MAX)),
        ] {
            let mismatch = StatementMismatch {
                stated_count: stated.0,
                stated_total: Fen::new(stated.1),
                received: receipt(received.0, received.1),
                refused_count: 9,
            };
            let refusal = SealRefusal::StatementMismatch(Box::new(mismatch));
            assert_eq!(compare(received, stated), Err(refusal));
        }
    }

    #[test]
    fn only_what_was_seen_is_sealed() {
        let held = receipt(2, 5);
        assert_eq!(compare_shown(&held, &(&held).into()), Ok(()));
        let mismatch = Err(SealRefusal::ReceiptMismatch(held));
        assert_eq!(compare_shown(&held, &(&receipt(2, 6)).into()), mismatch);
    }
}
