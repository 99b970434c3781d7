//! Enrollments: who takes part in which program, and when.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{
    Date, Instant, Interval, ParseError, ProgramId, Uscc,
    batch::{self, Judged, Refused, Timeline},
    instant_text,
};
use serde::{Deserialize, Serialize};

/// An enterprise's place in a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    pub program_id: ProgramId,
    pub uscc: Uscc,
    /// When it applied; decides who comes first.
    #[serde(with = "instant_text")]
    pub applied_at: Instant,
    /// Fees of these days may be eligible.
    pub effective: Interval,
}

/// By which the same enrollment is known again: program, enterprise and first day.
pub type EnrollmentKey = (ProgramId, Uscc, Date);

impl Enrollment {
    /// What makes two of them versions of the same.
    #[must_use]
    pub fn key(&self) -> EnrollmentKey {
        (self.program_id.clone(), self.uscc, self.effective.from())
    }
}

/// Why an enrollment is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrollmentRefused {
    /// A field cannot be read.
    #[error("{error}")]
    Field {
        /// Its name in the contract.
        field: &'static str,
        /// What is wrong with it.
        error: ParseError,
    },
    #[error("there is no program {0}: apply it first")]
    ProgramNotFound(ProgramId),
    /// Another enrollment of the enterprise in the program holds on one of its days.
    #[error(
        "the enterprise is enrolled in the program already for {existing}: end that one first, or \
         start after it"
    )]
    Overlap {
        /// The days of the other one.
        existing: Interval,
    },
    /// An earlier item of the batch has the same key and other content.
    #[error(
        "the same program, enterprise and first day stand earlier in the batch with other content: \
         keep one of them"
    )]
    RepeatedInBatch,
}

/// An item of a batch, or why it can be no enrollment.
pub type EnrollmentItem = Result<Enrollment, EnrollmentRefused>;

/// What a batch comes to.
pub type JudgedEnrollments = Judged<Enrollment, EnrollmentRefused>;

