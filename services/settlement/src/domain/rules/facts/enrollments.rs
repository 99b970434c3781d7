//! Who takes part in a program, and when.

use foldhash::HashMap;
use gazelle_kernel::{Date, Instant, Uscc, Year};

use crate::domain::enrollment::Enrollment;

/// The enrollments in one program.
#[derive(Debug, Clone, Copy)]
pub struct Enrollments<'a>(pub(super) Option<&'a HashMap<Uscc, Vec<Enrollment>>>);

impl<'a> Enrollments<'a> {
    /// Those of an enterprise.
    #[must_use]
    pub fn by(&self, uscc: &Uscc) -> &'a [Enrollment] {
        self.0
            .and_then(|enrolled| enrolled.get(uscc))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether one of the enterprise's covers a day (`SETTLEMENT.md`, Eligibility 3).
    #[must_use]
    pub fn cover(&self, uscc: &Uscc, day: Date) -> bool {
        self.by(uscc)
            .iter()
            .any(|enrollment| enrollment.effective.contains(day))
    }

    /// When the enterprise first applied, of those that overlap a program year, whatever the
    /// program's term (`SETTLEMENT.md`, Budget).
    #[must_use]
    pub fn first_applied_at(&self, uscc: &Uscc, program_year: Year) -> Option<Instant> {
        let in_year = |enrollment: &&Enrollment| enrollment.effective.overlaps(program_year.days());
        self.by(uscc)
            .iter()
            .filter(in_year)
            .map(|enrollment| enrollment.applied_at)
            .min()
    }
}
