//! A run to compute.

use std::collections::BTreeSet;

use gazelle_kernel::{Period, ProgramId, Year};

use super::owed::OwedPeriod;

/// A run to compute.
#[derive(Debug, Clone)]
pub struct Computation {
    pub program_id: ProgramId,
    /// Fees of this year are settled.
    pub year: Year,
    /// The last period to read.
    pub through_period: Period,
    /// Months that are owed and knowingly left out.
    pub left_out: BTreeSet<OwedPeriod>,
}

impl Computation {
    /// The periods that are read.
    #[must_use]
    pub fn span(&self) -> (Period, Period) {
        (self.year.january(), self.through_period)
    }
}
