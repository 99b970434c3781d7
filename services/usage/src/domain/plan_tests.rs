//! How groups are taken apart.

use std::collections::BTreeSet;

use gazelle_kernel::Period;

use super::*;
use crate::domain::{
    key::{PlatformNumber, RecordKey},
    record::Record,
    samples::{self, fee, place, reversal},
};

fn plan(records: &[Record]) -> Plan {
    let record = |at: usize| {
        let record: &Record = &records[at];
        (place("2017-03", record), record.reverses.is_some())
    };
    Plan::new(records.len(), record, |_, _| false, |_| false)
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
    let plan = Plan::new(keys.len(), record, |_, _| false, |_| false);
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
    let other = samples::place("2017-04", &records[0]);
    assert!(!plan.contains(other, place));
}

#[test]
fn ids_that_another_period_may_hold_are_judged_one_by_one_whatever_else_is() {
    let records = [fee("a", 1), fee("b", 1), fee("a", 1), fee("c", 1)];
    let record = |at: usize| (place("2017-03", &records[at]), false);
    let suspect = PlaceStart::of(record(0).0);
    let february = Period::parse("2017-02").unwrap();
    let plan = |is_repeating: bool| {
        let came_lately = |start, elsewhere: &mut dyn FnMut(Period)| {
            if start == suspect {
                elsewhere(february);
            }
            start != suspect
        };
        Plan::new(records.len(), record, came_lately, |_| is_repeating)
    };
    assert_eq!(plan(false).judged, [0, 1, 2, 3]);
    assert_eq!(plan(true).judged, [0, 2]);
    assert_eq!(plan(true).elsewhere, [(0, february)]);
}

#[test]
fn an_id_for_two_periods_of_a_group_is_judged_in_the_order_in_which_it_came() {
    let records = [fee("a", 1), fee("b", 1), fee("a", 2)];
    let record = |at: usize| {
        let period = ["2017-03", "2017-03", "2017-02"][at];
        (place(period, &records[at]), false)
    };
    let mut seen: Vec<PlaceStart> = Vec::new();
    let came_lately = |start: PlaceStart, elsewhere: &mut dyn FnMut(Period)| {
        let february = Period::parse("2017-02").unwrap();
        if start != start.in_period(february) && seen.contains(&start.in_period(february)) {
            elsewhere(february);
        }
        seen.push(start);
        false
    };
    let plan = Plan::new(records.len(), record, came_lately, |_| false);
    assert_eq!(plan.judged, [0, 2]);
}

#[test]
fn what_is_written_at_once_may_repeat_what_another_group_brings() {
    let group = |ids: &[&str], known: &str, is_repeating: bool| {
        let records: Vec<Record> = ids.iter().map(|id| fee(id, 1)).collect();
        let record = |at: usize| (place("2017-03", &records[at]), false);
        let known = PlaceStart::of(place("2017-03", &fee(known, 1)));
        let came_lately = |start, _: &mut dyn FnMut(Period)| start == known;
        Plan::new(records.len(), record, came_lately, |_| is_repeating)
    };
    let before = group(&["d", "b", "a", "x"], "none", false);
    for id in ["a", "b", "d", "x"] {
        assert!(group(&["c", id, "y"], id, true).repeats(&before), "{id}");
        // It is judged by itself, after what came before.
        assert!(!group(&["c", id, "y"], id, false).repeats(&before), "{id}");
    }
    assert!(!group(&["c", "y"], "c", true).repeats(&before));
    // Whether anybody remembers or not.
    assert!(group(&["c", "a"], "none", false).repeats(&before));
}

#[test]
fn fees_that_came_lately_are_counted_by_what_came_first_of_their_place() {
    let records = [
        fee("a", 1),
        fee("a", 2),
        fee("b", 1),
        reversal("c", "b", -1),
    ];
    let record = |at: usize| {
        (
            place("2017-03", &records[at]),
            records[at].reverses.is_some(),
        )
    };
    let mut counted = 0;
    let fresh = PlaceStart::of(record(2).0);
    let came_lately = |start, _: &mut dyn FnMut(Period)| start != fresh;
    let is_repeating = |fees| {
        counted = fees;
        false
    };
    let _ = Plan::new(records.len(), record, came_lately, is_repeating);
    assert_eq!(counted, 2);
}
