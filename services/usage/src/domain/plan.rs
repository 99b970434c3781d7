//! How a group of records is written: most of them at once, the few that need a look after them.

use std::{collections::HashMap, ops::Range};

use gazelle_kernel::Period;

use super::{
    key::{Place, PlaceStart},
    refusal::{Outcome, RecordRefusal},
};

/// A group of records in the order of their places.
///
/// Records of one place have the same id. Where a fee comes first among them, the database alone
/// decides what becomes of it. Where a reversal comes first, or a fee that is likely to be there
/// already, all of them are judged one by one ([`Judge`](super::judge::Judge)).
#[derive(Debug)]
pub struct Plan {
    /// Positions in the order of their places. Half as wide as an index: groups are small, and
    /// there are many.
    order: Vec<u32>,
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
    /// in which other periods the same id came.
    #[must_use]
    pub fn new(
        count: usize,
        record: impl Fn(usize) -> (Place, bool),
        mut came_lately: impl FnMut(PlaceStart, &mut dyn FnMut(Period)) -> bool,
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
        let mut at_once = Vec::with_capacity(sorted.len());
        let mut judged = Vec::new();
        let mut firsts_elsewhere = Vec::new();
        let mut suspects = elsewhere.into_iter().peekable();
        let mut start = 0;
        for same in sorted.chunk_by(|a, b| a.start() == b.start() && place(a) == place(b)) {
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
            if first.is_reversal() || known[start] || is_suspect {
                judged.extend(same.iter().map(|packed| packed.position() as usize));
            } else {
                at_once.push(u32::try_from(start).expect(SMALL)..u32::try_from(end).expect(SMALL));
            }
            start = end;
        }
        judged.sort_unstable();
        Self {
            order,
            at_once,
            judged,
            elsewhere: firsts_elsewhere,
        }
    }

    /// The same group, with all fees written at once but those whose ids another period may hold.
    #[must_use]
    pub fn all_at_once(self, record: impl Fn(usize) -> (Place, bool)) -> Self {
        let mut suspects: HashMap<PlaceStart, Vec<Period>> = HashMap::new();
        for (position, period) in &self.elsewhere {
            let start = PlaceStart::of(record(*position).0);
            suspects.entry(start).or_default().push(*period);
        }
        Self::new(self.order.len(), record, |start, elsewhere| {
            let periods = suspects.remove(&start).unwrap_or_default();
            periods.into_iter().for_each(elsewhere);
            false
        })
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
mod tests {
    use std::collections::BTreeSet;

    use gazelle_kernel::Period;

    use super::{
        super::{
            key::{PlatformNumber, RecordKey},
            record::Record,
            samples::{fee, place, reversal},
        },
        *,
    };

    fn plan(records: &[Record]) -> Plan {
        let record = |at: usize| {
            let record: &Record = &records[at];
            (place("2017-03", record), record.reverses.is_some())
        };
        Plan::new(records.len(), record, |_, _| false)
    }

    fn outcomes(records: &[Record], held: Option<&Record>, open: bool) -> Vec<Option<Outcome>> {
        let mut outcomes = vec![None; records.len()];
        let found = match held {
            Some(_) => Found::Record,
            None if open => Found::Nothing,
            None => Found::Sealed,
        };
        for same in plan(records).at_once() {
            let standing = held.unwrap_or(&records[same.first]);
            let is_same = |position: usize| records[position] == *standing;
            decide(same, found, is_same, &mut outcomes);
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
                .at_once()
                .map(|same| place("2017-03", &records[same.first]))
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
        assert_eq!(plan.judged, [1, 2, 3]);
        let mut first: Vec<usize> = plan.at_once().map(|same| same.first).collect();
        first.sort_unstable();
        assert_eq!(first, [0, 4]);
    }

    #[test]
    fn places_that_start_alike_are_told_apart_and_kept_in_order() {
        let key = |rest: u128| RecordKey(7 << 64 | rest);
        let keys = [key(2), key(1), key(2), key(0), key(1)];
        let record = |at: usize| {
            let place = place("2017-03", &fee("a", 1));
            (
                Place {
                    key: keys[at],
                    ..place
                },
                false,
            )
        };
        let plan = Plan::new(keys.len(), record, |_, _| false);
        let runs: Vec<Vec<usize>> = plan
            .at_once()
            .map(|same| [same.first].into_iter().chain(same.repeats()).collect())
            .collect();
        assert_eq!(runs, [vec![3], vec![1, 4], vec![0, 2]]);
    }

    #[test]
    fn packed_records_are_in_the_order_of_their_places() {
        let place = |platform, period: &str, key| Place {
            platform: PlatformNumber(platform),
            period: Period::parse(period).unwrap(),
            key: RecordKey(key),
        };
        let places = [
            place(i16::MIN, "2099-12", u128::MAX),
            place(-1, "2000-01", 0),
            place(0, "2000-01", 1 << 64),
            place(0, "2017-03", 0),
            place(0, "2017-03", u128::MAX),
            place(i16::MAX, "2000-01", 0),
        ];
        let packed = places.map(|place| Packed::new(place, 0, false));
        assert!(places.is_sorted() && packed.is_sorted());
        let whole = Packed::new(places[0], (1 << POSITION_BITS) - 1, true);
        assert_eq!(
            (whole.start(), whole.position()),
            (packed[0].start(), (1 << POSITION_BITS) - 1)
        );
        assert!(whole.is_reversal() && !packed[0].is_reversal());
    }

    #[test]
    fn the_first_of_each_place_comes_in_order_and_those_judged_one_by_one_all() {
        let records = [
            fee("z", 1),
            reversal("b", "z", -1),
            fee("z", 1),
            fee("b", 1),
            fee("c", 1),
        ];
        let plan = plan(&records);
        let place = |at: usize| place("2017-03", &records[at]);
        let firsts: Vec<usize> = plan.firsts().collect();
        let places: Vec<Place> = firsts.iter().map(|at| place(*at)).collect();
        assert!(places.is_sorted());
        assert_eq!(
            firsts.iter().copied().collect::<BTreeSet<_>>(),
            BTreeSet::from([0, 1, 3, 4])
        );
        assert_eq!(plan.find(place(2), place), Some(0));
        assert_eq!(plan.find(place(1), place), None);
        assert!((0..records.len()).all(|at| plan.contains(place(at), place)));
        let other = super::super::samples::place("2017-04", &records[0]);
        assert!(!plan.contains(other, place));
    }

    #[test]
    fn ids_that_another_period_may_hold_are_judged_one_by_one_whatever_else_is() {
        let records = [fee("a", 1), fee("b", 1), fee("a", 1), fee("c", 1)];
        let record = |at: usize| (place("2017-03", &records[at]), false);
        let suspect = PlaceStart::of(record(0).0);
        let february = Period::parse("2017-02").unwrap();
        let plan = Plan::new(records.len(), record, |start, elsewhere| {
            if start == suspect {
                elsewhere(february);
            }
            start != suspect
        });
        assert_eq!(plan.judged, [0, 1, 2, 3]);
        let plan = plan.all_at_once(record);
        assert_eq!(plan.judged, [0, 2]);
        assert_eq!(plan.elsewhere, [(0, february)]);
    }
}
