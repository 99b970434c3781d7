//! Every refusal of the service, as the contract names it.

use gazelle_kernel::{Period, PlatformId, ProgramId, Year, format_instant};
use gazelle_proto::{access::ErrorReason as Shared, settlement::v1::ErrorReason};
use gazelle_runtime::{
    failure::told,
    status::{FieldViolation, Refusal, fault, listed},
};
use tonic::{Code, Status};

use crate::{
    app::{
        AnswerRefused, AppError, ComputeRefused, NotFound, ObjectionRefused, PaymentRefused,
        ProgramRefused,
    },
    domain::{
        objection::ObjectionError,
        payment::{
            answer::Break,
            file::treasury::XLSX_PAYMENTS_MAX,
            order::{OrderError, held_for},
        },
        program::{Fault, ProgramInvalid, catalog::CatalogError},
        rules::error::SettleError,
        run::{LeftOutRefused, NotSealed, PeriodRefused, RunError, ScopeRefused},
    },
};

const DOMAIN: &str = "gazelle.settlement.v1";

/// Items that metadata names one by one.
const LISTED_MAX: usize = 10;

/// A refusal for a reason of this service.
pub fn refusal(code: Code, reason: ErrorReason, message: impl Into<String>) -> Refusal {
    Refusal::new(code, DOMAIN, reason.as_str_name(), message)
}

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        let message = error.to_string();
        match &error {
            AppError::NotFound(error) => not_found(error, message).into(),
            AppError::Program(ProgramRefused::Invalid(error)) => {
                program_invalid(error, message).into()
            }
            AppError::Program(ProgramRefused::Catalog(error)) => catalog(error, message).into(),
            AppError::Compute(error) => compute(error, message),
            AppError::Run(error) => run(error, message).into(),
            AppError::Objection(error) => objection(error, message),
            AppError::Payment(error) => payment(error, message).into(),
            AppError::Answer {
                answer_id,
                reason,
                break_count,
                first,
            } => answer(reason, first.as_ref(), message)
                .with("answer_id", answer_id)
                .with("break_count", break_count)
                .into(),
            AppError::Overloaded => {
                Refusal::shared(Code::ResourceExhausted, Shared::Overloaded, message).into()
            }
            AppError::Evidence(_) | AppError::Store(_) | AppError::Peer(_) | AppError::Lost(_) => {
                fault(&error)
            }
        }
    }
}

fn not_found(error: &NotFound, message: String) -> Refusal {
    let refusal = |reason| refusal(Code::NotFound, reason, message);
    match error {
        NotFound::Program(id) => refusal(ErrorReason::ProgramNotFound).with("program_id", id),
        NotFound::Run(run_id) => refusal(ErrorReason::RunNotFound).with("run_id", run_id),
        NotFound::RunNumber { program_id, number } => refusal(ErrorReason::RunNotFound)
            .with("program_id", program_id)
            .with("number", number),
        NotFound::Order(id) => refusal(ErrorReason::OrderNotFound).with("order_id", id),
        NotFound::Objection(uscc) => refusal(ErrorReason::ObjectionNotFound).with("uscc", uscc),
        NotFound::EnterpriseInRun(uscc) => {
            refusal(ErrorReason::EnterpriseNotInRun).with("uscc", uscc)
        }
    }
}

fn program_invalid(invalid: &ProgramInvalid, message: String) -> Refusal {
    let violation = |fault: &Fault| {
        FieldViolation::new(
            format!("program.{}", fault.field),
            fault.reason,
            &fault.message,
        )
    };
    refusal(Code::InvalidArgument, ErrorReason::ProgramInvalid, message)
        .with_fields(invalid.faults.iter().map(violation).collect())
}

fn catalog(error: &CatalogError, message: String) -> Refusal {
    let ids = |programs: &[ProgramId]| listed(programs, LISTED_MAX);
    match error {
        CatalogError::ExcludedProgramUnknown {
            program_id,
            excluded,
        } => precondition(ErrorReason::ExcludedProgramNotFound, message)
            .with("program_id", program_id)
            .with("excluded_program_id", excluded),
        CatalogError::ExcludesCircle(programs) => {
            precondition(ErrorReason::ExcludesCircle, message).with("program_ids", ids(programs))
        }
        CatalogError::SharesExceedFee {
            programs,
            platform_id,
            fee_kind,
            date,
            total_bps,
        } => {
            let platform_id = platform_id.as_ref().map_or("", PlatformId::as_str);
            precondition(ErrorReason::SharesExceedFee, message)
                .with("program_ids", ids(programs))
                .with("platform_id", platform_id)
                .with("fee_kind", fee_kind)
                .with("day", date)
                .with("total_bps", total_bps)
        }
    }
}

