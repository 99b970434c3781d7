//! What is refused, in the words of the contract.

use gazelle_proto::{
    access,
    registry::v1::{self as pb, ErrorReason},
};
use gazelle_runtime::status::{self, FieldViolation, fault};
use tonic::{Code, Status};

use crate::{
    app::AppError,
    domain::{batch::Refusal, enterprise::NotRegistered},
};

const DOMAIN: &str = "gazelle.registry.v1";

/// A refusal for a reason of this service's.
pub(super) fn refuse(
    code: Code,
    reason: ErrorReason,
    message: impl Into<String>,
) -> status::Refusal {
    status::Refusal::new(code, DOMAIN, reason.as_str_name(), message)
}

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotRegistered(NotRegistered::Mistyped(error)) => {
                FieldViolation::new("uscc", error.reason(), error.to_string()).into()
            }
            AppError::NotRegistered(NotRegistered::Unknown(uscc)) => refuse(
                Code::NotFound,
                ErrorReason::EnterpriseNotFound,
                format!("no enterprise has the code {uscc}"),
            )
            .with("uscc", uscc)
            .into(),
            AppError::PlatformNotFound(id) => refuse(
                Code::NotFound,
                ErrorReason::PlatformNotFound,
                format!("no platform is called {id}"),
            )
            .with("platform_id", id)
            .into(),
            AppError::RevisionAhead { asked, present } => refuse(
                Code::OutOfRange,
                ErrorReason::RevisionAhead,
                format!("revision {asked} has not happened yet; the present one is {present}"),
            )
            .with("asked", asked)
            .with("present", present)
            .into(),
            AppError::Overloaded => overloaded("too much is under way; try again later"),
            AppError::FactsStalled => overloaded("the facts were not read on in time; start again"),
            error @ (AppError::ChangeMissing(_)
            | AppError::Store(_)
            | AppError::Transaction(_)
            | AppError::Lost(_)) => fault(&error),
        }
    }
}

fn overloaded(message: &str) -> Status {
    let reason = access::ErrorReason::Overloaded;
    status::Refusal::shared(Code::ResourceExhausted, reason, message).into()
}

/// A refused item; its place in the batch is set by the caller.
pub(super) fn rejection(refusal: &Refusal) -> pb::Rejection {
    match refusal {
        Refusal::Field { field, error } => of_field(error.reason(), field, error.to_string()),
        Refusal::EvidenceMissing(error) => of_field(
            error.reason(),
            "uscc",
            format!(
                "{error}; if the code was officially issued like this, register it as an \
                 exception: give the evidence in uscc_exception_evidence"
            ),
        ),
        Refusal::ExceptionNotNeeded(uscc) => of_field(
            name(ErrorReason::ExceptionNotNeeded),
            "uscc_exception_evidence",
            format!("{uscc} passes its checks and needs no exception: leave the evidence empty"),
        ),
        Refusal::NotRegistered(NotRegistered::Mistyped(error)) => {
            of_field(error.reason(), "uscc", error.to_string())
        }
        Refusal::NotRegistered(NotRegistered::Unknown(uscc)) => of_field(
            name(ErrorReason::EnterpriseNotFound),
            "uscc",
            format!("no enterprise has the code {uscc}: register it first"),
        ),
        Refusal::BindingOverlap(other) => of_field(
            name(ErrorReason::BindingOverlap),
            "",
            format!(
                "account {:?} of {} is bound to {} for {}, which overlaps: end that binding first",
                other.merchant_id.as_str(),
                other.platform_id,
                other.uscc,
                other.bound,
            ),
        ),
        Refusal::RepeatedInBatch => of_field(
            name(ErrorReason::RepeatedInBatch),
            "",
            "an earlier item of the batch is the same with other content: send one of them".into(),
        ),
    }
}

fn of_field(reason: &str, field: &str, message: String) -> pb::Rejection {
    pb::Rejection {
        index: 0,
        reason: reason.into(),
        field: field.into(),
        message,
    }
}

fn name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}
