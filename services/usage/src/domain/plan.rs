//! How a group of records is written: most of them at once, the few that need a look after them.

use std::ops::Range;

use super::{Outcome, Place, RecordRefusal};

/// A group of records in the order of their places.
///
/// Records of one place have the same id. Where a fee comes first among them, the database alone
/// decides what becomes of it. Where a reversal comes first, or a fee that is likely to be there
/// already, all of them are judged one by one ([`Book`](super::Book)).
#[derive(Debug)]
pub struct Plan {
    /// Positions in the order of their places. Half as wide as an index: groups are small, and
    /// there are many.
    order: Vec<u32>,
    runs: Vec<Range<u32>>,
    /// Positions of the records that are judged one by one, in the order in which they came.
    pub slow: Vec<usize>,
}

/// The records of one place, by their positions in the group; the first is a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The one that came first.
    pub first: usize,
    /// Those that came later.
    repeats: &'a [u32],
}

impl Run<'_> {
    /// Those that came later.
    pub fn repeats(&self) -> impl Iterator<Item = usize> {
        self.repeats.iter().map(|position| *position as usize)
    }
}

impl Plan {
    /// Plans a group, whose places are in the order in which their records came. `is_slow` is asked
    /// about the first record of each place, in the order of the places: whether those of the place
    /// are judged one by one.
    #[must_use]
    pub fn new(
        places: impl Iterator<Item = Place>,
        mut is_slow: impl FnMut(usize, Place) -> bool,
    ) -> Self {
        let mut sorted: Vec<(Place, u32)> = places.zip(0..).collect();
        // One order for every writer, so that no two wait for each other in a circle.
        sorted.sort_unstable();
        let order: Vec<u32> = sorted.iter().map(|&(_, position)| position).collect();
        let mut runs = Vec::with_capacity(sorted.len());
        let mut slow = Vec::new();
        let mut start = 0;
        for same in sorted.chunk_by(|(a, _), (b, _)| a == b) {
            let end = start + same.len();
            let (place, first) = same[0];
            if is_slow(first as usize, place) {
                slow.extend(same.iter().map(|&(_, position)| position as usize));
            } else {
                let small = "a group has some ten thousand records";
                runs.push(u32::try_from(start).expect(small)..u32::try_from(end).expect(small));
            }
            start = end;
        }
        slow.sort_unstable();
        Self { order, runs, slow }
    }

    /// Places whose records are written at once, in their order.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = Run<'_>> {
        self.runs.iter().map(|range| {
            let positions = &self.order[range.start as usize..range.end as usize];
            Run {
                first: positions[0] as usize,
                repeats: &positions[1..],
            }
        })
    }
}

/// What a place's records find there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A record that was kept before.
    Record,
    /// Nothing, and the first of them is kept.
    Nothing,
    /// Nothing, and the period takes nothing new.
    Shut,
}

/// What becomes of a place's records. `is_same` says whether the record at a position has the
/// content of the one that stands there: what was found or, where nothing was, the first of them.
pub fn settle(
    run: Run<'_>,
    found: Found,
    is_same: impl Fn(usize) -> bool,
    outcomes: &mut [Option<Outcome>],
) {
    let against = |position: usize| match found {
        Found::Shut => Outcome::Refused(RecordRefusal::PeriodSealed),
        _ if is_same(position) => Outcome::Duplicate,
        _ => Outcome::Refused(RecordRefusal::Conflict),
    };
    outcomes[run.first] = Some(match found {
        Found::Nothing => Outcome::Accepted,
        Found::Record | Found::Shut => against(run.first),
    });
    for position in run.repeats() {
        outcomes[position] = Some(against(position));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            Record,
            record::tests::{fee, place, reversal},
        },
        *,
    };

    fn plan(records: &[Record]) -> Plan {
        let places = records.iter().map(|record| place("2017-03", record));
        Plan::new(places, |position, _| records[position].reverses.is_some())
    }

    fn outcomes(records: &[Record], held: Option<&Record>, open: bool) -> Vec<Option<Outcome>> {
        let mut outcomes = vec![None; records.len()];
        let found = match held {
            Some(_) => Found::Record,
            None if open => Found::Nothing,
            None => Found::Shut,
        };
        for run in plan(records).runs() {
            let standing = held.unwrap_or(&records[run.first]);
            let is_same = |position: usize| records[position] == *standing;
            settle(run, found, is_same, &mut outcomes);
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
            plan(records)
                .runs()
                .map(|run| place("2017-03", &records[run.first]))
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
        let plan = plan(&records);
        assert_eq!(plan.slow, [1, 2, 3]);
        let mut first: Vec<usize> = plan.runs().map(|run| run.first).collect();
        first.sort_unstable();
        assert_eq!(first, [0, 4]);
    }
}
