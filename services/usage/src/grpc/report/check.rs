//! Answers streams that only check.

use gazelle_kernel::Period;
use gazelle_proto::{batch::ReportUsageRequest, usage::v1 as pb};
use gazelle_runtime::clock::Clock;
use tonic::Status;

use super::{acknowledge::add, reader::malformed, warn::Days};
use crate::{
    app::UsageCheck,
    domain::{refusal::Outcome, sent::Sent},
    grpc::{parse, render},
};

/// A stream that only checks.
pub struct Checking {
    check: UsageCheck,
    days: Days,
}

impl Checking {
    /// Nothing is checked yet.
    pub fn new(check: UsageCheck, clock: Clock) -> Self {
        Self {
            check,
            days: Days::new(clock),
        }
    }

    /// The answer to a message.
    pub async fn judge(
        &mut self,
        message: &ReportUsageRequest,
        period: Period,
    ) -> Result<pb::ReportUsageResponse, Status> {
        let mut sent: Vec<Sent<'_>> = Vec::with_capacity(message.records.len());
        for (index, view) in message.records.iter().enumerate() {
            sent.push(parse::sent(view.map_err(|_| malformed(index))?));
        }
        let checked = self.check.judge(period, &sent).await?;
        let mut answer = pb::ReportUsageResponse {
            sequence: message.sequence,
            added: Some(render::receipt(checked.added)),
            warnings: self.days.of_period(period).add(checked.days),
            ..pb::ReportUsageResponse::default()
        };
        for (index, (sent, outcome)) in (0..).zip(sent.iter().zip(checked.outcomes)) {
            if outcome == Outcome::Accepted {
                answer.accepted_count += 1;
            } else {
                add(&mut answer, index, sent.record_id.into(), outcome);
            }
        }
        Ok(answer)
    }
}