/// Judges a batch beside the enrollments that its enterprises have in its programs
/// (`SETTLEMENT.md`, Eligibility); `programs` are those that are known.
#[must_use]
pub fn judge(
    items: &[EnrollmentItem],
    programs: &BTreeSet<ProgramId>,
    existing: &[Enrollment],
) -> JudgedEnrollments {
    let mut timelines: BTreeMap<(ProgramId, Uscc), Timeline<Enrollment>> = BTreeMap::new();
    for enrollment in existing {
        let place = (enrollment.program_id.clone(), enrollment.uscc);
        let timeline = timelines.entry(place).or_default();
        // What is recorded does not overlap; if it did, whoever came first stays.
        let _ = timeline.put(enrollment.effective, enrollment);
    }
    batch::judge(
        items,
        Enrollment::key,
        &EnrollmentRefused::RepeatedInBatch,
        |item| {
            if !programs.contains(&item.program_id) {
                let unknown = EnrollmentRefused::ProgramNotFound(item.program_id.clone());
                return Err(Refused::ForGood(unknown));
            }
            let place = (item.program_id.clone(), item.uscc);
            let timeline = timelines.entry(place).or_default();
            timeline
                .put(item.effective, item)
                .map_err(|other| Refused::Blocked {
                    by: other.key(),
                    refusal: EnrollmentRefused::Overlap {
                        existing: other.effective,
                    },
                })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{self, interval};

    fn enrollment(from: &str, to: &str) -> Enrollment {
        Enrollment {
            effective: interval(from, to),
            ..fixture::enrollment(0)
        }
    }

    fn judged(items: &[Enrollment], existing: &[Enrollment]) -> JudgedEnrollments {
        let items: Vec<EnrollmentItem> = items.iter().cloned().map(Ok).collect();
        judge(&items, &[fixture::program_id("share")].into(), existing)
    }

    /// Items that are new, that replace, that were there, and the places of the others.
    fn counts(judged: &JudgedEnrollments) -> (usize, usize, usize, Vec<usize>) {
        let rejected = judged.rejections.iter();
        (
            judged.created_count(),
            judged.replacing.len(),
            judged.unchanged_count,
            rejected.map(|rejection| rejection.index).collect(),
        )
    }

    #[test]
    fn each_item_is_judged_by_itself() {
        let unknown = Enrollment {
            program_id: fixture::program_id("other"),
            ..enrollment("2017-01-01", "")
        };
        let batch = [
            enrollment("2017-01-01", ""),
            unknown.clone(),
            enrollment("2016-01-01", ""),
        ];
        let judged = judged(&batch, &[enrollment("2017-01-01", "")]);
        assert_eq!(counts(&judged), (0, 0, 1, vec![1, 2]));
        let refusals: Vec<_> = judged.rejections.into_iter().map(|r| r.refusal).collect();
        assert_eq!(
            refusals,
            [
                EnrollmentRefused::ProgramNotFound(unknown.program_id),
                EnrollmentRefused::Overlap {
                    existing: batch[0].effective
                },
            ]
        );
    }

    #[test]
    fn an_enrollment_may_follow_another_but_not_overlap_it() {
        let existing = [enrollment("2017-01-01", "2017-06-01")];
        let fits = [
            enrollment("2017-06-01", ""),
            enrollment("2016-01-01", "2017-01-01"),
        ];
        assert_eq!(counts(&judged(&fits, &existing)), (2, 0, 0, vec![]));
        let overlaps = [
            enrollment("2017-05-31", ""),
            enrollment("2016-01-01", "2017-01-02"),
        ];
        assert_eq!(counts(&judged(&overlaps, &existing)), (0, 0, 0, vec![0, 1]));
    }

    #[test]
    fn the_same_first_day_replaces_unless_it_would_then_overlap() {
        let existing = [
            enrollment("2017-01-01", "2017-06-01"),
            enrollment("2017-08-01", ""),
        ];
        let longer = [enrollment("2017-01-01", "2017-08-01")];
        assert_eq!(counts(&judged(&longer, &existing)), (0, 1, 0, vec![]));
        let too_long = [enrollment("2017-01-01", "")];
        assert_eq!(counts(&judged(&too_long, &existing)), (0, 0, 0, vec![0]));
    }

    #[test]
    fn the_order_within_a_batch_does_not_matter() {
        let existing = [enrollment("2017-01-01", "")];
        let mut batch = [
            enrollment("2017-09-01", ""),
            enrollment("2017-06-01", "2017-09-01"),
            enrollment("2017-01-01", "2017-06-01"),
        ];
        for _ in 0..batch.len() {
            batch.rotate_left(1);
            assert_eq!(counts(&judged(&batch, &existing)), (2, 1, 0, vec![]));
        }
    }

    #[test]
    fn the_same_again_shares_the_fate_of_the_first_and_other_content_is_refused() {
        let first = enrollment("2017-01-01", "2017-06-01");
        let batch = [first.clone(), first, enrollment("2017-01-01", "")];
        let accepted = judged(&batch, &[]);
        assert_eq!(counts(&accepted), (1, 0, 1, vec![2]));
        assert_eq!(
            accepted.rejections[0].refusal,
            EnrollmentRefused::RepeatedInBatch
        );
        let refused = judged(&batch[..2], &[enrollment("2017-05-01", "")]);
        assert_eq!(counts(&refused), (0, 0, 0, vec![0, 1]));
    }

    #[test]
    fn an_enrollment_comes_back_to_the_nanosecond() {
        let enrollment = Enrollment {
            applied_at: fixture::instant("2017-01-01T00:00:00.123456789+08:00"),
            ..fixture::enrollment(0)
        };
        let text = serde_json::to_string(&enrollment).expect("JSON");
        let read: Enrollment = serde_json::from_str(&text).expect("an enrollment");
        assert_eq!(read, enrollment);
    }
}
