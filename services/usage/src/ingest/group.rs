//! A group of batches, laid out for writing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gazelle_kernel::{FeeKind, PlatformId};

use super::{Acknowledgement, Batch, IngestError, Remark, batch::Entry};
use crate::{
    domain::{
        Accepted, Outcome, Place, PlaceStart, Plan, PlatformNumber, PlatformPeriod, Receipt,
        Record, RecordKey, RecordRefusal, Refusals,
    },
    store::{
        period::Holding,
        record::{NewRecord, NewRow},
    },
};

/// Numbers that the database has given.
#[derive(Debug)]
pub struct Numbers {
    pub platforms: HashMap<PlatformId, PlatformNumber>,
    pub fee_kinds: HashMap<FeeKind, i32>,
}

/// A group in the order in which its batches came.
#[derive(Debug)]
pub struct Group {
    batches: Vec<Numbered>,
    /// All months of it, in order.
    pub months: Vec<PlatformPeriod>,
    /// Where each record of proper form is.
    records: Vec<At>,
    /// How it is written.
    pub plan: Plan,
    /// It has many records that came lately, so what stands is looked up first.
    pub is_repeating: bool,
    /// What its reversals name, each with the reversal's month.
    pub named: BTreeSet<Place>,
}

/// Where a record is. What copying needs stands here, close together: it goes through the records
/// in an order that is not theirs.
#[derive(Debug, Clone, Copy)]
struct At {
    batch: u32,
    entry: u32,
    row: u32,
    row_len: u16,
    kind: u16,
}

/// A batch with its numbers.
#[derive(Debug)]
struct Numbered {
    batch: Batch,
    month: PlatformPeriod,
    /// Of each of its fee kinds.
    kinds: Vec<i32>,
}

/// What became of a group, or of the part of it that a transaction wrote.
#[derive(Debug)]
pub struct Written {
    /// Of each entry; none of what was not judged.
    pub outcomes: Vec<Option<Outcome>>,
    /// What is now held of each month.
    pub holdings: HashMap<PlatformPeriod, Holding>,
}

/// The month of a place.
pub fn month(place: Place) -> PlatformPeriod {
    (place.platform, place.period)
}

/// Of how many records one may have come lately, before looking at each of them on its own is
/// slower than looking up all.
const REPEATS_SHARE: usize = 8;

impl Group {
    /// Lays batches out. `numbers` has all that they name; `came_lately` says of a place whether a
    /// record came for it a while ago.
    pub fn new(
        batches: Vec<Batch>,
        numbers: &Numbers,
        came_lately: impl FnMut(PlaceStart) -> bool,
    ) -> Self {
        let number = |batch: Batch| Numbered {
            month: (numbers.platforms[&batch.platform], batch.period),
            kinds: batch.kinds.iter().map(|k| numbers.fee_kinds[k]).collect(),
            batch,
        };
        let batches: Vec<Numbered> = batches.into_iter().map(number).collect();
        let count = batches.iter().map(|of| of.batch.entries.len()).sum();
        let mut records = Vec::with_capacity(count);
        for (at, of) in (0..).zip(&batches) {
            records.extend((0..).zip(&of.batch.entries).map(|(number, entry)| At {
                batch: at,
                entry: number,
                row: entry.row,
                row_len: entry.row_len,
                kind: entry.kind,
            }));
        }
        let entry = |position: usize| {
            let at: &At = &records[position];
            let of = &batches[at.batch as usize];
            (of, &of.batch.entries[at.entry as usize])
        };
        let record = |position: usize| {
            let (of, entry) = entry(position);
            (of.place(entry), entry.is_reversal)
        };
        let mut plan = Plan::new(count, record, came_lately);
        let is_fee = |position: &&usize| !entry(**position).1.is_reversal;
        let is_repeating = plan.slow.iter().filter(is_fee).count() > count / REPEATS_SHARE;
        if is_repeating {
            plan = Plan::new(count, record, |_| false);
        }
        let months: BTreeSet<PlatformPeriod> = batches.iter().map(|of| of.month).collect();
        let named = plan.slow.iter().filter_map(|&position| {
            let (of, entry) = entry(position);
            let key = RecordKey::of(of.batch.record(entry).reverses?);
            let place = of.place(entry);
            Some(Place { key, ..place })
        });
        Self {
            named: named.collect(),
            months: months.into_iter().collect(),
            plan,
            is_repeating,
            batches,
            records,
        }
    }

