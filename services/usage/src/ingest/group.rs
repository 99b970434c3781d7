//! A group of batches, laid out for writing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gazelle_kernel::{FeeKind, PlatformId};
use time::OffsetDateTime;

use super::{Acknowledgement, Batch, IngestError, Judged, Remark};
use crate::{
    domain::{
        Entry, Outcome, Place, Plan, PlatformNumber, PlatformPeriod, Receipt, RecordRefusal,
        Refusals, SentRecord,
    },
    store::period::Holding,
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
    /// Each batch's month, and when it came.
    batches: Vec<(PlatformPeriod, OffsetDateTime)>,
    /// All months of it, in order.
    pub months: Vec<PlatformPeriod>,
    /// Records of proper form.
    pub entries: Vec<Entry>,
    /// The fee kind of each.
    pub fee_kinds: Vec<i32>,
    origins: Vec<Origin>,
    malformed: Vec<(Origin, SentRecord, RecordRefusal)>,
    /// How it is written.
    pub plan: Plan,
}

/// Which batch a record came in, and where in it.
#[derive(Debug, Clone, Copy)]
struct Origin {
    batch: usize,
    index: usize,
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

/// All fee kinds that batches name.
pub fn fee_kinds(batches: &[Batch]) -> BTreeSet<&FeeKind> {
    let mut kinds = BTreeSet::new();
    for judged in batches.iter().flat_map(|batch| &batch.records) {
        if let Judged::Proper { record, .. } = judged {
            kinds.insert(&record.fee_kind);
        }
    }
    kinds
}

impl Group {
    /// Lays batches out. `numbers` has all that they name.
    pub fn new(batches: Vec<Batch>, numbers: &Numbers) -> Self {
        let mut of_batches = Vec::with_capacity(batches.len());
        let count = batches.iter().map(|batch| batch.records.len()).sum();
        let mut entries = Vec::with_capacity(count);
        let mut kinds = Vec::with_capacity(count);
        let mut origins = Vec::with_capacity(count);
        let mut malformed = Vec::new();
        for (number, batch) in batches.into_iter().enumerate() {
            let platform = numbers.platforms[&batch.platform];
            of_batches.push(((platform, batch.period), batch.received_at));
            for (index, judged) in batch.records.into_iter().enumerate() {
                let origin = Origin {
                    batch: number,
                    index,
                };
                match judged {
                    Judged::Proper { record, key, hash } => {
                        kinds.push(numbers.fee_kinds[&record.fee_kind]);
                        let place = Place {
                            platform,
                            period: batch.period,
                            key,
                        };
                        entries.push(Entry {
                            place,
                            record,
                            hash,
                        });
                        origins.push(origin);
                    }
                    Judged::Malformed { record, refusal } => {
                        malformed.push((origin, record, refusal));
                    }
                }
            }
        }
        let months: BTreeSet<PlatformPeriod> = of_batches.iter().map(|(of, _)| *of).collect();
        Self {
            months: months.into_iter().collect(),
            plan: Plan::new(&entries),
            batches: of_batches,
            entries,
            fee_kinds: kinds,
            origins,
            malformed,
        }
    }

    /// Whether there is anything but records that are judged one by one.
    pub fn has_fees(&self) -> bool {
        self.plan.runs().len() > 0 || !self.malformed.is_empty() || self.plan.slow.is_empty()
    }

    /// What is to be written down of malformed records in these months.
    pub fn refuse_malformed(&self, refusals: &mut Refusals, of: &[PlatformPeriod]) {
        for (origin, record, refusal) in &self.malformed {
            let (month, received_at) = self.batches[origin.batch];
            if of.binary_search(&month).is_ok() {
                refusals.add(month, record, *refusal, received_at);
            }
        }
    }

    /// What is to be written down of an entry that was refused.
    pub fn refuse(&self, refusals: &mut Refusals, position: usize, refusal: RecordRefusal) {
        let (month, received_at) = self.batches[self.origins[position].batch];
        refusals.add(
            month,
            &self.entries[position].record.to_sent(),
            refusal,
            received_at,
        );
    }

    /// What each month gains by the accepted ones of these entries.
    pub fn gains(
        &self,
        positions: impl Iterator<Item = usize>,
        outcomes: &[Option<Outcome>],
    ) -> BTreeMap<PlatformPeriod, Receipt> {
        let mut gains: BTreeMap<PlatformPeriod, Receipt> = BTreeMap::new();
        for position in positions {
            if outcomes[position] == Some(Outcome::Accepted) {
                let Entry {
                    place,
                    record,
                    hash,
                } = &self.entries[position];
                gains
                    .entry(month(*place))
                    .or_default()
                    .add(record.amount.get(), *hash);
            }
        }
        gains
    }

    /// The answer to each batch, in their order.
    pub fn answers(&self, written: &Written) -> Vec<Result<Acknowledgement, IngestError>> {
        let mut answers: Vec<Result<Acknowledgement, IngestError>> = self
            .batches
            .iter()
            .map(|(of, _)| match written.holdings.get(of) {
                Some(holding) => Ok(Acknowledgement {
                    accepted_count: 0,
                    duplicate_count: 0,
                    refused_count: 0,
                    remarks: Vec::new(),
                    period: of.1,
                    holding: *holding,
                }),
                None => Err(IngestError::PeriodBusy),
            })
            .collect();
        for ((origin, entry), outcome) in self
            .origins
            .iter()
            .zip(&self.entries)
            .zip(&written.outcomes)
        {
            let answer = &mut answers[origin.batch];
            match outcome {
                None => *answer = Err(IngestError::PeriodBusy),
                Some(outcome) => {
                    if let Ok(answer) = answer {
                        answer.note(origin.index, entry.record.id.as_str(), *outcome);
                    }
                }
            }
        }
        for (origin, record, refusal) in &self.malformed {
            if let Ok(answer) = &mut answers[origin.batch] {
                answer.note(origin.index, &record.record_id, Outcome::Refused(*refusal));
            }
        }
        for answer in answers.iter_mut().flatten() {
            answer.remarks.sort_unstable_by_key(|remark| remark.index);
        }
        answers
    }
}

impl Acknowledgement {
    fn note(&mut self, index: usize, record_id: &str, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => {
                self.accepted_count += 1;
                return;
            }
            Outcome::Duplicate => self.duplicate_count += 1,
            Outcome::Refused(_) => self.refused_count += 1,
        }
        self.remarks.push(Remark {
            index: i32::try_from(index).expect("a batch has at most 1,000 records"),
            record_id: record_id.into(),
            outcome,
        });
    }
}
