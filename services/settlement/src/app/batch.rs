//! A batch of enrollments, each judged by itself.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Date, ParseError, ProgramId, Uscc};

use crate::domain::enrollment::{self, Enrollment, EnrollmentOverlap, Recording};

/// An item of a batch, or what is wrong with one of its fields.
pub type Item = Result<Enrollment, FieldRefused>;

/// A field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRefused {
    /// Its name in the contract.
    pub field: &'static str,
    /// What is wrong with it.
    pub error: ParseError,
}

/// Why an item is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrollmentRefused {
    /// A field cannot be read.
    Field(FieldRefused),
    /// No such program.
    ProgramNotFound(ProgramId),
    /// Another enrollment of the enterprise in the program holds on one of its days.
    Overlap(EnrollmentOverlap),
    /// An earlier item of the batch has the same key and other content.
    RepeatedInBatch,
}

/// A refused item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Why.
    pub reason: EnrollmentRefused,
}

/// What a batch comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Enrollments to write, by program.
    pub written: BTreeMap<ProgramId, Vec<Enrollment>>,
    /// Items that are new.
    pub created_count: usize,
    /// Items that replace an earlier version of themselves.
    pub changed_count: usize,
    /// Items that are there already.
    pub unchanged_count: usize,
    /// The others, in the order of the batch.
    pub rejections: Vec<Rejection>,
}

/// Judges a batch beside the enrollments that its enterprises have in its programs.
///
/// The first item of a key counts; the same again shares its fate, the same key with other content
/// is refused. An item in whose way another one stands is looked at again after the others: a
/// later item may move that one out of the way.
pub fn judge(items: &[Item], programs: &BTreeSet<ProgramId>, existing: Vec<Enrollment>) -> Judged {
    let mut refused: BTreeMap<usize, EnrollmentRefused> = BTreeMap::new();
    let mut firsts: BTreeMap<(ProgramId, Uscc, Date), usize> = BTreeMap::new();
    let mut pending: Vec<(usize, &Enrollment)> = Vec::new();
    let mut repeats: Vec<(usize, usize)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let item = match item {
            Ok(item) if programs.contains(&item.program_id) => item,
            Ok(item) => {
                refused.insert(
                    index,
                    EnrollmentRefused::ProgramNotFound(item.program_id.clone()),
                );
                continue;
            }
            Err(field) => {
                refused.insert(index, EnrollmentRefused::Field(field.clone()));
                continue;
            }
        };
        let key = (item.program_id.clone(), item.uscc, item.effective.from());
        match firsts.get(&key) {
            None => {
                firsts.insert(key, index);
                pending.push((index, item));
            }
            Some(&first) if items[first].as_ref() == Ok(item) => repeats.push((index, first)),
            Some(_) => {
                refused.insert(index, EnrollmentRefused::RepeatedInBatch);
            }
        }
    }

    let mut judged = Judged::default();
    let mut enrolled: BTreeMap<(ProgramId, Uscc), Vec<Enrollment>> = BTreeMap::new();
    for enrollment in existing {
        let key = (enrollment.program_id.clone(), enrollment.uscc);
        enrolled.entry(key).or_default().push(enrollment);
    }
    loop {
        let before = pending.len();
        pending.retain(|&(index, item)| {
            let key = (item.program_id.clone(), item.uscc);
            let enrolled = enrolled.entry(key).or_default();
            match enrollment::record(enrolled, item) {
                Err(overlap) => {
                    refused.insert(index, EnrollmentRefused::Overlap(overlap));
                    return true;
                }
                Ok(Recording::Unchanged) => judged.unchanged_count += 1,
                Ok(recording @ (Recording::Created | Recording::Replaced)) => {
                    let count = match recording {
                        Recording::Created => &mut judged.created_count,
                        Recording::Replaced | Recording::Unchanged => &mut judged.changed_count,
                    };
                    *count += 1;
                    enrolled.retain(|old| old.effective.from() != item.effective.from());
                    enrolled.push(item.clone());
                    let written = judged.written.entry(item.program_id.clone()).or_default();
                    written.push(item.clone());
                }
            }
            refused.remove(&index);
            false
        });
        if pending.is_empty() || pending.len() == before {
            break;
        }
    }

    for (index, first) in repeats {
        match refused.get(&first).cloned() {
            Some(reason) => {
                refused.insert(index, reason);
            }
            None => judged.unchanged_count += 1,
        }
    }
    let rejection = |(index, reason)| Rejection { index, reason };
    judged.rejections = refused.into_iter().map(rejection).collect();
    judged
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

    fn judged(items: &[Enrollment], existing: &[Enrollment]) -> Judged {
        let items: Vec<Item> = items.iter().cloned().map(Ok).collect();
        judge(
            &items,
            &[fixture::program_id("share")].into(),
            existing.to_vec(),
        )
    }

    fn counts(judged: &Judged) -> (usize, usize, usize, Vec<usize>) {
        let rejected = judged
            .rejections
            .iter()
            .map(|rejection| rejection.index)
            .collect();
        (
            judged.created_count,
            judged.changed_count,
            judged.unchanged_count,
            rejected,
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
        assert_eq!(
            judged.rejections[0].reason,
            EnrollmentRefused::ProgramNotFound(unknown.program_id)
        );
        assert!(matches!(
            judged.rejections[1].reason,
            EnrollmentRefused::Overlap(_)
        ));
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
            let judged = judged(&batch, &existing);
            assert_eq!(counts(&judged), (2, 1, 0, vec![]));
            assert_eq!(judged.written[&fixture::program_id("share")].len(), 3);
        }
    }

    #[test]
    fn the_same_again_shares_the_fate_of_the_first_and_other_content_is_refused() {
        let first = enrollment("2017-01-01", "2017-06-01");
        let batch = [first.clone(), first.clone(), enrollment("2017-01-01", "")];
        let accepted = judged(&batch, &[]);
        assert_eq!(counts(&accepted), (1, 0, 1, vec![2]));
        assert_eq!(
            accepted.rejections[0].reason,
            EnrollmentRefused::RepeatedInBatch
        );

        let in_the_way = enrollment("2017-05-01", "");
        let refused = judged(&batch[..2], &[in_the_way]);
        assert_eq!(counts(&refused), (0, 0, 0, vec![0, 1]));
    }
}
