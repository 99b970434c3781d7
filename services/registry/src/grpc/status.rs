//! What is refused, in the words of the contract.

use gazelle_kernel::ParseError;
use gazelle_proto::{
    access, reason,
    registry::v1::{self as pb, ErrorReason},
};
use gazelle_runtime::status::{FieldViolation, Refusal, fault};
use tonic::{Code, Status};

use crate::{
    app::{AccountRefused, AppError},
    domain::{
        account::NameRefused,
        enterprise::{EvidenceRefused, NotRegistered},
        refusal::{ItemRefused, Warning},
    },
};

const DOMAIN: &str = "gazelle.registry.v1";

/// A refusal for a reason of this service.
pub fn refusal(code: Code, reason: ErrorReason, message: impl Into<String>) -> Refusal {
    Refusal::new(code, DOMAIN, reason.as_str_name(), message)
}

impl From<AppError> for Status {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotRegistered(NotRegistered::Mistyped(error)) => {
                FieldViolation::new("uscc", error.reason(), error.to_string()).into()
            }
            AppError::NotRegistered(NotRegistered::Unknown(uscc)) => refusal(
                Code::NotFound,
                ErrorReason::EnterpriseNotFound,
                format!("no enterprise has the code {uscc}"),
            )
            .with("uscc", uscc)
            .into(),
            AppError::PlatformNotFound(id) => refusal(
                Code::NotFound,
                ErrorReason::PlatformNotFound,
                format!("no platform is called {id}"),
            )
            .with("platform_id", id)
            .into(),
            AppError::Account(refused) => account(refused),
            AppError::RevisionAhead { asked, present } => refusal(
                Code::OutOfRange,
                ErrorReason::RevisionAhead,
                format!("revision {asked} has not happened yet; the present one is {present}"),
            )
            .with("asked", asked)
            .with("present", present)
            .into(),
            AppError::Overloaded => overloaded("too much is under way; try again later").into(),
            AppError::StreamStalled => {
                let message = "the stream was not read on in time; start again";
                overloaded(message).with("cause", "STREAM_STALLED").into()
            }
            error @ (AppError::Store(_) | AppError::Lost(_)) => fault(&error),
        }
    }
}

/// A refusal about a payee's account.
fn account(refused: AccountRefused) -> Status {
    let message = refused.to_string();
    let (code, reason, message, payee) = match refused {
        AccountRefused::NotProposed(payee) => (
            Code::FailedPrecondition,
            ErrorReason::AccountNotProposed,
            format!("{message}; look at its accounts again"),
            payee,
        ),
        AccountRefused::NotFound(payee) => {
            (Code::NotFound, ErrorReason::AccountNotFound, message, payee)
        }
        AccountRefused::SelfApproval(payee) => (
            Code::PermissionDenied,
            ErrorReason::SelfApproval,
            format!("{message}: somebody else has to"),
            payee,
        ),
    };
    refusal(code, reason, message)
        .with("payee_id", payee)
        .into()
}

fn overloaded(message: &str) -> Refusal {
    let reason = access::ErrorReason::Overloaded;
    Refusal::shared(Code::ResourceExhausted, reason, message)
}

/// A refused item, at its place in the batch.
pub fn rejection(index: i32, refused: &ItemRefused) -> pb::Rejection {
    let (reason, field, message) = match refused {
        ItemRefused::Field { field, error } => parse(error, field),
        ItemRefused::Evidence(EvidenceRefused::Missing(error)) => (
            error.reason(),
            "uscc",
            format!(
                "{error}; if the code was officially issued like this, register it as an \
                 exception: give the evidence in uscc_exception_evidence"
            ),
        ),
        ItemRefused::Evidence(EvidenceRefused::NotNeeded(uscc)) => (
            name(ErrorReason::ExceptionNotNeeded),
            "uscc_exception_evidence",
            format!("{uscc} passes its checks and needs no exception: leave the evidence empty"),
        ),
        ItemRefused::NotRegistered(NotRegistered::Mistyped(error)) => parse(error, "uscc"),
        ItemRefused::NotRegistered(NotRegistered::Unknown(uscc)) => (
            name(ErrorReason::EnterpriseNotFound),
            "uscc",
            format!("no enterprise has the code {uscc}: register it first"),
        ),
        ItemRefused::PlatformUnknown(id) => (
            name(ErrorReason::PlatformNotFound),
            "payee_id",
            format!("no platform is called {id}: make it known first"),
        ),
        ItemRefused::BindingOverlap(other) => (
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
        ItemRefused::AccountName(refused) => account_name(refused),
        ItemRefused::AccountNotRecorded => (
            name(ErrorReason::AccountNumberHidden),
            "account_number",
            "a part of the number is hidden, and no account of the payee is recorded that lists \
             show like this: give the whole number"
                .into(),
        ),
        ItemRefused::RepeatedInBatch => (
            name(ErrorReason::RepeatedInBatch),
            "",
            "an earlier item of the batch is the same with other content: send one of them".into(),
        ),
    };
    pb::Rejection {
        index,
        reason: reason.into(),
        field: field.into(),
        message,
    }
}

/// Why an account's holder is refused.
fn account_name(refused: &NameRefused) -> (&'static str, &'static str, String) {
    match refused {
        NameRefused::Mismatch { holder, registered } => (
            name(ErrorReason::AccountNameMismatch),
            "account_name",
            format!(
                "{:?} is not the payee's registered name {registered:?}: correct it, or give the \
                 evidence for another holder in name_exception_evidence",
                holder.as_str(),
            ),
        ),
        NameRefused::EvidenceNotNeeded => (
            name(ErrorReason::ExceptionNotNeeded),
            "name_exception_evidence",
            "the account is in the payee's registered name and needs no exception: leave the \
             evidence empty"
                .into(),
        ),
    }
}

/// What looks wrong about an item that was taken, at its place in the batch.
pub fn warning(index: i32, warning: &Warning) -> pb::Warning {
    match warning {
        Warning::BankCodeCheck(code) => pb::Warning {
            index,
            reason: name(ErrorReason::BankCodeCheckDigit).into(),
            field: "bank_code".into(),
            message: format!(
                "the last digit of {code} does not check the others (ISO 7064 MOD 11,10): compare \
                 it with the bank's own papers"
            ),
        },
        Warning::NotProposed => pb::Warning {
            index,
            reason: name(ErrorReason::AccountNumberHidden).into(),
            field: "account_number".into(),
            message: "the account was rejected or replaced, or a payment to it came back; with a \
                      part of its number hidden it is not proposed again: to propose it, give the \
                      whole number"
                .into(),
        },
    }
}

fn parse<'a>(error: &ParseError, field: &'a str) -> (&'static str, &'a str, String) {
    (error.reason(), field, error.to_string())
}

fn name(reason: ErrorReason) -> &'static str {
    reason::bare(reason.as_str_name())
}
