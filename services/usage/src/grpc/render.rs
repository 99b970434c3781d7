//! From values to messages.

use gazelle_proto::{time::timestamp, usage::v1 as pb};
use time::{Date, macros::date};

use crate::{
    app::PeriodDetails,
    domain::{
        MerchantTotals, Outcome, Receipt, Record, RecordRefusal, RefusedRecord, ReportedPeriod,
        Seal, SentRecord, Statement, TotalsPart, Withdrawal,
    },
};

/// A digest in hexadecimal digits, in one piece of memory: each acknowledgement has two.
fn hexadecimal(digest: &[u8; 32]) -> String {
    let mut digits = [0; 64];
    hex::encode_to_slice(digest, &mut digits).expect("two digits a byte");
    String::from_utf8(digits.to_vec()).expect("digits are ASCII")
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
            digest: hexadecimal(&receipt.digest),
        }
    }
}

impl From<Statement> for pb::Statement {
    fn from(statement: Statement) -> Self {
        Self {
            record_count: statement.record_count,
            total_fen: statement.total.get(),
            stated_at: Some(timestamp(statement.stated_at)),
            stated_by: statement.stated_by,
        }
    }
}

fn seal(seal: Seal, received: &Receipt) -> pb::Seal {
    pb::Seal {
        sealed_at: Some(timestamp(seal.sealed_at)),
        sealed_by: seal.sealed_by,
        record_count: received.record_count,
        total_fen: received.total_fen_saturated(),
        digest: hex::encode(seal.digest),
    }
}

impl From<ReportedPeriod> for pb::Period {
    fn from(reported: ReportedPeriod) -> Self {
        let state = match reported.seal {
            Some(_) => pb::PeriodState::Sealed,
            None => pb::PeriodState::Open,
        };
        Self {
            platform_id: reported.platform_id.to_string(),
            period: reported.period.to_string(),
            state: state.into(),
            seal: reported.seal.map(|sealed| seal(sealed, &reported.received)),
            received: Some(reported.received.into()),
            refused_count: reported.refused_count,
            resolved_count: 0,
            refused_by_seal_count: reported.refused_by_seal_count,
            statement: reported.statement.map(Into::into),
            last_withdrawal: None,
        }
    }
}

impl From<PeriodDetails> for pb::Period {
    fn from(details: PeriodDetails) -> Self {
        Self {
            resolved_count: details.resolved_count,
            last_withdrawal: details.last_withdrawal.map(Into::into),
            ..details.period.into()
        }
    }
}

impl From<Withdrawal> for pb::Withdrawal {
    fn from(withdrawal: Withdrawal) -> Self {
        Self {
            number: withdrawal.number,
            withdrawn_at: Some(timestamp(withdrawal.withdrawn_at)),
            withdrawn_by: withdrawal.withdrawn_by,
            withdrawn: Some(withdrawal.withdrawn.into()),
            statement: withdrawal.statement.map(Into::into),
            refused_count: withdrawal.refused_count,
        }
    }
}

impl From<RefusedRecord> for pb::RefusedRecord {
    fn from(refused: RefusedRecord) -> Self {
        Self {
            record: Some(refused.record.into()),
            reason: refused.reason,
            message: refused.message,
            first_received_at: Some(timestamp(refused.first_received_at)),
            times: refused.times,
            resolved: refused.is_resolved,
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

/// What became of a record that was not simply accepted, at its place in the message.
pub fn outcome(index: i32, record_id: String, outcome: Outcome) -> pb::RecordOutcome {
    let (kind, refusal) = match outcome {
        Outcome::Accepted => (pb::Outcome::Unspecified, None),
        Outcome::Duplicate => (pb::Outcome::Duplicate, None),
        Outcome::Refused(refusal) => (pb::Outcome::Refused, Some(refusal)),
    };
    let other_period = refusal.and_then(RecordRefusal::other_period);
    pb::RecordOutcome {
        index,
        record_id,
        outcome: kind.into(),
        reason: refusal.map_or("", RecordRefusal::reason).into(),
        message: refusal
            .map(|refusal| refusal.to_string())
            .unwrap_or_default(),
        other_period: other_period
            .map(|period| period.to_string())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_shown_as_the_library_shows_them() {
        let digest = std::array::from_fn(|at| u8::try_from(at * 8 % 256).unwrap());
        assert_eq!(hexadecimal(&digest), hex::encode(digest));
    }
}