    /// Records of proper form.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Where the record at a position belongs.
    pub fn place(&self, position: usize) -> Place {
        let (of, entry) = self.at(position);
        of.place(entry)
    }

    /// What the record at a position says.
    pub fn record(&self, position: usize) -> Record {
        let (of, entry) = self.at(position);
        of.batch.record(entry).to_record()
    }

    /// Whether two records have the same content.
    pub fn is_same(&self, one: usize, other: usize) -> bool {
        let record = |position| {
            let (of, entry) = self.at(position);
            of.batch.record(entry)
        };
        record(one) == record(other)
    }

    /// Whether the record at a position takes another one back.
    pub fn is_reversal(&self, position: usize) -> bool {
        self.at(position).1.is_reversal
    }

    /// Where in the group itself a record may be that a reversal names: in each of its months up to
    /// the reversal's.
    pub fn places_of(&self, named: Place) -> impl Iterator<Item = Place> {
        let months = self.months.iter().filter(move |(platform, period)| {
            *platform == named.platform && *period <= named.period
        });
        months.map(move |&(_, period)| Place { period, ..named })
    }

    /// Whether what reversals name is changed by this group: it brings a record of the id, or takes
    /// one back.
    pub fn touches(&self, named: &BTreeSet<Place>) -> bool {
        let own: BTreeSet<_> = self.named.iter().map(|of| (of.platform, of.key)).collect();
        named.iter().any(|&named| {
            own.contains(&(named.platform, named.key))
                || self
                    .places_of(named)
                    .any(|place| self.plan.contains(place, |position| self.place(position)))
        })
    }

    /// The fee that is written at once at a place.
    pub fn find_fee(&self, place: Place) -> Option<usize> {
        self.plan.find(place, |position| self.place(position))
    }

    /// The row of the fee at a position.
    pub fn row(&self, position: usize) -> NewRow<'_> {
        let at = self.records[position];
        let of = &self.batches[at.batch as usize];
        NewRow {
            row: of.batch.row(at.row, at.row_len),
            platform: of.month.0,
            fee_kind: of.kinds[usize::from(at.kind)],
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
            fee_date: self.at(position).1.occurred_on,
            reverses: None,
        };
        self.new_record(position, accepted)
    }

    /// The record at a position as it is kept.
    pub fn new_record(&self, position: usize, accepted: Accepted) -> NewRecord<'_> {
        let (of, entry) = self.at(position);
        NewRecord {
            place: of.place(entry),
            record: of.batch.record(entry),
            fee_kind: of.kinds[usize::from(entry.kind)],
            accepted,
        }
    }

    fn at(&self, position: usize) -> (&Numbered, &Entry) {
        let At { batch, entry, .. } = self.records[position];
        let of = &self.batches[batch as usize];
        (of, &of.batch.entries[entry as usize])
    }

    /// Whether there is anything but records that are judged one by one.
    pub fn has_fees(&self) -> bool {
        self.plan.runs().len() > 0
            || self.plan.slow.is_empty()
            || self.batches.iter().any(|of| !of.batch.malformed.is_empty())
    }

    /// What is to be written down of malformed records in these months.
    pub fn refuse_malformed(&self, refusals: &mut Refusals, of: &[PlatformPeriod]) {
        let open = |numbered: &&Numbered| of.binary_search(&numbered.month).is_ok();
        for Numbered { batch, month, .. } in self.batches.iter().filter(open) {
            for (_, record, refusal) in &batch.malformed {
                refusals.add(*month, record, *refusal, batch.received_at);
            }
        }
    }

    /// What is to be written down of an entry that was refused.
    pub fn refuse(&self, refusals: &mut Refusals, position: usize, refusal: RecordRefusal) {
        let (of, entry) = self.at(position);
        let sent = of.batch.record(entry).to_record().to_sent();
        refusals.add(of.month, &sent, refusal, of.batch.received_at);
    }

    /// What each month gains by the fees that were accepted.
    ///
    /// Nearly always these are all of a batch, whose sum is known; so only what is not accepted is
    /// looked at.
    pub fn gains_by_fees(&self, outcomes: &[Option<Outcome>]) -> BTreeMap<PlatformPeriod, Receipt> {
        let mut gains: BTreeMap<PlatformPeriod, Receipt> = BTreeMap::new();
        let mut rest = outcomes;
        for Numbered { batch, month, .. } in &self.batches {
            let (outcomes, later) = rest.split_at(batch.entries.len());
            rest = later;
            let fees = |accepted: bool| {
                let entries = batch.entries.iter().zip(outcomes);
                entries.filter_map(move |(entry, outcome)| {
                    let same = (*outcome == Some(Outcome::Accepted)) == accepted;
                    (same && !entry.is_reversal).then_some(entry)
                })
            };
            let (accepted, others) = (fees(true).count(), fees(false).count());
            if accepted == 0 {
                continue;
            }
            let gain = gains.entry(*month).or_default();
            if others < accepted {
                gain.merge(&batch.fees);
                gain.take_out(&batch.sum(fees(false)));
            } else {
                gain.merge(&batch.sum(fees(true)));
            }
        }
        gains
    }

    /// What each month gains by those of these records that were accepted.
    pub fn gains(
        &self,
        positions: &[usize],
        outcomes: &[Option<Outcome>],
    ) -> BTreeMap<PlatformPeriod, Receipt> {
        let mut gains: BTreeMap<PlatformPeriod, Receipt> = BTreeMap::new();
        for &position in positions {
            if outcomes[position] == Some(Outcome::Accepted) {
                let (of, entry) = self.at(position);
                let gain = gains.entry(of.month).or_default();
                gain.merge(&of.batch.sum([entry]));
            }
        }
        gains
    }

    /// The answer to each batch, in their order.
    pub fn answers(&self, written: &Written) -> Vec<Result<Acknowledgement, IngestError>> {
        let mut rest = &written.outcomes[..];
        let answer = |of: &Numbered| {
            let (outcomes, later) = rest.split_at(of.batch.entries.len());
            rest = later;
            let holding = written.holdings.get(&of.month);
            of.answer(*holding.ok_or(IngestError::PeriodBusy)?, outcomes)
        };
        self.batches.iter().map(answer).collect()
    }
}

