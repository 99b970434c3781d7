//! Everything that a run is decided from.

use gazelle_kernel::{FeeKind, Fen, Period, PlatformId, Uscc, Year};

use super::{
    facts::Facts,
    totals::{Fees, SealedTotals},
};
use crate::domain::program::Program;

/// Everything that a run is decided from. The order of rows does not matter.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The program, in the version in force for the year.
    pub program: &'a Program,
    /// The programs that it yields to, each in the version in force for the year.
    pub others: &'a [Program],
    /// Fees of this program year are settled.
    pub year: Year,
    /// The last period that is read.
    pub through: Period,
    /// The sealed totals of every period from January of the year through that one; rows of other
    /// platforms, fee kinds and years are ignored. Fastest when rows of a shop stand together.
    pub totals: &'a SealedTotals,
    /// Enterprises, bindings, and the enrollments in all these programs.
    pub facts: &'a Facts,
    /// Whether a month that is owed is left out by name. Only then may what is taken back be more
    /// than what was charged: the rest was charged in that month.
    pub leaves_out: bool,
    /// The lines of earlier approved runs of the program and year, or their sums.
    pub prior: &'a [PriorLine],
}

/// What an earlier approved run gave a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorLine {
    /// Whose component it is.
    pub uscc: Uscc,
    /// Which platform charged the fees.
    pub platform_id: PlatformId,
    /// What the fees were for.
    pub fee_kind: FeeKind,
    /// Change of eligible fees.
    pub fee_fen: Fen,
    /// Of that, borne by the government.
    pub government_fen: Fen,
    /// Of that, borne by the platform.
    pub platform_fen: Fen,
}

/// Whether a period is before a program year, of which nothing is settled through it.
pub(in crate::domain) fn is_before(through: Period, year: Year) -> bool {
    through < year.january()
}

impl Inputs<'_> {
    /// Whether fees of the year are the run's to judge (`SETTLEMENT.md`, Eligibility).
    pub(super) fn reads(&self, fees: &Fees) -> bool {
        self.program.in_scope(&fees.platform_id, &fees.fee_kind)
    }
}
