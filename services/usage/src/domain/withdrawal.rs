//! What a platform takes back of its period, and when it may.

use gazelle_kernel::{Actor, Instant};

use super::{
    receipt::{Receipt, ShownReceipt},
    statement::Statement,
};

/// What a platform took back of an open period as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Which of the period's, from 1.
    pub number: i32,
    pub withdrawn_at: Instant,
    pub withdrawn_by: Actor,
    pub withdrawn: Receipt,
    pub statement: Option<Statement>,
    /// Refused records that went with it.
    pub refused_count: i64,
}

/// Why a period cannot be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawRefusal {
    /// Nothing is held, stated or refused any more.
    #[error("the platform has neither reported nor stated anything for the period")]
    Empty,
    /// It is fixed.
    #[error("the period is sealed")]
    Sealed,
    /// Something else is held than the receipt says.
    #[error("what is held of the period is not what the receipt says")]
    ReceiptMismatch(Receipt),
}

/// Whether a platform that means this receipt may withdraw what is held and stated of a period.
pub fn withdrawable(
    held: &Receipt,
    statement: Option<&Statement>,
    is_sealed: bool,
    meant: &ShownReceipt,
) -> Result<(), WithdrawRefusal> {
    if is_sealed {
        return Err(WithdrawRefusal::Sealed);
    }
    if held.record_count == 0 && statement.is_none() {
        return Err(WithdrawRefusal::Empty);
    }
    if !held.is_shown_by(meant) {
        return Err(WithdrawRefusal::ReceiptMismatch(*held));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::samples::{receipt, statement},
        *,
    };

    #[test]
    fn only_what_is_held_and_open_is_withdrawn_and_only_as_its_receipt_says() {
        let (held, stated) = (receipt(2, 5), statement(2, 5));
        let meant = ShownReceipt::from(&held);
        let withdraw =
            |is_sealed, meant: &ShownReceipt| withdrawable(&held, Some(&stated), is_sealed, meant);
        assert_eq!(withdraw(false, &meant), Ok(()));
        for other in [
            ShownReceipt {
                record_count: 3,
                ..meant
            },
            ShownReceipt {
                total_fen: 6,
                ..meant
            },
            ShownReceipt {
                digest: [1; 32],
                ..meant
            },
        ] {
            let mismatch = WithdrawRefusal::ReceiptMismatch(held);
            assert_eq!(withdraw(false, &other), Err(mismatch));
        }
        assert_eq!(withdraw(true, &meant), Err(WithdrawRefusal::Sealed));
        let (nothing, stated) = (receipt(0, 0), statement(0, 0));
        let meant = ShownReceipt::from(&nothing);
        assert_eq!(withdrawable(&nothing, Some(&stated), false, &meant), Ok(()));
        assert_eq!(
            withdrawable(&nothing, None, false, &meant),
            Err(WithdrawRefusal::Empty)
        );
    }
}