fn compute(error: &ComputeRefused, message: String) -> Status {
    let refusal = match error {
        ComputeRefused::RunOpen {
            run_id,
            program_id,
            number,
        } => precondition(ErrorReason::RunOpen, message)
            .with("run_id", run_id)
            .with("program_id", program_id)
            .with("number", number),
        ComputeRefused::Period(PeriodRefused::NotOver(period)) => {
            precondition(ErrorReason::PeriodNotOver, message).with("period", period)
        }
        ComputeRefused::Period(PeriodRefused::BeforeYear { through, year }) => {
            before_year(*through, *year, message)
        }
        ComputeRefused::Period(PeriodRefused::BeforeLastRun(last)) => {
            precondition(ErrorReason::PeriodBeforeLastRun, message).with("last_period", last)
        }
        ComputeRefused::Scope(ScopeRefused::NotSealed(NotSealed(periods))) => {
            precondition(ErrorReason::PeriodNotSealed, message)
                .with("periods", listed(periods, LISTED_MAX))
                .with("period_count", periods.len())
        }
        ComputeRefused::Scope(ScopeRefused::LeftOut(LeftOutRefused(refused))) => {
            let periods = refused.iter().map(|(period, _)| period);
            let causes = refused.iter().map(|(_, why)| why.name());
            precondition(ErrorReason::PeriodNotOwed, message)
                .with("periods", listed(periods, LISTED_MAX))
                .with("causes", listed(causes, LISTED_MAX))
                .with("period_count", refused.len())
        }
        ComputeRefused::Settle(error) => return settle(error, message),
    };
    refusal.into()
}

fn settle(error: &SettleError, message: String) -> Status {
    match error {
        SettleError::PeriodBeforeYear { through, year } => {
            before_year(*through, *year, message).into()
        }
        SettleError::Overflow(overflow) => refusal(
            Code::OutOfRange,
            ErrorReason::Overflow,
            overflow.to_string(),
        )
        .with("value", overflow.0)
        .into(),
        SettleError::ConservationBroken(_) => {
            // As much a fault of ours as any other: the log must have it.
            tracing::error!(cause = told(error), "a run was refused");
            refusal(Code::Internal, ErrorReason::ConservationBroken, message).into()
        }
        SettleError::ExcludedProgramMissing(_)
        | SettleError::NegativeFees { .. }
        | SettleError::PriorContradicts { .. } => fault(error),
    }
}

fn before_year(period: Period, year: Year, message: String) -> Refusal {
    precondition(ErrorReason::PeriodBeforeYear, message)
        .with("period", period)
        .with("year", year)
}

fn run(error: &RunError, message: String) -> Refusal {
    match error {
        RunError::NotComputed(state) => {
            precondition(ErrorReason::RunNotComputed, message).with("state", state)
        }
        RunError::NotPublished(state) => {
            precondition(ErrorReason::RunNotPublished, message).with("state", state)
        }
        RunError::Closed(state) => {
            precondition(ErrorReason::RunClosed, message).with("state", state)
        }
        RunError::SelfApproval { by, part } => {
            refusal(Code::PermissionDenied, ErrorReason::SelfApproval, message)
                .with("actor", by)
                .with("step", part.as_str())
        }
        RunError::NoticeNotOver(ends_at) => precondition(ErrorReason::NoticeNotOver, message)
            .with("notice_ends_at", format_instant(*ends_at)),
        RunError::ObjectionOpen => precondition(ErrorReason::ObjectionOpen, message),
        RunError::DigestMismatch(digest) => {
            precondition(ErrorReason::DigestMismatch, message).with("digest", digest)
        }
    }
}

fn objection(error: &ObjectionRefused, message: String) -> Status {
    match error {
        ObjectionRefused::Exists(uscc) => {
            refusal(Code::AlreadyExists, ErrorReason::ObjectionExists, message)
                .with("uscc", uscc)
                .into()
        }
        ObjectionRefused::Rules { uscc, error } => match error {
            ObjectionError::NothingGranted => precondition(ErrorReason::NothingGranted, message)
                .with("uscc", uscc)
                .into(),
            ObjectionError::Decided => {
                refusal(Code::NotFound, ErrorReason::ObjectionNotFound, message)
                    .with("uscc", uscc)
                    .into()
            }
            ObjectionError::TextLength => {
                Refusal::shared(Code::InvalidArgument, Shared::InvalidField, message).into()
            }
            ObjectionError::Result(cause) => settle(cause, cause.to_string()),
        },
    }
}

