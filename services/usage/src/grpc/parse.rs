//! Requests as values of the domain.

use gazelle_kernel::{Period, PlatformId, parse_digest};
use gazelle_proto::{access, batch::RecordView, usage::v1 as pb, usage::v1::ErrorReason};
use gazelle_runtime::{
    access::principal,
    auth::Principal,
    status::{FieldExt, FieldViolation, Refusal},
};
use tonic::{Code, Request, Status};

use super::status::refusal;
use crate::domain::{period::ShownReceipt, sent::Sent};

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
pub fn period(platform_id: &str, period: &str) -> Result<(PlatformId, Period), FieldViolation> {
    Ok((
        PlatformId::parse(platform_id).field("platform_id")?,
        Period::parse(period).field("period")?,
    ))
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
    let message = "a platform reports, states and withdraws for itself alone";
    Err(refusal(
        Code::PermissionDenied,
        ErrorReason::NotYourPlatform,
        message,
    )
    .with("platform_id", named)
    .into())
}

/// The period that a message names, of the platform that calls.
pub fn own_period<T>(
    request: &Request<T>,
    platform_id: &str,
    period: &str,
) -> Result<(PlatformId, Period), Status> {
    let caller = calling_platform(request)?;
    let platform = own_platform(platform_id, &caller)?;
    Ok((platform, Period::parse(period).field("period")?))
}

/// A receipt, as it was shown. Everything that is wrong with it is told at once.
pub fn receipt(receipt: Option<&pb::Receipt>) -> Result<ShownReceipt, Status> {
    let expected = "expected the receipt of what is held, as GetPeriod shows it";
    let receipt = receipt.ok_or_else(|| FieldViolation::new("receipt", "MISSING", expected))?;
    let mut violations = Vec::new();
    if receipt.record_count < 0 {
        let expected = "expected 0 or more";
        let field = "receipt.record_count";
        violations.push(FieldViolation::new(field, "COUNT_NEGATIVE", expected));
    }
    let digest = parse_digest(&receipt.digest).unwrap_or_else(|error| {
        let reason = if receipt.digest.is_empty() {
            "MISSING"
        } else {
            error.reason()
        };
        let expected = "expected 64 hexadecimal digits in lower case";
        violations.push(FieldViolation::new("receipt.digest", reason, expected));
        [0; 32]
    });
    if !violations.is_empty() {
        return Err(Refusal::fields(violations).into());
    }
    Ok(ShownReceipt {
        record_count: receipt.record_count,
        total_fen: receipt.total_fen,
        digest,
    })
}

/// Which withdrawal a list is of; 0: none.
pub fn withdrawal_number(number: i32) -> Result<i32, FieldViolation> {
    if number >= 0 {
        return Ok(number);
    }
    let expected = "expected 0 or more";
    Err(FieldViolation::new(
        "withdrawal_number",
        "COUNT_NEGATIVE",
        expected,
    ))
}
