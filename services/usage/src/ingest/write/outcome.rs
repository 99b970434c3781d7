//! What a group comes to, once it is known what became of each record.

use std::collections::{BTreeMap, HashMap};

use crate::{
    domain::{
        acknowledgement::{Acknowledgement, Remark},
        key::PlatformPeriod,
        receipt::{PeriodReceipt, Receipt},
        refusal::{Outcome, RecordRefusal},
        refused::Refusals,
    },
    ingest::{
        answer::IngestError,
        batch::{Batch, BatchRecord, Message},
        group::{Group, NumberedBatch},
    },
};

/// What became of a group, or of the part of it that a transaction wrote.
#[derive(Debug)]
pub struct Written {
    /// Of each record of proper form; none of what was not judged.
    pub outcomes: Vec<Option<Outcome>>,
    /// What each message added, in the order of the batches and in them of the messages.
    pub added: Vec<Receipt>,
    /// What is now held of each period.
    pub held: HashMap<PlatformPeriod, PeriodReceipt>,
}

impl Written {
    /// Of a group of which nothing is written yet.
    pub fn nothing(group: &Group) -> Self {
        let messages = group.batches.iter().map(|one| one.batch.messages.len());
        Self {
            outcomes: vec![None; group.len()],
            added: vec![Receipt::default(); messages.sum()],
            held: HashMap::new(),
        }
    }

    /// What was judged one by one, in a transaction after this one.
    pub fn merge(&mut self, later: Self, judged: &[usize]) {
        self.held.extend(later.held);
        for (added, more) in self.added.iter_mut().zip(&later.added) {
            if more.record_count > 0 {
                added.merge(more);
            }
        }
        for &position in judged {
            self.outcomes[position] = later.outcomes[position];
        }
    }
}

impl Group {
    /// What each message adds by these outcomes.
    pub fn added(&self, outcomes: &[Option<Outcome>]) -> Vec<Receipt> {
        let mut rest = outcomes;
        let messages = self.batches.iter().map(|one| one.batch.messages.len());
        let mut added = Vec::with_capacity(messages.sum());
        for NumberedBatch { batch, .. } in &self.batches {
            let (outcomes, later) = rest.split_at(batch.records.len());
            rest = later;
            let mut start = 0;
            for message in &batch.messages {
                let part = start..message.end;
                added.push(add_up(
                    batch,
                    message,
                    &outcomes[part.clone()],
                    &batch.records[part],
                ));
                start = message.end;
            }
        }
        added
    }

    /// What each period gains by what its messages add.
    pub fn gains(&self, added: &[Receipt]) -> BTreeMap<PlatformPeriod, Receipt> {
        let mut gains: BTreeMap<PlatformPeriod, Receipt> = BTreeMap::new();
        let mut added = added.iter();
        for numbered in &self.batches {
            let of_batch = added.by_ref().take(numbered.batch.messages.len());
            for gain in of_batch.filter(|gain| gain.record_count > 0) {
                gains.entry(numbered.period).or_default().merge(gain);
            }
        }
        gains
    }

    /// What is to be written down of malformed records in these periods, and of records of proper
    /// form that were refused.
    pub fn refusals(&self, periods: &[PlatformPeriod], outcomes: &[Option<Outcome>]) -> Refusals {
        let mut refusals = Refusals::default();
        let listed = |one: &&NumberedBatch| periods.binary_search(&one.period).is_ok();
        for NumberedBatch { batch, period, .. } in self.batches.iter().filter(listed) {
            for (_, record, refusal) in &batch.malformed {
                refusals.add(*period, record, *refusal, batch.received_at);
            }
        }
        for (position, outcome) in outcomes.iter().enumerate() {
            if let Some(Outcome::Refused(refusal)) = outcome {
                self.refuse(&mut refusals, position, *refusal);
            }
        }
        refusals
    }

    /// What is to be written down of a record of proper form that was refused.
    pub fn refuse(&self, refusals: &mut Refusals, position: usize, refusal: RecordRefusal) {
        let (numbered, record) = self.find(position);
        let sent = numbered.batch.content(record).to_record().to_sent();
        refusals.add(numbered.period, &sent, refusal, numbered.batch.received_at);
    }

    /// The answer to each batch, in their order.
    pub fn answers(&self, written: &Written) -> Vec<Result<Acknowledgement, IngestError>> {
        let (mut outcomes, mut added) = (&written.outcomes[..], &written.added[..]);
        let mut answers = Vec::with_capacity(self.batches.len());
        for NumberedBatch { batch, period, .. } in &self.batches {
            let (own_outcomes, own_added);
            (own_outcomes, outcomes) = outcomes.split_at(batch.records.len());
            (own_added, added) = added.split_at(batch.messages.len());
            let held = written.held.get(period).ok_or(IngestError::PeriodBusy);
            answers.push(held.and_then(|held| {
                Ok(Acknowledgement {
                    remarks: remarks(batch, own_outcomes)?,
                    added: own_added.to_vec(),
                    period: batch.period,
                    held: *held,
                })
            }));
        }
        answers
    }
}

/// What a message adds, whose records these are.
///
/// Nearly always all its fees are accepted, whose sum is known; so only what is not accepted is
/// looked at.
fn add_up(
    batch: &Batch,
    message: &Message,
    outcomes: &[Option<Outcome>],
    records: &[BatchRecord],
) -> Receipt {
    let (mut accepted, mut others, mut reversals) = (0, 0, 0);
    for (record, outcome) in records.iter().zip(outcomes) {
        let is_accepted = *outcome == Some(Outcome::Accepted);
        match record.is_reversal {
            true => reversals += usize::from(is_accepted),
            false if is_accepted => accepted += 1,
            false => others += 1,
        }
    }
    let some = |accepted: bool, reversals: bool| {
        let all = records.iter().zip(outcomes);
        all.filter_map(move |(record, outcome)| {
            let is_accepted = *outcome == Some(Outcome::Accepted);
            (is_accepted == accepted && record.is_reversal == reversals).then_some(record)
        })
    };
    let mut added = if accepted == 0 {
        Receipt::default()
    } else if others == 0 {
        message.fees
    } else if others < accepted {
        let mut fees = message.fees;
        fees.take_out(&batch.sum(some(false, false)));
        fees
    } else {
        batch.sum(some(true, false))
    };
    if reversals > 0 {
        added.merge(&batch.sum(some(true, true)));
    }
    added
}

/// Each record of a batch that was not simply accepted, by its place in it.
fn remarks(batch: &Batch, outcomes: &[Option<Outcome>]) -> Result<Vec<Remark>, IngestError> {
    let mut remarks = Vec::new();
    for (record, outcome) in batch.records.iter().zip(outcomes) {
        match *outcome {
            Some(Outcome::Accepted) => {}
            Some(outcome) => remarks.push(Remark {
                index: record.index,
                record_id: batch.content(record).id.into(),
                outcome,
            }),
            None => return Err(IngestError::PeriodBusy),
        }
    }
    if !batch.malformed.is_empty() {
        let malformed = batch.malformed.iter();
        remarks.extend(malformed.map(|(index, record, refusal)| Remark {
            index: *index,
            record_id: record.record_id.clone(),
            outcome: Outcome::Refused(*refusal),
        }));
        remarks.sort_unstable_by_key(|remark| remark.index);
    }
    Ok(remarks)
}
