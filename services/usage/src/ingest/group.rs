//! A group of batches, laid out for writing.

use std::collections::{BTreeSet, HashMap};

use gazelle_kernel::{FeeKind, Period, PlatformId};

use super::batch::{Batch, BatchRecord};
use crate::{
    domain::{
        key::{Place, PlaceStart, PlatformNumber, PlatformPeriod, RecordKey},
        plan::Plan,
        record::Record,
        ruling::Accepted,
    },
    store::{copy_in::NewRow, record::NewRecord},
};

/// Numbers that the database has given.
#[derive(Debug)]
pub struct Numbers {
    pub platforms: HashMap<PlatformId, PlatformNumber>,
    pub fee_kinds: HashMap<FeeKind, i32>,
}

impl Numbers {
    /// The period that a batch is of, whose platform is numbered.
    pub fn period(&self, batch: &Batch) -> PlatformPeriod {
        PlatformPeriod {
            platform: self.platforms[&batch.platform],
            period: batch.period,
        }
    }
}

/// A group in the order in which its batches came.
#[derive(Debug)]
pub struct Group {
    pub batches: Vec<NumberedBatch>,
    /// All periods of it, in order.
    pub periods: Vec<PlatformPeriod>,
    /// Where each record of proper form is.
    records: Vec<RecordPosition>,
    /// How it is written.
    pub plan: Plan,
    /// What its reversals name, each with the reversal's period.
    pub named: BTreeSet<Place>,
}

/// Where a record is. What copying needs stands here, close together: it goes through the records
/// in an order that is not theirs.
#[derive(Debug, Clone, Copy)]
struct RecordPosition {
    batch: u32,
    record: u32,
    row: u32,
    row_len: u16,
    kind: u16,
}

/// A batch with its numbers.
#[derive(Debug)]
pub struct NumberedBatch {
    pub batch: Batch,
    pub period: PlatformPeriod,
    /// Of each of its fee kinds.
    kinds: Vec<i32>,
}

impl NumberedBatch {
    fn new(batch: Batch, numbers: &Numbers) -> Self {
        Self {
            period: numbers.period(&batch),
            kinds: batch.kinds.iter().map(|k| numbers.fee_kinds[k]).collect(),
            batch,
        }
    }

    fn place(&self, record: &BatchRecord) -> Place {
        self.period.place(record.key)
    }
}

/// Where each record of proper form is, in the order in which they came.
fn positions(batches: &[NumberedBatch]) -> Vec<RecordPosition> {
    let count = batches.iter().map(|one| one.batch.records.len()).sum();
    let mut records = Vec::with_capacity(count);
    for (batch, numbered) in (0..).zip(batches) {
        let of_batch = (0..).zip(&numbered.batch.records);
        records.extend(of_batch.map(|(at, record)| RecordPosition {
            batch,
            record: at,
            row: record.row,
            row_len: record.row_len,
            kind: record.kind,
        }));
    }
    records
}

impl Group {
    /// Lays batches out. `numbers` has all that they name; `came_lately` says of a place whether a
    /// record came for it a while ago, and in which other periods the same id did; `is_repeating`,
    /// of how many fees that did among how many records, whether what stands is looked up for all.
    pub fn new(
        batches: Vec<Batch>,
        numbers: &Numbers,
        came_lately: impl FnMut(PlaceStart, &mut dyn FnMut(Period)) -> bool,
        is_repeating: impl FnOnce(usize, usize) -> bool,
    ) -> Self {
        let number = |batch| NumberedBatch::new(batch, numbers);
        let batches: Vec<NumberedBatch> = batches.into_iter().map(number).collect();
        let records = positions(&batches);
        let count = records.len();
        let find = |position: usize| {
            let at: &RecordPosition = &records[position];
            let numbered = &batches[at.batch as usize];
            (numbered, &numbered.batch.records[at.record as usize])
        };
        let place = |position: usize| {
            let (numbered, record) = find(position);
            (numbered.place(record), record.is_reversal)
        };
        let plan = Plan::new(count, place, came_lately, |fees| is_repeating(fees, count));
        let periods: BTreeSet<PlatformPeriod> = batches.iter().map(|one| one.period).collect();
        let named = plan.judged.iter().filter_map(|&position| {
            let (numbered, record) = find(position);
            let key = RecordKey::of(numbered.batch.content(record).reverses?);
            let place = numbered.place(record);
            Some(Place { key, ..place })
        });
        Self {
            named: named.collect(),
            periods: periods.into_iter().collect(),
            plan,
            batches,
            records,
        }
    }

    /// Records of proper form.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is anything but records that are judged one by one.
    pub fn has_fees(&self) -> bool {
        self.plan.at_once().len() > 0
            || self.plan.judged.is_empty()
            || self
                .batches
                .iter()
                .any(|one| !one.batch.malformed.is_empty())
    }

    /// The record at a position, and its batch.
    pub fn find(&self, position: usize) -> (&NumberedBatch, &BatchRecord) {
        let at = self.records[position];
        let numbered = &self.batches[at.batch as usize];
        (numbered, &numbered.batch.records[at.record as usize])
    }

