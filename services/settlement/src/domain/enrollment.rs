//! Enrollments: who takes part in which program, and when.

use gazelle_kernel::{Instant, Interval, ProgramId, Uscc};

/// An enterprise's place in a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrollment {
    /// The program.
    pub program_id: ProgramId,
    /// The enterprise.
    pub uscc: Uscc,
    /// When it applied; decides who comes first.
    pub applied_at: Instant,
    /// Fees of these days may be eligible.
    pub effective: Interval,
}

/// What recording an enrollment comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// It is new.
    Created,
    /// It replaces the one with the same first day.
    Replaced,
    /// It is there already, the same.
    Unchanged,
}

/// Another enrollment of the enterprise in the program holds on one of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the enterprise is enrolled in the program already for {existing}")]
pub struct EnrollmentOverlap {
    /// The days of the other one.
    pub existing: Interval,
}

/// Decides what becomes of an enrollment, beside the `existing` ones of the same enterprise in the
/// same program (`SETTLEMENT.md`, Eligibility).
pub fn record(existing: &[Enrollment], new: &Enrollment) -> Result<Recording, EnrollmentOverlap> {
    let replaces = |old: &&Enrollment| old.effective.from() == new.effective.from();
    if let Some(other) = existing
        .iter()
        .find(|old| !replaces(old) && old.effective.overlaps(new.effective))
    {
        return Err(EnrollmentOverlap {
            existing: other.effective,
        });
    }
    Ok(match existing.iter().find(replaces) {
        None => Recording::Created,
        Some(old) if old == new => Recording::Unchanged,
        Some(_) => Recording::Replaced,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    fn enrollment(from: &str, to: &str) -> Enrollment {
        Enrollment {
            effective: fixture::interval(from, to),
            ..fixture::enrollment(0)
        }
    }

    #[test]
    fn an_enrollment_may_follow_another_but_not_overlap_it() {
        let existing = [enrollment("2017-01-01", "2017-06-01")];
        assert_eq!(
            record(&existing, &enrollment("2017-06-01", "")),
            Ok(Recording::Created)
        );
        assert_eq!(
            record(&existing, &enrollment("2016-01-01", "2017-01-01")),
            Ok(Recording::Created)
        );
        assert_eq!(
            record(&existing, &enrollment("2017-05-31", "")),
            Err(EnrollmentOverlap {
                existing: existing[0].effective
            })
        );
    }

    #[test]
    fn the_same_first_day_replaces_but_not_over_the_next() {
        let existing = [
            enrollment("2017-01-01", "2017-06-01"),
            enrollment("2017-08-01", ""),
        ];
        assert_eq!(record(&existing, &existing[0]), Ok(Recording::Unchanged));
        assert_eq!(
            record(&existing, &enrollment("2017-01-01", "2017-08-01")),
            Ok(Recording::Replaced)
        );
        assert_eq!(
            record(&existing, &enrollment("2017-01-01", "")),
            Err(EnrollmentOverlap {
                existing: existing[1].effective
            })
        );
    }
}
