//! How a group of records is written: most of them at once, the few that need a look after them.

use std::{collections::HashSet, ops::Range};

use gazelle_kernel::Period;

use super::{
    key::{Place, PlaceStart},
    refusal::{Outcome, RecordRefusal},
};

/// A group of records in the order of their places.
///
/// Records of one place have the same id. Where a fee comes first among them, the database alone
/// decides what becomes of it. Where a reversal comes first, or a fee that is likely to be there
/// already, all of them are judged one by one ([`Judge`](super::judge::Judge)); but where most are
/// likely to be there, what stands is looked up for all at once.
#[derive(Debug)]
pub struct Plan {
    /// Positions in the order of their places. Half as wide as an index: groups are small, and
    /// there are many.
    order: Vec<u32>,
    /// The starts of their places, in the same order.
    starts: Vec<PlaceStart>,
    /// Many records came lately, so what stands is looked up first.
    pub is_repeating: bool,
    /// The places whose records are written at once, as parts of the order.
    at_once: Vec<Range<u32>>,
    /// Positions of the records that are judged one by one, in the order in which they came.
    pub judged: Vec<usize>,
    /// Positions of records that came first of their place, each with another period that may hold
    /// the same id.
    pub elsewhere: Vec<(usize, Period)>,
}

/// The records of one place, by their positions in the group; the first is a fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamePlace<'a> {
    /// The one that came first.
    pub first: usize,
    /// Those that came later.
    repeats: &'a [u32],
}

impl SamePlace<'_> {
    /// Those that came later.
    pub fn repeats(&self) -> impl Iterator<Item = usize> {
        self.repeats.iter().map(|position| *position as usize)
    }
}

/// A record as it is sorted: the start of its place, its position, and whether it is a reversal,
/// from the most significant bit on. A number is sorted several times faster than the place, and
/// what is asked of each record is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packed(u128);

const POSITION_BITS: u32 = 31;

const SMALL: &str = "a group has some ten thousand records";

impl Packed {
    fn new(place: Place, position: u32, is_reversal: bool) -> Self {
        let start = PlaceStart::of(place);
        Self(
            u128::from(start.period) << 96
                | u128::from(start.key) << 32
                | u128::from(position) << 1
                | u128::from(is_reversal),
        )
    }

    fn start(self) -> PlaceStart {
        const FEW: &str = "the other bits are cut off";
        PlaceStart {
            period: u32::try_from(self.0 >> 96).expect(FEW),
            key: u64::try_from(self.0 >> 32 & u128::from(u64::MAX)).expect(FEW),
        }
    }

    fn position(self) -> u32 {
        let mask = (1 << POSITION_BITS) - 1;
        u32::try_from(self.0 >> 1 & mask).expect("the other bits are cut off")
    }

    fn is_reversal(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Plan {
    /// Plans a group of so many records. `record` gives the place of the one at a position, and
    /// whether it is a reversal. `came_lately` is asked in the order of the places, and also tells
    /// in which other periods the same id came. `is_repeating` says, of how many fees came lately,
    /// whether what stands is looked up for all of them.
    #[must_use]
    pub fn new(
        count: usize,
        record: impl Fn(usize) -> (Place, bool),
        mut came_lately: impl FnMut(PlaceStart, &mut dyn FnMut(Period)) -> bool,
        is_repeating: impl FnOnce(usize) -> bool,
    ) -> Self {
        let sorted = sort(count, &record);
        let place = |packed: &Packed| record(packed.position() as usize).0;
        // One right after the other: each waits for memory, and so they wait together.
        let mut elsewhere: Vec<(usize, Period)> = Vec::new();
        let known: Vec<bool> = (sorted.iter().enumerate())
            .map(|(at, packed)| {
                came_lately(packed.start(), &mut |period| elsewhere.push((at, period)))
            })
            .collect();
        let order: Vec<u32> = sorted.iter().map(|packed| packed.position()).collect();
        let starts: Vec<PlaceStart> = sorted.iter().map(|packed| packed.start()).collect();
        let places = || sorted.chunk_by(|a, b| a.start() == b.start() && place(a) == place(b));
        let (mut fees, mut start) = (0, 0);
        for same in places() {
            fees += same.len() * usize::from(known[start] && !same[0].is_reversal());
            start += same.len();
        }
        let is_repeating = is_repeating(fees);
        // Of an id for two periods in the group itself the one that came first stands, and places
        // are in the order of their periods.
        let twice = |(at, period): &(usize, Period)| starts[*at].in_period(*period);
        let twice: HashSet<PlaceStart> = elsewhere.iter().map(twice).collect();
        let mut at_once = Vec::with_capacity(sorted.len());
        let mut judged = Vec::new();
        let mut firsts_elsewhere = Vec::new();
        let mut suspects = elsewhere.into_iter().peekable();
        let mut start = 0;
        for same in places() {
            let end = start + same.len();
            let first = same[0];
            let is_suspect = suspects.peek().is_some_and(|(at, _)| *at < end);
            let of_place = firsts_elsewhere.len();
            while let Some((_, period)) = suspects.next_if(|(at, _)| *at < end) {
                let suspect = (first.position() as usize, period);
                if !firsts_elsewhere[of_place..].contains(&suspect) {
                    firsts_elsewhere.push(suspect);
                }
            }
            let is_judged = first.is_reversal() || is_suspect || twice.contains(&first.start());
            if is_judged || known[start] && !is_repeating {
                judged.extend(same.iter().map(|packed| packed.position() as usize));
            } else {
                at_once.push(u32::try_from(start).expect(SMALL)..u32::try_from(end).expect(SMALL));
            }
            start = end;
        }
        judged.sort_unstable();
        Self {
            order,
            starts,
            is_repeating,
            at_once,
            judged,
            elsewhere: firsts_elsewhere,
        }
    }

    /// Whether what is written at once may have come in another group: a place of that one starts
    /// alike.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        let at_once = self.at_once.iter();
        has_any(
            &other.starts,
            at_once.map(|same| self.starts[same.start as usize]),
        )
    }

    /// The same of all of it.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        has_any(&other.starts, self.starts.iter().copied())
    }