    /// Where the record at a position belongs.
    pub fn place(&self, position: usize) -> Place {
        let (numbered, record) = self.find(position);
        numbered.place(record)
    }

    /// What the record at a position says.
    pub fn record(&self, position: usize) -> Record {
        let (numbered, record) = self.find(position);
        numbered.batch.content(record).to_record()
    }

    /// Whether two records have the same content.
    pub fn is_same(&self, one: usize, other: usize) -> bool {
        let content = |position| {
            let (numbered, record) = self.find(position);
            numbered.batch.content(record)
        };
        content(one) == content(other)
    }

    /// Whether the record at a position takes another one back.
    pub fn is_reversal(&self, position: usize) -> bool {
        self.find(position).1.is_reversal
    }

    /// Where in the group itself a record may be that a reversal names: in each of its periods up
    /// to the reversal's.
    pub fn places_of(&self, named: Place) -> impl Iterator<Item = Place> {
        let periods = self.periods.iter();
        let periods =
            periods.filter(move |it| it.platform == named.platform && it.period <= named.period);
        periods.map(move |it| named.in_period(it.period))
    }

    /// Whether what reversals name is changed by this group: it brings a record of the id, or takes
    /// one back.
    pub fn touches(&self, named: &BTreeSet<Place>) -> bool {
        if named.is_empty() {
            return false;
        }
        let id = |place: &Place| (place.platform, place.key);
        let own: BTreeSet<_> = self.named.iter().map(id).collect();
        named.iter().any(|named| {
            own.contains(&id(named))
                || self
                    .places_of(*named)
                    .any(|place| self.plan.contains(place, |position| self.place(position)))
        })
    }

    /// Whether what is written at once may be among what another group brings.
    pub fn repeats(&self, other: &Self) -> bool {
        self.shares_period(other) && self.plan.repeats(&other.plan)
    }

    /// Whether anything may be.
    pub fn meets(&self, other: &Self) -> bool {
        self.shares_period(other) && self.plan.meets(&other.plan)
    }

    fn shares_period(&self, other: &Self) -> bool {
        let has = |period| other.periods.binary_search(period).is_ok();
        self.periods.iter().any(has)
    }

    /// The fee that is written at once at a place.
    pub fn find_fee(&self, place: Place) -> Option<usize> {
        self.plan.find(place, |position| self.place(position))
    }

    /// The row of the fee at a position.
    pub fn row(&self, position: usize) -> NewRow<'_> {
        let at = self.records[position];
        let numbered = &self.batches[at.batch as usize];
        NewRow {
            row: numbered.batch.row(at.row, at.row_len),
            platform: numbered.period.platform,
            fee_kind: numbered.kinds[usize::from(at.kind)],
            accepted: None,
        }
    }

    /// The row of the reversal at a position.
    pub fn row_with<'a>(&'a self, position: usize, accepted: &'a Accepted) -> NewRow<'a> {
        NewRow {
            accepted: Some(accepted),
            ..self.row(position)
        }
    }

    /// The fee at a position as it is kept.
    pub fn new_fee(&self, position: usize) -> NewRecord<'_> {
        let accepted = Accepted {
            fee_date: self.find(position).1.occurred_on,
            reverses: None,
        };
        self.new_record(position, accepted)
    }

    /// The record at a position as it is kept.
    pub fn new_record(&self, position: usize, accepted: Accepted) -> NewRecord<'_> {
        let (numbered, record) = self.find(position);
        NewRecord {
            place: numbered.place(record),
            record: numbered.batch.content(record),
            fee_kind: numbered.kinds[usize::from(record.kind)],
            accepted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::group;

    #[test]
    fn a_group_touches_what_it_brings_or_takes_back_up_to_the_reversals_period() {
        let after = group(&[
            ("alpha", "2017-03", "r", "f"),
            ("alpha", "2017-03", "g", ""),
        ]);
        let touches =
            |before| group(&[("alpha", "2017-03", "x", ""), before]).touches(&after.named);
        assert!(touches(("alpha", "2017-03", "f", "")));
        assert!(touches(("alpha", "2017-01", "f", "")));
        assert!(touches(("alpha", "2017-02", "f", "other")));
        assert!(touches(("alpha", "2017-02", "s", "f")));
        assert!(touches(("alpha", "2017-04", "s", "f")));
        assert!(!touches(("alpha", "2017-04", "f", "")));
        assert!(!touches(("alpha", "2017-03", "g", "")));
        assert!(!touches(("alpha", "2017-03", "r", "")));
        assert!(!touches(("beta", "2017-03", "f", "")));
        assert!(!touches(("beta", "2017-03", "s", "f")));
    }

    #[test]
    fn a_fee_is_found_in_the_group_itself_in_its_periods_up_to_the_reversals() {
        let group = group(&[
            ("alpha", "2017-02", "f", ""),
            ("alpha", "2017-03", "r", "f"),
            ("alpha", "2017-04", "f", ""),
            ("beta", "2017-01", "f", ""),
        ]);
        let named = *group.named.first().unwrap();
        let own: Vec<usize> = group
            .places_of(named)
            .filter_map(|place| group.find_fee(place))
            .collect();
        assert_eq!((group.named.len(), own), (1, vec![0]));
    }
}
