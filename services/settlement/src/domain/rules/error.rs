//! Why a run can't be decided.

use gazelle_kernel::{FeeKind, Period, PlatformId, Uscc, Year};

use super::{
    eligibility::ExcludedProgramMissing, overflow::Overflow, result::ConservationBroken,
    split::DoesNotFit,
};

/// Why a run can't be decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// The period is before January of the program year.
    #[error("period {through} is before January of program year {year}")]
    PeriodBeforeYear {
        /// The last period to read.
        through: Period,
        year: Year,
    },
    /// A final value leaves 64 bits.
    #[error("the run's figures are too large")]
    Overflow(#[from] Overflow),
    /// A program that the fees may be left to was not given.
    #[error("a program that this one yields to is missing")]
    ExcludedProgramMissing(#[from] ExcludedProgramMissing),
    /// More was taken back than was reported, and no month is left out; sealing admits no such
    /// totals.
    #[error(
        "an enterprise's totals on {platform_id} for {fee_kind} take back more than was reported"
    )]
    NegativeFees {
        /// Whose fees they are.
        uscc: Uscc,
        /// Which platform charged them.
        platform_id: PlatformId,
        /// What they were for.
        fee_kind: FeeKind,
    },
    /// Earlier lines contradict the rules.
    #[error("what earlier runs gave an enterprise is not what these rules give")]
    PriorContradicts {
        /// To whom they gave it.
        uscc: Uscc,
        /// In which way it does not fit.
        #[source]
        source: DoesNotFit,
    },
    /// The result does not add up; nothing of it may be used.
    #[error("the run can't show that every fen is in one place")]
    ConservationBroken(#[from] ConservationBroken),
}
