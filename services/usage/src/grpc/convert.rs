//! Between messages and values.

use gazelle_proto::{batch::RecordView, usage::v1 as pb};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::date};

use super::report::Message;
use crate::{
    app::{MerchantTotals, TotalsPart},
    domain::{Account, Outcome, Receipt, Record, Seal, Sent, SentRecord, Statement},
    ingest::{Acknowledgement, Remark},
    store::refused::Kept,
};

/// RFC 3339 in UTC.
fn instant(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("a time that PostgreSQL keeps has a year of four digits")
}

/// A record in the message that it came in.
pub fn sent(record: RecordView<'_>) -> Sent<'_> {
    Sent {
        record_id: record.record_id,
        merchant_id: record.merchant_id,
        fee_kind: record.fee_kind,
        occurred_on: record.occurred_on,
        amount_fen: record.amount_fen,
        reverses_record_id: record.reverses_record_id,
    }
}

impl From<SentRecord> for pb::UsageRecord {
    fn from(record: SentRecord) -> Self {
        Self {
            record_id: record.record_id,
            merchant_id: record.merchant_id,
            fee_kind: record.fee_kind,
            occurred_on: record.occurred_on,
            amount_fen: record.amount_fen,
            reverses_record_id: record.reverses_record_id,
        }
    }
}

impl From<Record> for pb::UsageRecord {
    fn from(record: Record) -> Self {
        record.to_sent().into()
    }
}

impl From<Receipt> for pb::Receipt {
    fn from(receipt: Receipt) -> Self {
        Self {
            record_count: receipt.record_count,
            total_fen: receipt.total_fen_saturated(),
            digest: hex::encode(receipt.digest),
        }
    }
}

impl From<Statement> for pb::Statement {
    fn from(statement: Statement) -> Self {
        Self {
            record_count: statement.record_count,
            total_fen: statement.total.get(),
            stated_at: instant(statement.stated_at),
            stated_by: statement.stated_by,
        }
    }
}

fn seal(seal: Seal, received: &Receipt) -> pb::Seal {
    pb::Seal {
        sealed_at: instant(seal.sealed_at),
        sealed_by: seal.sealed_by,
        record_count: received.record_count,
        total_fen: received.total_fen_saturated(),
        digest: hex::encode(seal.digest),
    }
}

impl From<Account> for pb::Period {
    fn from(account: Account) -> Self {
        let state = match account.seal {
            Some(_) => pb::PeriodState::Sealed,
            None => pb::PeriodState::Open,
        };
        Self {
            platform_id: account.platform_id.to_string(),
            period: account.period.to_string(),
            state: state.into(),
            seal: account.seal.map(|sealed| seal(sealed, &account.received)),
            received: Some(account.received.into()),
            refused_count: account.refused_count,
            statement: account.statement.map(Into::into),
        }
    }
}

impl From<Kept> for pb::RefusedRecord {
    fn from(kept: Kept) -> Self {
        Self {
            record: Some(kept.record.into()),
            reason: kept.reason,
            message: kept.message,
            first_received_at: instant(kept.first_received_at),
            times: kept.times,
        }
    }
}

impl From<TotalsPart> for pb::MerchantTotalsPart {
    fn from(part: TotalsPart) -> Self {
        Self {
            merchants: part.merchants.into_iter().map(Into::into).collect(),
            fee_kinds: part.fee_kinds,
        }
    }
}

impl From<MerchantTotals> for pb::MerchantTotals {
    fn from(merchant: MerchantTotals) -> Self {
        let totals = merchant.totals;
        let days = |date: Date| date.to_julian_day() - date!(1970 - 01 - 01).to_julian_day();
        Self {
            merchant_id: merchant.merchant_id.as_str().into(),
            fee_kinds: totals.iter().map(|total| total.fee_kind).collect(),
            fee_days: totals.iter().map(|total| days(total.fee_date)).collect(),
            fees_fen: totals.iter().map(|total| total.fee_fen).collect(),
            record_counts: totals.iter().map(|total| total.record_count).collect(),
        }
    }
}

fn outcome(remark: Remark, first: u32) -> pb::RecordOutcome {
    let (outcome, reason, message) = match remark.outcome {
        Outcome::Accepted => (pb::Outcome::Unspecified, String::new(), String::new()),
        Outcome::Duplicate => (pb::Outcome::Duplicate, String::new(), String::new()),
        Outcome::Refused(refusal) => (
            pb::Outcome::Refused,
            refusal.reason().into(),
            refusal.to_string(),
        ),
    };
    pb::RecordOutcome {
        index: int32(remark.index - first),
        record_id: remark.record_id,
        outcome: outcome.into(),
        reason,
        message,
    }
}

/// The answers to the messages of a batch, in their order.
pub fn acknowledgements<E>(
    messages: &[Message],
    acknowledgement: Acknowledgement,
) -> Vec<Result<pb::ReportUsageResponse, E>> {
    let receipt = pb::Receipt::from(acknowledgement.holding.receipt);
    let mut remarks = acknowledgement.remarks.into_iter().peekable();
    let mut first = 0;
    let answer = |message: &Message| {
        let end = first + message.records;
        let mut answer = pb::ReportUsageResponse {
            sequence: message.sequence,
            receipt: Some(receipt.clone()),
            ..pb::ReportUsageResponse::default()
        };
        while let Some(remark) = remarks.next_if(|remark| remark.index < end) {
            match remark.outcome {
                Outcome::Accepted => {}
                Outcome::Duplicate => answer.duplicate_count += 1,
                Outcome::Refused(_) => answer.refused_count += 1,
            }
            answer.outcomes.push(outcome(remark, first));
        }
        answer.accepted_count =
            int32(message.records) - answer.duplicate_count - answer.refused_count;
        first = end;
        Ok(answer)
    };
    messages.iter().map(answer).collect()
}

fn int32(count: u32) -> i32 {
    i32::try_from(count).expect("a message has at most 1,000 records")
}
