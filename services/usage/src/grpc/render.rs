//! Values of the domain as messages.

use bytestring::ByteString;
use gazelle_proto::{
    optional, receipt::Receipt as ReceiptMessage, time::timestamp, usage::v1 as pb,
};
use time::{Date, macros::date};

use crate::domain::{
    period::{PeriodDetails, ReportedPeriod},
    receipt::Receipt,
    record::Record,
    refusal::{Outcome, RecordRefusal},
    refused::RefusedRecord,
    seal::Seal,
    sent::SentRecord,
    statement::Statement,
    totals::{MerchantTotals, TotalsPart},
    withdrawal::Withdrawal,
};

/// A record as it was sent.
pub fn sent(record: SentRecord) -> pb::UsageRecord {
    pb::UsageRecord {
        record_id: record.record_id,
        merchant_id: record.merchant_id,
        fee_kind: record.fee_kind,
        occurred_on: record.occurred_on,
        amount_fen: record.amount_fen,
        reverses_record_id: record.reverses_record_id,
    }
}

/// A record that stands.
pub fn record(record: &Record) -> pb::UsageRecord {
    sent(record.to_sent())
}

/// What some records come to.
pub fn receipt(receipt: Receipt) -> ReceiptMessage {
    with_digest(&receipt, hex::encode(receipt.digest).into())
}

/// Several, whose digests share one piece of memory: each acknowledgement has two.
pub fn receipts(receipts: &[Receipt]) -> Vec<ReceiptMessage> {
    let mut digits = String::with_capacity(receipts.len() * DIGITS);
    for receipt in receipts {
        let mut own = [0; DIGITS];
        hex::encode_to_slice(receipt.digest, &mut own).expect("two digits a byte");
        digits.push_str(str::from_utf8(&own).expect("digits are ASCII"));
    }
    let digits = ByteString::from(digits);
    let own = |at| digits.slice_ref(&digits[at * DIGITS..][..DIGITS]);
    let receipts = receipts.iter().enumerate();
    receipts
        .map(|(at, receipt)| with_digest(receipt, own(at)))
        .collect()
}

/// Hexadecimal digits of a digest.
const DIGITS: usize = 64;

fn with_digest(receipt: &Receipt, digest: ByteString) -> ReceiptMessage {
    ReceiptMessage {
        record_count: receipt.record_count,
        total_fen: receipt.total_fen_saturated(),
        digest,
    }
}

fn statement(statement: &Statement) -> pb::Statement {
    pb::Statement {
        record_count: statement.record_count,
        total_fen: statement.total.get(),
        stated_at: Some(timestamp(statement.stated_at)),
        stated_by: statement.stated_by.to_string(),
    }
}

fn seal(seal: &Seal, received: &Receipt) -> pb::Seal {
    pb::Seal {
        sealed_at: Some(timestamp(seal.sealed_at)),
        sealed_by: seal.sealed_by.to_string(),
        record_count: received.record_count,
        total_fen: received.total_fen_saturated(),
        digest: hex::encode(seal.digest),
    }
}

/// A period by itself.
pub fn period(reported: &ReportedPeriod) -> pb::Period {
    let state = match &reported.seal {
        Some(_) => pb::PeriodState::Sealed,
        None => pb::PeriodState::Open,
    };
    pb::Period {
        platform_id: reported.platform_id.to_string(),
        period: reported.period.to_string(),
        state: state.into(),
        seal: reported
            .seal
            .as_ref()
            .map(|sealed| seal(sealed, &reported.received)),
        received: Some(receipt(reported.received)),
        refused_count: reported.refused_count,
        resolved_count: 0,
        refused_by_seal_count: reported.refused_by_seal_count,
        statement: reported.statement.as_ref().map(statement),
        last_withdrawal: None,
    }
}

/// A period as it is shown and listed.
pub fn period_details(details: &PeriodDetails) -> pb::Period {
    pb::Period {
        resolved_count: details.resolved_count,
        last_withdrawal: details.last_withdrawal.as_ref().map(withdrawal),
        ..period(&details.period)
    }
}

/// What was taken back.
pub fn withdrawal(withdrawal: &Withdrawal) -> pb::Withdrawal {
    pb::Withdrawal {
        number: withdrawal.number,
        withdrawn_at: Some(timestamp(withdrawal.withdrawn_at)),
        withdrawn_by: withdrawal.withdrawn_by.to_string(),
        withdrawn: Some(receipt(withdrawal.withdrawn)),
        statement: withdrawal.statement.as_ref().map(statement),
        refused_count: withdrawal.refused_count,
    }
}

/// A refused record.
pub fn refused(refused: RefusedRecord) -> pb::RefusedRecord {
    pb::RefusedRecord {
        record: Some(sent(refused.record)),
        reason: refused.reason,
        message: refused.message,
        first_received_at: Some(timestamp(refused.first_received_at)),
        times: refused.times,
        resolved: refused.is_resolved,
    }
}

/// Totals of a few merchants.
pub fn totals(part: TotalsPart) -> pb::MerchantTotalsPart {
    pb::MerchantTotalsPart {
        merchants: part.merchants.into_iter().map(merchant).collect(),
        fee_kinds: part.fee_kinds,
    }
}

fn merchant(merchant: MerchantTotals) -> pb::MerchantTotals {
    let totals = merchant.totals;
    let days = |date: Date| date.to_julian_day() - date!(1970 - 01 - 01).to_julian_day();
    pb::MerchantTotals {
        merchant_id: merchant.merchant_id.as_str().into(),
        fee_kinds: totals.iter().map(|total| total.fee_kind).collect(),
        fee_days: totals.iter().map(|total| days(total.fee_date)).collect(),
        fees_fen: totals.iter().map(|total| total.fee_fen).collect(),
        record_counts: totals.iter().map(|total| total.record_count).collect(),
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
        message: optional::text(refusal),
        other_period: optional::text(other_period),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_receipts_are_shown_as_each_by_itself() {
        let receipt = |first: u8| Receipt {
            record_count: first.into(),
            total_fen: -i128::from(first),
            digest: std::array::from_fn(|at| first.wrapping_add(u8::try_from(at * 8).unwrap())),
        };
        let several = [receipt(0), receipt(1), receipt(250)];
        assert_eq!(receipts(&several), several.map(super::receipt));
        assert_eq!(receipts(&[]), []);
    }
}
