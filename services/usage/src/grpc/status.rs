//! Why the service refused: one mapping of each error to the contract's reasons.

use gazelle_proto::{access, usage::v1::ErrorReason};
use gazelle_runtime::status::{Refusal, fault, listed};
use tonic::{Code, Status};

use crate::{
    app::AppError,
    domain::{
        period::PeriodName,
        receipt::Receipt,
        seal::{SealRefusal, StatementMismatch},
        withdrawal::WithdrawRefusal,
    },
    ingest::IngestError,
    tuning::CHECK_SHARE_RECORDS_MAX,
};

const DOMAIN: &str = "gazelle.usage.v1";

/// A refusal for a reason of this service.
pub fn refusal(code: Code, reason: ErrorReason, message: impl Into<String>) -> Refusal {
    Refusal::new(code, DOMAIN, reason.as_str_name(), message)
}

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        let message = error.to_string();
        match error {
            AppError::PeriodNotFound(name) => {
                about(Code::NotFound, ErrorReason::PeriodNotFound, message, &name).into()
            }
            AppError::PeriodSealed(name) => {
                failed(ErrorReason::PeriodSealed, message, &name).into()
            }
            AppError::NotBegun(name) => not_begun(&message, &name),
            AppError::NotSealable(name, refusal) => not_sealable(message, &name, &refusal),
            AppError::NotWithdrawable(name, refusal) => not_withdrawable(message, &name, &refusal),
            AppError::PeriodReversed(name, periods) => {
                let periods = listed(periods, PERIODS_SHOWN_MAX);
                let message =
                    format!("{message}: {periods}; withdraw those first, where they are open");
                failed(ErrorReason::PeriodReversed, message, &name)
                    .with("periods", periods)
                    .into()
            }
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
            AppError::CheckTooLarge => refusal(
                Code::ResourceExhausted,
                ErrorReason::CheckTooLarge,
                format!(
                    "a stream checks at most {CHECK_SHARE_RECORDS_MAX} records; check the file in \
                     parts, each on a stream of its own"
                ),
            )
            .with("records_max", CHECK_SHARE_RECORDS_MAX)
            .into(),
            AppError::ChecksFull => overloaded(
                "the platform's other checks, or those of all, have as many records under way as \
                 they may; end those that are done, and try again later",
            ),
            AppError::Overloaded => overloaded("more work is under way than is taken; try again"),
            AppError::Inconsistent(_) | AppError::Lost(_) | AppError::Store(_) => fault(&error),
        }
    }
}

/// Periods that a refusal names.
const PERIODS_SHOWN_MAX: usize = 24;

/// A refusal about a period.
fn about(code: Code, reason: ErrorReason, message: String, name: &PeriodName) -> Refusal {
    refusal(code, reason, message)
        .with("platform_id", &name.platform_id)
        .with("period", name.period)
}

fn failed(reason: ErrorReason, message: String, name: &PeriodName) -> Refusal {
    about(Code::FailedPrecondition, reason, message, name)
}

fn not_begun(message: &str, name: &PeriodName) -> Status {
    let first_day = name.period.first_day();
    let message = format!("{message}; state it from {first_day} on");
    failed(ErrorReason::PeriodNotOver, message, name)
        .with("first_day", first_day)
        .into()
}

fn not_sealable(message: String, name: &PeriodName, why: &SealRefusal) -> Status {
    match why {
        SealRefusal::NotOver(period) => {
            let message = format!("{message}; seal it after {}", period.last_day());
            failed(ErrorReason::PeriodNotOver, message, name)
                .with("last_day", period.last_day())
                .into()
        }
        SealRefusal::NotStated => failed(ErrorReason::NotStated, message, name).into(),
        SealRefusal::StatementMismatch(how) => mismatch(name, how),
        SealRefusal::ReceiptMismatch(held) => held_otherwise(&message, name, held),
    }
}

fn not_withdrawable(message: String, name: &PeriodName, why: &WithdrawRefusal) -> Status {
    match why {
        WithdrawRefusal::Empty => {
            about(Code::NotFound, ErrorReason::PeriodNotFound, message, name).into()
        }
        WithdrawRefusal::Sealed => failed(ErrorReason::PeriodSealed, message, name).into(),
        WithdrawRefusal::ReceiptMismatch(held) => held_otherwise(&message, name, held),
    }
}

