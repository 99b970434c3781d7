//! The acknowledgements of what was written.

use std::collections::HashMap;

use gazelle_kernel::Period;
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::clock::Clock;

use super::{reader::SentMessage, warn::Days};
use crate::{
    domain::{acknowledgement::Acknowledgement, receipt::PeriodReceipt, refusal::Outcome},
    grpc::render,
};

/// What a stream was told so far.
#[derive(Debug)]
pub struct Acknowledging {
    newest: Newest,
    days: Days,
}

impl Acknowledging {
    /// Nothing was told yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            newest: Newest::default(),
            days: Days::new(clock),
        }
    }

    /// The answers to the messages of a batch, in their order.
    pub fn acknowledge(
        &mut self,
        messages: &[SentMessage],
        acknowledgement: Acknowledgement,
    ) -> Vec<pb::ReportUsageResponse> {
        let Acknowledgement {
            remarks,
            mut added,
            period,
            held,
        } = acknowledgement;
        added.push(self.newest.keep(period, held).receipt);
        let mut added = render::receipts(&added);
        let held = added.pop();
        let mut days = self.days.of_period(period);
        let mut remarks = remarks.into_iter().peekable();
        let mut first = 0;
        let answer = |(message, added): (&SentMessage, _)| {
            let end = first + message.records;
            let mut answer = pb::ReportUsageResponse {
                sequence: message.sequence,
                added: Some(added),
                receipt: held.clone(),
                warnings: days.add(message.days),
                ..pb::ReportUsageResponse::default()
            };
            while let Some(remark) = remarks.next_if(|remark| remark.index < end) {
                let index = int32(remark.index - first);
                add(&mut answer, index, remark.record_id, remark.outcome);
            }
            answer.accepted_count =
                int32(message.records) - answer.duplicate_count - answer.refused_count;
            first = end;
            answer
        };
        messages.iter().zip(added).map(answer).collect()
    }
}

/// Adds what became of a record that was not simply accepted.
pub fn add(answer: &mut pb::ReportUsageResponse, index: i32, record_id: String, outcome: Outcome) {
    match outcome {
        Outcome::Accepted => {}
        Outcome::Duplicate => answer.duplicate_count += 1,
        Outcome::Refused(_) => answer.refused_count += 1,
    }
    let outcome = render::outcome(index, record_id, outcome);
    answer.outcomes.push(outcome);
}

fn int32(count: u32) -> i32 {
    i32::try_from(count).expect("a message has at most 1,000 records")
}

/// The newest receipt of each period that a stream has shown.
///
/// A batch may be written before one that stands earlier in the stream and is acknowledged
/// earlier. Its own receipt would lack that one; the other's, which is newer, has both.
#[derive(Debug, Default)]
struct Newest(HashMap<Period, PeriodReceipt>);

impl Newest {
    fn keep(&mut self, period: Period, held: PeriodReceipt) -> PeriodReceipt {
        let newest = self.0.entry(period).or_insert(held);
        if newest.revision < held.revision {
            *newest = held;
        }
        *newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::receipt::Receipt;

    #[test]
    fn a_receipt_is_never_older_than_one_shown_before_it() {
        let mut newest = Newest::default();
        let mut shown = |period: &str, revision| {
            let receipt = Receipt::default();
            let held = PeriodReceipt { receipt, revision };
            newest.keep(Period::parse(period).unwrap(), held).revision
        };
        assert_eq!(shown("2017-03", 2), 2);
        assert_eq!(shown("2017-03", 1), 2);
        assert_eq!(shown("2017-04", 1), 1);
        assert_eq!(shown("2017-03", 3), 3);
    }
}