    /// The first record of each place, in the order of the places; all of a place whose records
    /// are judged one by one.
    pub fn firsts(&self) -> impl Iterator<Item = usize> {
        let mut at_once = self.at_once.iter().peekable();
        let mut at = 0;
        std::iter::from_fn(move || {
            let position = *self.order.get(at)?;
            at = match at_once.next_if(|same| same.start as usize == at) {
                Some(same) => same.end as usize,
                None => at + 1,
            };
            Some(position as usize)
        })
    }

    /// Whether any record is of a place.
    #[must_use]
    pub fn contains(&self, wanted: Place, place: impl Fn(usize) -> Place) -> bool {
        let place = |position: &u32| place(*position as usize);
        self.order.binary_search_by_key(&wanted, place).is_ok()
    }

    /// The first record of the place that is written at once where `place` says that it is.
    #[must_use]
    pub fn find(&self, wanted: Place, place: impl Fn(usize) -> Place) -> Option<usize> {
        let first = |same: &Range<u32>| self.order[same.start as usize] as usize;
        let found = self
            .at_once
            .binary_search_by_key(&wanted, |same| place(first(same)));
        found.ok().map(|at| first(&self.at_once[at]))
    }

    /// Places whose records are written at once, in their order.
    pub fn at_once(&self) -> impl ExactSizeIterator<Item = SamePlace<'_>> {
        self.at_once.iter().map(|range| {
            let positions = &self.order[range.start as usize..range.end as usize];
            SamePlace {
                first: positions[0] as usize,
                repeats: &positions[1..],
            }
        })
    }
}

/// Whether any of some is among others; all in order.
fn has_any(mut others: &[PlaceStart], mut some: impl Iterator<Item = PlaceStart>) -> bool {
    some.any(|start| {
        let before = others.iter().take_while(|it| **it < start).count();
        others = &others[before..];
        others.first() == Some(&start)
    })
}

/// So that no two writers wait for each other in a circle, all of them write in one order.
fn sort(count: usize, record: impl Fn(usize) -> (Place, bool)) -> Vec<Packed> {
    let pack = |position| {
        let (place, is_reversal) = record(position);
        Packed::new(place, u32::try_from(position).expect(SMALL), is_reversal)
    };
    let mut sorted: Vec<Packed> = (0..count).map(pack).collect();
    sorted.sort_unstable();
    let place = |packed: &Packed| record(packed.position() as usize).0;
    for same_start in sorted.chunk_by_mut(|a, b| a.start() == b.start()) {
        if same_start.len() > 1 {
            same_start.sort_by_key(|packed| (place(packed), packed.position()));
        }
    }
    sorted
}

/// What a place's records find there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A record that was kept before.
    Record,
    /// Nothing, and the first of them is kept.
    Nothing,
    /// Nothing, and the period takes nothing new.
    Sealed,
}

/// What becomes of a place's records. `is_same` says whether the record at a position has the
/// content of the one that stands there: what was found or, where nothing was, the first of them.
pub fn decide(
    records: SamePlace<'_>,
    found: Found,
    is_same: impl Fn(usize) -> bool,
    outcomes: &mut [Option<Outcome>],
) {
    let against = |position: usize| match found {
        Found::Sealed => Outcome::Refused(RecordRefusal::PeriodSealed),
        Found::Record | Found::Nothing if is_same(position) => Outcome::Duplicate,
        Found::Record | Found::Nothing => Outcome::Refused(RecordRefusal::Conflict),
    };
    outcomes[records.first] = Some(match found {
        Found::Nothing => Outcome::Accepted,
        Found::Record | Found::Sealed => against(records.first),
    });
    for position in records.repeats() {
        outcomes[position] = Some(against(position));
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
