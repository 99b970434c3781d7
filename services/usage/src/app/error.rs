//! Why a verb did not do what it was asked.

use gazelle_kernel::{Date, Period};
use gazelle_runtime::{detach::WorkLost, store::StoreError, turn::NoTurn};

use crate::domain::{period::PeriodName, seal::SealRefusal, withdrawal::WithdrawRefusal};

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nothing was reported or stated, or not by this platform.
    #[error("the platform has neither reported nor stated anything for {0}")]
    PeriodNotFound(PeriodName),
    /// It takes no other statement, and is not withdrawn.
    #[error("{0} is sealed; what it holds and its statement stand")]
    PeriodSealed(PeriodName),
    /// It can't be stated yet.
    #[error("{0} can't be stated: the month has not begun in Asia/Shanghai")]
    NotBegun(PeriodName),
    /// It can't be sealed as it stands.
    #[error("{0} can't be sealed: {1}")]
    NotSealable(PeriodName, SealRefusal),
    /// It can't be withdrawn as it stands.
    #[error("{0} can't be withdrawn: {1}")]
    NotWithdrawable(PeriodName, WithdrawRefusal),
    /// Reversals in other periods name its records.
    #[error("reversals in other periods name records of {0}")]
    PeriodReversed(PeriodName, Vec<Period>),
    /// A sum of the period leaves 64 bits.
    #[error("a sum of one merchant, fee kind and day leaves 64 bits")]
    TotalOverflow {
        merchant_id: String,
        fee_kind: String,
        fee_date: Date,
    },
    /// A check has more records than one may.
    #[error("the check has more records than are remembered of one")]
    CheckTooLarge,
    /// Checks that are under way remember as much as they may; later there will be room.
    #[error("checks under way remember as much as they may")]
    ChecksFull,
    /// Others are at work; later there will be room.
    #[error("more work is under way than is taken")]
    Overloaded,
    /// The records of a period are not those that were acknowledged.
    #[error("what is held of {0} is not what was acknowledged")]
    Inconsistent(PeriodName),
    #[error(transparent)]
    Lost(#[from] WorkLost),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        // Somebody else works on the same for long.
        if error.is_lock_timeout() {
            return Self::Overloaded;
        }
        Self::Store(error)
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<NoTurn> for AppError {
    fn from(NoTurn: NoTurn) -> Self {
        Self::Overloaded
    }
}
