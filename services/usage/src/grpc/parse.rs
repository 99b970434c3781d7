//! Requests as values of the domain.

use gazelle_kernel::{Period, PlatformId, parse_digest};
use gazelle_proto::{
    access, batch::RecordView, receipt::Receipt, usage::v1 as pb, usage::v1::ErrorReason,
};
use gazelle_runtime::{
    access::principal,
    auth::Principal,
    status::{FieldExt, FieldViolation, Fields, Refusal},
};
use tonic::{Code, Request, Status};

use super::status::refusal;
use crate::domain::{receipt::ShownReceipt, sent::Sent};

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

/// The period that a message names.
pub fn period(
    fields: &mut Fields,
    platform_id: &str,
    period: &str,
) -> Option<(PlatformId, Period)> {
    let platform = fields.read("platform_id", PlatformId::parse(platform_id));
    let period = fields.read("period", Period::parse(period));
    platform.zip(period)
}

/// The platform that calls what only platforms may call.
pub fn calling_platform<T>(request: &Request<T>) -> Result<PlatformId, Status> {
    match principal(request) {
        Principal::Platform(id) => Ok(id.clone()),
        Principal::Person { .. } | Principal::Service(_) => Err(Refusal::shared(
            Code::PermissionDenied,
            access::ErrorReason::PermissionDenied,
            "only platforms call this",
        )
        .with("may", access::Caller::Platform.as_str())
        .into()),
    }
}

/// The platform that a message names, which must be the caller's own.
pub fn own_platform(named: &str, caller: &PlatformId) -> Result<PlatformId, Status> {
    let named = PlatformId::parse(named).field("platform_id")?;
    if named == *caller {
        return Ok(named);
    }
    Err(not_own(&named).into())
}

fn not_own(named: &PlatformId) -> Refusal {
    let message = "a platform reports, states and withdraws for itself alone";
    refusal(
        Code::PermissionDenied,
        ErrorReason::NotYourPlatform,
        message,
    )
    .with("platform_id", named)
}

/// The period that a message names, of the platform that calls.
pub fn own_period(
    fields: &mut Fields,
    caller: &PlatformId,
    platform_id: &str,
    period: &str,
) -> Result<Option<(PlatformId, Period)>, Refusal> {
    let platform = fields.read("platform_id", PlatformId::parse(platform_id));
    if let Some(named) = platform.as_ref().filter(|named| *named != caller) {
        return Err(not_own(named));
    }
    let period = fields.read("period", Period::parse(period));
    Ok(platform.zip(period))
}

/// A period to withdraw, and the receipt of it as it was shown.
pub fn withdrawal(
    request: &pb::WithdrawPeriodRequest,
    caller: &PlatformId,
) -> Result<((PlatformId, Period), ShownReceipt), Refusal> {
    let mut fields = Fields::default();
    let named_period = own_period(&mut fields, caller, &request.platform_id, &request.period)?;
    let receipt = receipt(&mut fields, request.receipt.as_ref());
    fields.finish(named_period.zip(receipt))
}

/// A period to seal, and the receipt of it as it was shown, where that is given.
pub fn seal(
    request: &pb::SealPeriodRequest,
) -> Result<((PlatformId, Period), Option<ShownReceipt>), Refusal> {
    let mut fields = Fields::default();
    let named_period = period(&mut fields, &request.platform_id, &request.period);
    let seen = match &request.receipt {
        Some(given) => shown_receipt(&mut fields, given).map(Some),
        None => Some(None),
    };
    fields.finish(named_period.zip(seen))
}

fn receipt(fields: &mut Fields, receipt: Option<&Receipt>) -> Option<ShownReceipt> {
    let expected = "expected the receipt of what is held, as GetPeriod shows it";
    let missing = || FieldViolation::new("receipt", "MISSING", expected);
    let receipt = fields.note(receipt.ok_or_else(missing))?;
    shown_receipt(fields, receipt)
}

fn shown_receipt(fields: &mut Fields, receipt: &Receipt) -> Option<ShownReceipt> {
    let record_count = fields.note(count("receipt.record_count", receipt.record_count));
    let digest = parse_digest(&receipt.digest).map_err(|error| {
        let reason = if receipt.digest.is_empty() {
            "MISSING"
        } else {
            error.reason()
        };
        let expected = "expected 64 hexadecimal digits in lower case";
        FieldViolation::new("receipt.digest", reason, expected)
    });
    let digest = fields.note(digest);
    Some(ShownReceipt {
        record_count: record_count?,
        total_fen: receipt.total_fen,
        digest: digest?,
    })
}

/// A number of things, 0 or more.
pub fn count<N: PartialOrd + Default>(field: &str, number: N) -> Result<N, FieldViolation> {
    if number >= N::default() {
        return Ok(number);
    }
    let expected = "expected 0 or more";
    Err(FieldViolation::new(field, "COUNT_NEGATIVE", expected))
}

/// Which withdrawal a list is of; 0: none.
pub fn withdrawal_number(number: i32) -> Result<i32, FieldViolation> {
    count("withdrawal_number", number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawal_is_refused_with_each_field_that_is_wrong() {
        let named = |request: pb::WithdrawPeriodRequest| {
            let caller = PlatformId::parse("alpha-mall").unwrap();
            let refusal = withdrawal(&request, &caller).unwrap_err();
            let fields = refusal.field_violations.into_iter();
            let fields = fields.map(|one| format!("{} {}", one.field, one.reason));
            fields.collect::<Vec<_>>()
        };
        let request = pb::WithdrawPeriodRequest {
            platform_id: "alpha-mall".to_owned(),
            period: "2017-13".to_owned(),
            receipt: None,
        };
        assert_eq!(
            named(request.clone()),
            ["period PERIOD_INVALID", "receipt MISSING"]
        );
        let request = pb::WithdrawPeriodRequest {
            platform_id: String::new(),
            receipt: Some(Receipt {
                record_count: -1,
                ..Receipt::default()
            }),
            ..request
        };
        assert_eq!(
            named(request),
            [
                "platform_id ID_INVALID",
                "period PERIOD_INVALID",
                "receipt.record_count COUNT_NEGATIVE",
                "receipt.digest MISSING"
            ]
        );
    }

    #[test]
    fn another_platform_s_period_is_refused_whatever_else_is_wrong() {
        let caller = PlatformId::parse("alpha-mall").unwrap();
        let request = pb::WithdrawPeriodRequest {
            platform_id: "beta-mall".to_owned(),
            ..pb::WithdrawPeriodRequest::default()
        };
        let refusal = withdrawal(&request, &caller).unwrap_err();
        assert_eq!(refusal.code, Code::PermissionDenied);
    }
}
