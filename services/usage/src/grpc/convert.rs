//! Between messages and values.

use gazelle_proto::{batch::RecordView, usage::v1 as pb};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    app::MerchantTotals,
    domain::{Account, Outcome, Receipt, Record, Seal, SentRecord, Statement},
    ingest::{Acknowledgement, Remark},
    store::refused::Kept,
};

/// RFC 3339 in UTC.
fn instant(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("a time that PostgreSQL keeps has a year of four digits")
}

impl From<RecordView<'_>> for SentRecord {
    fn from(record: RecordView<'_>) -> Self {
        Self {
            record_id: record.record_id.into(),
            merchant_id: record.merchant_id.into(),
            fee_kind: record.fee_kind.into(),
            occurred_on: record.occurred_on.into(),
            amount_fen: record.amount_fen,
            reverses_record_id: record.reverses_record_id.into(),
        }
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

impl From<MerchantTotals> for pb::MerchantTotals {
    fn from(merchant: MerchantTotals) -> Self {
        let totals = merchant.totals.into_iter().map(|total| pb::DayTotal {
            fee_kind: total.fee_kind.as_str().into(),
            fee_date: total.fee_date.to_string(),
            fee_fen: total.fee.get(),
            record_count: total.record_count,
        });
        Self {
            merchant_id: merchant.merchant_id.as_str().into(),
            totals: totals.collect(),
        }
    }
}

fn outcome(remark: Remark) -> pb::RecordOutcome {
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
        index: remark.index,
        record_id: remark.record_id,
        outcome: outcome.into(),
        reason,
        message,
    }
}

/// The answer to the batch of that number.
pub fn acknowledgement(sequence: i64, ack: Acknowledgement) -> pb::ReportUsageResponse {
    pb::ReportUsageResponse {
        sequence,
        accepted_count: ack.accepted_count,
        duplicate_count: ack.duplicate_count,
        refused_count: ack.refused_count,
        outcomes: ack.remarks.into_iter().map(outcome).collect(),
        receipt: Some(ack.holding.receipt.into()),
    }
}