fn payment(error: &PaymentRefused, message: String) -> Refusal {
    match error {
        PaymentRefused::OrderOpen {
            order_id,
            program_id,
            number,
        } => precondition(ErrorReason::OrderOpen, message)
            .with("order_id", order_id)
            .with("program_id", program_id)
            .with("number", number),
        PaymentRefused::PayerMissing(program_id) => {
            precondition(ErrorReason::PayerMissing, message).with("program_id", program_id)
        }
        PaymentRefused::Order(error) => order(error, message),
        PaymentRefused::BooksOverflow => refusal(Code::OutOfRange, ErrorReason::Overflow, message)
            .with("value", "a sum of the books"),
        PaymentRefused::LedgerBroken(broken) => {
            refusal(Code::DataLoss, ErrorReason::LedgerBroken, message)
                .with("kind", broken.kind.as_str())
                .with("entry_number", broken.entry_number)
                .with("detail", &broken.detail)
        }
    }
}

fn order(error: &OrderError, message: String) -> Refusal {
    match error {
        OrderError::NothingToPay { held } => precondition(ErrorReason::NothingToPay, message)
            .with("held_count", held.values().sum::<usize>())
            .with("held", held_for(held)),
        OrderError::NotPrepared(state) => {
            precondition(ErrorReason::OrderNotPrepared, message).with("state", state.as_str())
        }
        OrderError::NotReleased(state) => {
            precondition(ErrorReason::OrderNotReleased, message).with("state", state.as_str())
        }
        OrderError::SelfApproval(actor) => {
            refusal(Code::PermissionDenied, ErrorReason::SelfApproval, message).with("actor", actor)
        }
        OrderError::DigestMismatch => precondition(ErrorReason::DigestMismatch, message),
        OrderError::AccountChanged(payees) => precondition(ErrorReason::AccountChanged, message)
            .with("payee_ids", listed(payees, LISTED_MAX))
            .with("payee_count", payees.len()),
        OrderError::TooLargeForSheet(count) => precondition(ErrorReason::OrderTooLarge, message)
            .with("payment_count", count)
            .with("payments_max", XLSX_PAYMENTS_MAX),
        OrderError::Overflow => refusal(Code::OutOfRange, ErrorReason::Overflow, message)
            .with("value", "the sum of the payments"),
    }
}

fn answer(reason: &AnswerRefused, first: Option<&Break>, message: String) -> Refusal {
    let detail = match reason {
        AnswerRefused::Unreadable(detail) => Some(detail),
        AnswerRefused::Mismatch | AnswerRefused::PaymentClosed => None,
    };
    let (code, reason) = match reason {
        AnswerRefused::Unreadable(_) => (Code::InvalidArgument, ErrorReason::AnswerUnreadable),
        AnswerRefused::Mismatch => (Code::FailedPrecondition, ErrorReason::AnswerMismatch),
        AnswerRefused::PaymentClosed => (Code::FailedPrecondition, ErrorReason::PaymentClosed),
    };
    match (first, detail) {
        (Some(first), _) => refusal(code, reason, format!("{message}. First: {}", first.detail))
            .with("payment_id", &first.payment_id)
            .with("detail", &first.detail),
        (None, Some(detail)) => refusal(code, reason, message).with("detail", detail),
        (None, None) => refusal(code, reason, message),
    }
}

fn precondition(reason: ErrorReason, message: String) -> Refusal {
    refusal(Code::FailedPrecondition, reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{period, year};

    fn figures(refusal: Refusal) -> Vec<(&'static str, String)> {
        refusal.metadata
    }

    #[test]
    fn what_a_message_says_in_words_is_there_for_programs() {
        let unreadable = AnswerRefused::Unreadable("it names no order".to_owned());
        let message = unreadable.to_string();
        assert_eq!(
            figures(answer(&unreadable, None, message)),
            [("detail", "it names no order".to_owned())]
        );
        assert_eq!(
            figures(before_year(period("2016-12"), year(2017), String::new())),
            [
                ("period", "2016-12".to_owned()),
                ("year", "2017".to_owned())
            ]
        );
    }
}
