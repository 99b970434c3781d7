//! Every refusal of the service, as the contract names it.

use gazelle_kernel::PlatformId;
use gazelle_proto::{access::ErrorReason as Shared, settlement::v1::ErrorReason};
use gazelle_runtime::status::{FieldViolation, Refusal, fault};
use tonic::{Code, Status};

use crate::{
    app::AppError,
    domain::{
        catalog::CatalogError,
        objection::ObjectionError,
        program::ProgramInvalid,
        rules::settle::SettleError,
        run::{PeriodRefused, RunError},
    },
};

const DOMAIN: &str = "gazelle.settlement.v1";

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        let message = error.to_string();
        match &error {
            AppError::ProgramInvalid(invalid) => program_invalid(invalid, message).into(),
            AppError::Catalog(error) => catalog(error, message).into(),
            AppError::ProgramNotFound(id) => {
                refusal(Code::NotFound, ErrorReason::ProgramNotFound, message)
                    .with("program_id", id)
                    .into()
            }
            AppError::BatchSize(count) => {
                refusal(Code::InvalidArgument, ErrorReason::BatchSize, message)
                    .with("item_count", count)
                    .into()
            }
            AppError::RunOpen(run_id) => precondition(ErrorReason::RunOpen, message)
                .with("run_id", run_id)
                .into(),
            AppError::Period(PeriodRefused::BeforeYear) => {
                precondition(ErrorReason::PeriodBeforeYear, message).into()
            }
            AppError::Period(PeriodRefused::BeforeLastRun(last)) => {
                precondition(ErrorReason::PeriodBeforeLastRun, message)
                    .with("last_through", last)
                    .into()
            }
            AppError::PeriodNotSealed(periods) => {
                let texts: Vec<String> = periods
                    .iter()
                    .map(|(platform, period)| format!("{platform} {period}"))
                    .collect();
                precondition(ErrorReason::PeriodNotSealed, message)
                    .with("periods", texts.join(","))
                    .into()
            }
            AppError::Settle(error) => settle(error, message),
            AppError::RunNotFound(run_id) => {
                refusal(Code::NotFound, ErrorReason::RunNotFound, message)
                    .with("run_id", run_id)
                    .into()
            }
            AppError::Run(error) => run(error, message),
            AppError::Objection(error) => objection(error, message),
            AppError::ObjectionExists(uscc) => {
                refusal(Code::AlreadyExists, ErrorReason::ObjectionExists, message)
                    .with("uscc", uscc)
                    .into()
            }
            AppError::ObjectionNotFound(uscc) => {
                refusal(Code::NotFound, ErrorReason::ObjectionNotFound, message)
                    .with("uscc", uscc)
                    .into()
            }
            AppError::EnterpriseNotInRun(uscc) => {
                refusal(Code::NotFound, ErrorReason::EnterpriseNotInRun, message)
                    .with("uscc", uscc)
                    .into()
            }
            AppError::Overloaded => {
                Refusal::shared(Code::ResourceExhausted, Shared::Overloaded, message).into()
            }
            AppError::SealChanged(..)
            | AppError::Facts(_)
            | AppError::Store(_)
            | AppError::Peer(_)
            | AppError::WorkLost(_) => fault(&error),
        }
    }
}

fn program_invalid(invalid: &ProgramInvalid, message: String) -> Refusal {
    let mut refusal = refusal(Code::InvalidArgument, ErrorReason::ProgramInvalid, message);
    let violation = |fault: &crate::domain::program::Fault| {
        FieldViolation::new(
            format!("program.{}", fault.field),
            fault.reason,
            &fault.message,
        )
    };
    refusal.field_violations = invalid.faults.iter().map(violation).collect();
    refusal
}

fn catalog(error: &CatalogError, message: String) -> Refusal {
    match error {
        CatalogError::ExcludedProgramUnknown {
            program_id,
            excluded,
        } => precondition(ErrorReason::ExcludedProgramNotFound, message)
            .with("program_id", program_id)
            .with("excluded", excluded),
        CatalogError::ExcludesCircle(programs) => {
            precondition(ErrorReason::ExcludesCircle, message).with("programs", join(programs))
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
                .with("programs", join(programs))
                .with("platform_id", platform_id)
                .with("fee_kind", fee_kind)
                .with("date", date)
                .with("total_bps", total_bps)
        }
    }
}

fn settle(error: &SettleError, message: String) -> Status {
    match error {
        SettleError::PeriodBeforeYear { .. } => {
            precondition(ErrorReason::PeriodBeforeYear, message).into()
        }
        SettleError::Overflow(overflow) => refusal(
            Code::OutOfRange,
            ErrorReason::Overflow,
            overflow.to_string(),
        )
        .into(),
        SettleError::ConservationBroken(_) => {
            // As much a fault of ours as any other: the log must have it.
            tracing::error!(message, "a run was refused");
            refusal(Code::Internal, ErrorReason::ConservationBroken, message).into()
        }
        SettleError::ExcludedProgramMissing(_)
        | SettleError::NegativeFees { .. }
        | SettleError::PriorContradicts { .. } => fault(error),
    }
}

fn run(error: &RunError, message: String) -> Status {
    match error {
        RunError::NotComputed => precondition(ErrorReason::RunNotComputed, message).into(),
        RunError::NotPublished => precondition(ErrorReason::RunNotPublished, message).into(),
        RunError::Closed => precondition(ErrorReason::RunClosed, message).into(),
        RunError::SelfApproval(_) => {
            refusal(Code::PermissionDenied, ErrorReason::SelfApproval, message).into()
        }
        RunError::NoticeNotOver(ends_at) => {
            let ends_at = super::convert::rfc3339(*ends_at);
            precondition(
                ErrorReason::NoticeNotOver,
                format!("the public notice ends at {ends_at}"),
            )
            .with("notice_ends_at", ends_at)
            .into()
        }
        RunError::ObjectionOpen => precondition(ErrorReason::ObjectionOpen, message).into(),
        RunError::DigestMismatch(digest) => precondition(ErrorReason::DigestMismatch, message)
            .with("digest", digest)
            .into(),
        // Nothing is paid by this service yet.
        RunError::NotApproved => fault(error),
    }
}

fn objection(error: &ObjectionError, message: String) -> Status {
    match error {
        ObjectionError::NothingGranted => precondition(ErrorReason::NothingGranted, message).into(),
        ObjectionError::Decided => {
            refusal(Code::NotFound, ErrorReason::ObjectionNotFound, message).into()
        }
        ObjectionError::TextLength => {
            Refusal::shared(Code::InvalidArgument, Shared::InvalidField, message).into()
        }
        ObjectionError::Result(cause) => settle(cause, cause.to_string()),
    }
}

fn precondition(reason: ErrorReason, message: String) -> Refusal {
    refusal(Code::FailedPrecondition, reason, message)
}

fn refusal(code: Code, reason: ErrorReason, message: String) -> Refusal {
    Refusal::new(code, DOMAIN, reason.as_str_name(), message)
}

fn join<T: ToString>(items: &[T]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}