impl Numbered {
    fn place(&self, entry: &Entry) -> Place {
        let (platform, period) = self.month;
        Place {
            platform,
            period,
            key: entry.key,
        }
    }

    fn answer(
        &self,
        holding: Holding,
        outcomes: &[Option<Outcome>],
    ) -> Result<Acknowledgement, IngestError> {
        let mut remarks = Vec::new();
        for (entry, outcome) in self.batch.entries.iter().zip(outcomes) {
            match *outcome {
                Some(Outcome::Accepted) => {}
                Some(outcome) => remarks.push(Remark {
                    index: entry.index,
                    record_id: self.batch.record(entry).id.into(),
                    outcome,
                }),
                None => return Err(IngestError::PeriodBusy),
            }
        }
        if !self.batch.malformed.is_empty() {
            let malformed = self.batch.malformed.iter();
            remarks.extend(malformed.map(|(index, record, refusal)| Remark {
                index: *index,
                record_id: record.record_id.clone(),
                outcome: Outcome::Refused(*refusal),
            }));
            remarks.sort_unstable_by_key(|remark| remark.index);
        }
        Ok(Acknowledgement {
            remarks,
            period: self.batch.period,
            holding,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use gazelle_kernel::Period;
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::Sent;

    /// Records of a platform and period each: an id, and what it reverses.
    pub fn group(records: &[(&str, &str, &str, &str)]) -> Group {
        let platform = |name: &str| PlatformId::parse(name).unwrap();
        let batch = |(name, period, id, reverses): &(&str, &str, &str, &str)| {
            let period = Period::parse(period).unwrap();
            let mut batch = Batch::new(platform(name), period, OffsetDateTime::UNIX_EPOCH);
            batch.push(Sent {
                record_id: id,
                merchant_id: "shop-7",
                fee_kind: "COMMISSION",
                occurred_on: "2017-01-01",
                amount_fen: if reverses.is_empty() { 100 } else { -1 },
                reverses_record_id: reverses,
            });
            batch
        };
        let numbers = Numbers {
            platforms: HashMap::from([
                (platform("alpha"), PlatformNumber(1)),
                (platform("beta"), PlatformNumber(2)),
            ]),
            fee_kinds: HashMap::from([(FeeKind::COMMISSION, 1)]),
        };
        Group::new(records.iter().map(batch).collect(), &numbers, |_| false)
    }

    #[test]
    fn a_group_touches_what_it_brings_or_takes_back_up_to_the_reversals_month() {
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
    fn a_fee_is_found_in_the_group_itself_in_its_months_up_to_the_reversals() {
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