fn held_otherwise(message: &str, name: &PeriodName, held: &Receipt) -> Status {
    let (count, fen) = (held.record_count, held.total_fen_saturated());
    let digest = hex::encode(held.digest);
    let message = format!(
        "{message}: held are {count} records of {fen} fen, digest {digest}; look at the period, \
         then send its receipt"
    );
    failed(ErrorReason::ReceiptMismatch, message, name)
        .with("received_record_count", count)
        .with("received_total_fen", fen)
        .with("received_digest", digest)
        .into()
}

impl From<IngestError> for Status {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::PeriodBusy => {
                unavailable("the period is being sealed; try again", "PERIOD_SEALING")
            }
            IngestError::Behind => {
                unavailable("what was sent before is not written; try again", "BEHIND")
            }
            IngestError::Stopping => unavailable("the service stops; connect again", "STOPPING"),
            IngestError::WriterLost | IngestError::Store(_) => fault(&error),
        }
    }
}

/// What is worth trying again, here or with another process.
fn unavailable(message: &str, cause: &str) -> Status {
    let reason = access::ErrorReason::DependencyUnavailable;
    Refusal::shared(Code::Unavailable, reason, message)
        .with("cause", cause)
        .into()
}

fn overloaded(message: &str) -> Status {
    let reason = access::ErrorReason::Overloaded;
    Refusal::shared(Code::ResourceExhausted, reason, message).into()
}

fn mismatch(name: &PeriodName, how: &StatementMismatch) -> Status {
    let StatementMismatch {
        stated_count,
        stated_total,
        received,
        refused_count,
    } = how;
    let stated_fen = stated_total.get();
    let beyond = if received.is_beyond_64_bits() {
        "; no statement can say a sum beyond 64 bits: look for a wrong amount, and reverse it or \
         withdraw the period"
    } else {
        ""
    };
    failed(
        ErrorReason::StatementMismatch,
        format!(
            "stated {stated_count} records of {stated_fen} fen, received {} of {} fen, and \
             {refused_count} were refused{beyond}",
            received.record_count, received.total_fen
        ),
        name,
    )
    .with("stated_record_count", stated_count)
    .with("stated_total_fen", stated_fen)
    .with("received_record_count", received.record_count)
    .with("received_total_fen", received.total_fen_saturated())
    .with("refused_count", refused_count)
    .into()
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{Fen, Period};

    use super::*;
    use crate::domain::refusal::RecordRefusal;

    #[test]
    fn whoever_has_to_wait_is_told_for_what() {
        for (error, cause) in [
            (IngestError::PeriodBusy, "PERIOD_SEALING"),
            (IngestError::Behind, "BEHIND"),
            (IngestError::Stopping, "STOPPING"),
        ] {
            let status = Status::from(error);
            let details = String::from_utf8_lossy(status.details());
            assert!(details.contains(cause), "{cause}: {details}");
        }
    }

    #[test]
    fn a_sum_that_no_statement_can_say_is_told() {
        let name = PeriodName::parse("alpha-mall 2017-03").unwrap();
        let refused = |total_fen: i128| {
            let how = StatementMismatch {
                stated_count: 2,
                stated_total: Fen::ZERO,
                received: Receipt {
                    record_count: 2,
                    total_fen,
                    digest: [0; 32],
                },
                refused_count: 0,
            };
            mismatch(&name, &how).message().to_owned()
        };
        let most = i128::from(i64::MAX);
        assert!(refused(most).ends_with("were refused"));
        let beyond = refused(most + 5);
        assert!(beyond.contains("received 2 of 9223372036854775812 fen"));
        assert!(beyond.contains("beyond 64 bits"), "{beyond}");
    }

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
        let conflict = No::ConflictElsewhere(Period::parse("2017-02").unwrap());
        assert_eq!(conflict.reason(), No::Conflict.reason());
        // Numbers 1 to 15 are the reasons of records.
        for (number, refusal) in (1..).zip(all) {
            let name = format!("ERROR_REASON_{}", refusal.reason());
            let reason = ErrorReason::from_str_name(&name).unwrap();
            assert_eq!(i32::from(reason), number, "{name}");
        }
    }
}
