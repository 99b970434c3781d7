//! How a group of records is written: most of them at once, the few reversals after them.

use std::ops::Range;

use super::{Entry, Outcome, Place, RecordRefusal};

/// A group of records in the order of their places.
///
/// Records of one place have the same id. Where a fee comes first among them, the database alone
/// decides what becomes of it. Where a reversal comes first, all of them are judged one by one
/// ([`Book`](super::Book)), since what becomes of the first decides about the next.
#[derive(Debug)]
pub struct Plan {
    order: Vec<usize>,
    runs: Vec<Range<usize>>,
    /// Positions of the records that are judged one by one, in the order in which they came.
    pub slow: Vec<usize>,
}

/// The records of one place, by their positions in the group; the first is a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The one that came first.
    pub first: usize,
    /// Those that came later.
    pub repeats: &'a [usize],
}

impl Plan {
    /// Plans a group, which is in the order in which its records came.
    #[must_use]
    pub fn new(group: &[Entry]) -> Self {
        let places = group.iter().map(|entry| entry.place);
        let mut sorted: Vec<(Place, usize)> = places.zip(0..).collect();
        // One order for every writer, so that no two wait for each other in a circle.
        sorted.sort_unstable();
        let order: Vec<usize> = sorted.iter().map(|&(_, position)| position).collect();
        let mut runs = Vec::with_capacity(sorted.len());
        let mut slow = Vec::new();
        let mut start = 0;
        for same in sorted.chunk_by(|(a, _), (b, _)| a == b) {
            let end = start + same.len();
            let run = &order[start..end];
            if group[run[0]].record.reverses.is_none() {
                runs.push(start..end);
            } else {
                slow.extend_from_slice(run);
            }
            start = end;
        }
        slow.sort_unstable();
        Self { order, runs, slow }
    }

    /// Places whose first record is a fee, in their order.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = Run<'_>> {
        self.runs.iter().map(|range| Run {
            first: self.order[range.start],
            repeats: &self.order[range.start + 1..range.end],
        })
    }
}

/// What becomes of a place's records: `held` is what stood there before, and `open` whether the
/// period takes new ones.
pub fn settle(
    group: &[Entry],
    run: Run<'_>,
    held: Option<&super::Record>,
    open: bool,
    outcomes: &mut [Option<Outcome>],
) {
    let first = &group[run.first].record;
    let against = |position: usize, standing: &super::Record| {
        if group[position].record == *standing {
            Outcome::Duplicate
        } else {
            Outcome::Refused(RecordRefusal::Conflict)
        }
    };
    outcomes[run.first] = Some(match held {
        Some(held) => against(run.first, held),
        None if open => Outcome::Accepted,
        None => Outcome::Refused(RecordRefusal::PeriodSealed),
    });
    for &position in run.repeats {
        outcomes[position] = Some(match held {
            Some(held) => against(position, held),
            None if open => against(position, first),
            None => Outcome::Refused(RecordRefusal::PeriodSealed),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Record,
            record::tests::{entry, fee, reversal},
        },
        *,
    };

    fn group(records: &[Record]) -> Vec<Entry> {
        records.iter().map(|record| entry(record.clone())).collect()
    }

    fn outcomes(records: &[Record], held: Option<&Record>, open: bool) -> Vec<Option<Outcome>> {
        let group = group(records);
        let mut outcomes = vec![None; group.len()];
        for run in Plan::new(&group).runs() {
            settle(&group, run, held, open, &mut outcomes);
        }
        outcomes
    }

    const ACCEPTED: Option<Outcome> = Some(Outcome::Accepted);
    const DUPLICATE: Option<Outcome> = Some(Outcome::Duplicate);
    const CONFLICT: Option<Outcome> = Some(Outcome::Refused(RecordRefusal::Conflict));
    const SEALED: Option<Outcome> = Some(Outcome::Refused(RecordRefusal::PeriodSealed));

    #[test]
    fn places_are_written_in_one_order_whatever_the_order_of_arrival() {
        let places = |records: &[Record]| -> Vec<_> {
            let group = group(records);
            Plan::new(&group)
                .runs()
                .map(|run| group[run.first].place)
                .collect()
        };
        let (a, b, c) = (fee("a", 1), fee("b", 1), fee("c", 1));
        let one = places(&[a.clone(), b.clone(), c.clone()]);
        assert!(one.is_sorted());
        assert_eq!(one, places(&[c, a, b]));
    }

    #[test]
    fn the_first_of_a_place_wins() {
        let records = [fee("a", 1), fee("a", 2), fee("a", 1), fee("b", 1)];
        assert_eq!(
            outcomes(&records, None, true),
            [ACCEPTED, CONFLICT, DUPLICATE, ACCEPTED]
        );
    }

    #[test]
    fn what_stood_before_wins_over_the_first() {
        let records = [fee("a", 1), fee("a", 2), reversal("a", "x", -1)];
        let held = fee("a", 2);
        assert_eq!(
            outcomes(&records, Some(&held), true),
            [CONFLICT, DUPLICATE, CONFLICT]
        );
    }

    #[test]
    fn a_sealed_period_takes_nothing_new_and_knows_what_it_has() {
        let records = [fee("a", 1), fee("a", 1), fee("a", 2)];
        assert_eq!(outcomes(&records, None, false), [SEALED, SEALED, SEALED]);
        let held = fee("a", 1);
        assert_eq!(
            outcomes(&records, Some(&held), false),
            [DUPLICATE, DUPLICATE, CONFLICT]
        );
    }

    #[test]
    fn places_that_a_reversal_came_to_first_are_judged_one_by_one_in_their_order() {
        let records = [
            fee("z", 1),
            reversal("b", "z", -1),
            reversal("a", "z", -1),
            fee("b", 1),
            fee("c", 1),
        ];
        let group = group(&records);
        let plan = Plan::new(&group);
        assert_eq!(plan.slow, [1, 2, 3]);
        let mut first: Vec<usize> = plan.runs().map(|run| run.first).collect();
        first.sort_unstable();
        assert_eq!(first, [0, 4]);
    }
}
