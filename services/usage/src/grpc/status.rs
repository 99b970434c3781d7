//! Why the service refused: one mapping of each error to the contract's reasons.

use gazelle_proto::{access, usage::v1::ErrorReason};
use gazelle_runtime::status::{Refusal, fault};
use tonic::{Code, Status};

use crate::{
    app::AppError,
    domain::{Account, SealRefusal},
    ingest::IngestError,
};

const DOMAIN: &str = "gazelle.usage.v1";

/// A refusal for a reason of this service.
pub fn refusal(code: Code, reason: ErrorReason, message: impl Into<String>) -> Refusal {
    Refusal::new(code, DOMAIN, reason.as_str_name(), message)
}

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        match error {
            AppError::PeriodNotFound => refusal(
                Code::NotFound,
                ErrorReason::PeriodNotFound,
                error.to_string(),
            )
            .into(),
            AppError::PeriodSealed(_) => refusal(
                Code::FailedPrecondition,
                ErrorReason::PeriodSealed,
                "the period is sealed; its statement stands",
            )
            .into(),
            AppError::NotSealable(SealRefusal::NotStated) => refusal(
                Code::FailedPrecondition,
                ErrorReason::NotStated,
                error.to_string(),
            )
            .into(),
            AppError::NotSealable(SealRefusal::StatementMismatch(account)) => mismatch(&account),
            AppError::TotalOverflow {
                merchant_id,
                fee_kind,
                fee_date,
            } => refusal(
                Code::OutOfRange,
                ErrorReason::TotalOverflow,
                format!(
                    "the sum of merchant {merchant_id:?}, {fee_kind}, {fee_date} leaves 64 bits; \
                     reverse some of it"
                ),
            )
            .with("merchant_id", merchant_id)
            .with("fee_kind", fee_kind)
            .with("fee_date", fee_date)
            .into(),
            AppError::Overloaded => overloaded("more work is under way than is taken; try again"),
            AppError::Inconsistent { .. } | AppError::Lost(_) | AppError::Store(_) => fault(&error),
        }
    }
}

impl From<IngestError> for Status {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::PeriodBusy => unavailable("the period is being sealed; try again"),
            IngestError::Behind => unavailable("what was sent before is not written; try again"),
            IngestError::Stopping => unavailable("the service stops; connect again"),
            IngestError::WriterLost | IngestError::Store(_) => fault(&error),
        }
    }
}

/// What is worth trying again, here or with another process.
fn unavailable(message: &str) -> Status {
    let reason = access::ErrorReason::DependencyUnavailable;
    Refusal::shared(Code::Unavailable, reason, message).into()
}

fn overloaded(message: &str) -> Status {
    let reason = access::ErrorReason::Overloaded;
    Refusal::shared(Code::ResourceExhausted, reason, message).into()
}

fn mismatch(account: &Account) -> Status {
    let (stated_count, stated_fen) = account.statement.as_ref().map_or((0, 0), |statement| {
        (statement.record_count, statement.total.get())
    });
    let received = &account.received;
    refusal(
        Code::FailedPrecondition,
        ErrorReason::StatementMismatch,
        format!(
            "stated {stated_count} records of {stated_fen} fen, received {} of {} fen, and {} \
             were refused",
            received.record_count, received.total_fen, account.refused_count
        ),
    )
    .with("stated_record_count", stated_count)
    .with("stated_total_fen", stated_fen)
    .with("received_record_count", received.record_count)
    .with("received_total_fen", received.total_fen_saturated())
    .with("refused_count", account.refused_count)
    .into()
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Period;

    use super::*;
    use crate::domain::RecordRefusal;

    #[test]
    fn every_reason_of_a_record_is_in_the_contract() {
        use RecordRefusal as No;
        let all = [
            No::Conflict,
            No::PeriodSealed,
            No::RecordIdInvalid,
            No::MerchantIdInvalid,
            No::FeeKindInvalid,
            No::DateInvalid,
            No::OccurredAfterPeriod,
            No::AmountNotPositive,
            No::ReversalNotNegative,
            No::ReversedRecordNotFound,
            No::ReversalOfReversal,
            No::ReversalMismatch,
            No::ReversalExceedsRecord,
            No::RecordInSealedPeriod(Period::parse("2017-03").unwrap()),
            No::ReversedRecordRefused,
        ];
        // Numbers 1 to 15 are the reasons of records.
        for (number, refusal) in (1..).zip(all) {
            let name = format!("ERROR_REASON_{}", refusal.reason());
            let reason = ErrorReason::from_str_name(&name).unwrap();
            assert_eq!(i32::from(reason), number, "{name}");
        }
    }
}
