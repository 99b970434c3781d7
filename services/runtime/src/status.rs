//! How a service refuses, and how it fails.
//!
//! Every refusal carries a `google.rpc.ErrorInfo` whose reason is a name in the contract, so that
//! a program can tell refusals apart and a person reads the message. What is not the caller's
//! fault goes through [`fault`]: the log gets the whole chain of causes once, the caller gets
//! none of it.

use std::{error::Error, fmt};

use gazelle_kernel::ParseError;
use gazelle_proto::access::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::{causes::causes, sqlstate};

/// The domain of the reasons that all services share.
pub const SHARED_DOMAIN: &str = "gazelle.access.v1";

/// Why a call is refused. Becomes a [`Status`].
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The canonical code.
    pub code: Code,
    /// The name in the contract's `ErrorReason`, without `ERROR_REASON_`.
    pub reason: &'static str,
    /// The proto package of that `ErrorReason`.
    pub domain: &'static str,
    /// For a person, in English.
    pub message: String,
    /// Every changing word of the message, for a program.
    pub metadata: Vec<(&'static str, String)>,
    /// The fields that are wrong.
    pub field_violations: Vec<FieldViolation>,
}

impl Refusal {
    /// A refusal without metadata and fields. A `reason` that starts with `ERROR_REASON_`, as
    /// `as_str_name()` of the contract's enum gives it, loses that.
    #[must_use]
    pub fn new(
        code: Code,
        domain: &'static str,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            reason: reason.strip_prefix("ERROR_REASON_").unwrap_or(reason),
            domain,
            message: message.into(),
            metadata: Vec::new(),
            field_violations: Vec::new(),
        }
    }

    /// A refusal for a reason that all services share.
    #[must_use]
    pub fn shared(code: Code, reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::new(code, SHARED_DOMAIN, reason.as_str_name(), message)
    }

    /// A refusal of a request because of its fields.
    #[must_use]
    pub fn fields(violations: Vec<FieldViolation>) -> Self {
        let message = match violations.as_slice() {
            [only] => format!("{}: {}", only.field, only.description),
            several => format!("{} fields are not valid", several.len()),
        };
        let mut refusal = Self::shared(Code::InvalidArgument, ErrorReason::InvalidField, message);
        refusal.field_violations = violations;
        refusal
    }

    /// Adds a word of the message.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.metadata.push((key, format!("{value}")));
        self
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let metadata: Vec<(String, String)> = refusal
            .metadata
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        let mut details = ErrorDetails::with_error_info(
            refusal.reason,
            refusal.domain,
            metadata
                .into_iter()
                .collect::<std::collections::HashMap<_, _>>(),
        );
        if !refusal.field_violations.is_empty() {
            details.set_bad_request(
                refusal
                    .field_violations
                    .into_iter()
                    .map(tonic_types::FieldViolation::from)
                    .collect::<Vec<_>>(),
            );
        }
        Self::with_error_details(refusal.code, refusal.message, details)
    }
}

/// A field of a request that cannot be read or is out of its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Its path from the request, such as `filings[3].enterprise`.
    pub field: String,
    /// In capitals, such as `USCC_CHECK_DIGIT`.
    pub reason: &'static str,
    /// For a person.
    pub description: String,
}

impl FieldViolation {
    /// A violation at `field`.
    #[must_use]
    pub fn new(
        field: impl Into<String>,
        reason: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            reason,
            description: description.into(),
        }
    }
}

impl From<FieldViolation> for tonic_types::FieldViolation {
    fn from(violation: FieldViolation) -> Self {
        Self {
            reason: violation.reason.into(),
            ..Self::new(violation.field, violation.description)
        }
    }
}

impl From<FieldViolation> for Status {
    fn from(violation: FieldViolation) -> Self {
        Refusal::fields(vec![violation]).into()
    }
}

/// Says which field a value came from.
pub trait FieldExt<T> {
    /// `Uscc::parse(&request.enterprise).field("enterprise")?`; around what has fields itself,
    /// it comes before them: `filing(item).field("filings[3]")?`.
    fn field(self, field: &str) -> Result<T, FieldViolation>;
}

impl<T> FieldExt<T> for Result<T, ParseError> {
    fn field(self, field: &str) -> Result<T, FieldViolation> {
        self.map_err(|error| FieldViolation::new(field, error.reason(), error.to_string()))
    }
}

impl<T> FieldExt<T> for Result<T, FieldViolation> {
    fn field(self, field: &str) -> Result<T, FieldViolation> {
        self.map_err(|violation| FieldViolation {
            field: format!("{field}.{}", violation.field),
            ..violation
        })
    }
}

/// A failure that is not the caller's: logged with its whole chain of causes, answered without.
///
/// A database or a peer that does not answer, or a peer that refuses our token, is `UNAVAILABLE`,
/// also when no pooled connection came free in time: while a database is down, that is how it
/// shows. Anything else is `INTERNAL`. The error of `sqlx` must be in the chain: behind `#[error(transparent)]` it is not.
#[must_use]
pub fn fault(error: &(dyn Error + 'static)) -> Status {
    let chain: Vec<String> = causes(error).map(ToString::to_string).collect();
    let cause = chain.join(": ");
    let dependency = if causes(error).any(sqlstate::is_unavailable) {
        Some(("database", "the database does not answer; try again"))
    } else if causes(error).any(is_peer_unavailable) {
        Some(("service", "another service does not answer; try again"))
    } else if causes(error).any(is_refused_by_peer) {
        let message = "another service refuses this one's token; whoever runs them must renew it";
        Some(("service", message))
    } else {
        None
    };
    if let Some((dependency, message)) = dependency {
        tracing::warn!(cause, dependency, "a dependency does not serve");
        return Refusal::shared(
            Code::Unavailable,
            ErrorReason::DependencyUnavailable,
            message,
        )
        .with("dependency", dependency)
        .into();
    }
    tracing::error!(cause, "internal error");
    Refusal::shared(
        Code::Internal,
        ErrorReason::Internal,
        "a fault of ours; the log of the service has its cause",
    )
    .into()
}

/// A peer does not believe our token, or not that it may call.
fn is_refused_by_peer(error: &(dyn Error + 'static)) -> bool {
    let status = error.downcast_ref::<Status>();
    status.is_some_and(|s| matches!(s.code(), Code::Unauthenticated | Code::PermissionDenied))
}

/// Cancelled and unknown are what the transport makes of a connection that went away.
fn is_peer_unavailable(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<Status>()
        .is_some_and(|status| match status.code() {
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Cancelled
            | Code::Aborted => true,
            Code::Unknown => status.source().is_some(),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::PlatformId;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot save")]
    struct Failed(#[source] sqlx::Error);

    fn reason(status: &Status) -> String {
        status.get_details_error_info().unwrap().reason
    }

    #[test]
    fn a_bad_field_is_named_by_its_whole_path_with_its_own_reason() {
        let parse = || PlatformId::parse("ALPHA").field("platform");
        let status = Status::from(parse().field("bindings[3]").unwrap_err());

        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(reason(&status), "INVALID_FIELD");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].field, "bindings[3].platform");
        assert_eq!(violations[0].reason, "ID_INVALID");
    }

    #[test]
    fn a_refusal_carries_reason_domain_and_metadata() {
        let refusal = Refusal::new(
            Code::FailedPrecondition,
            "gazelle.usage.v1",
            "ERROR_REASON_STATEMENT_MISMATCH",
            "stated 3 records, received 2",
        );
        let status = Status::from(refusal.with("stated_record_count", 3));

        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, "STATEMENT_MISMATCH");
        assert_eq!(info.domain, "gazelle.usage.v1");
        assert_eq!(info.metadata["stated_record_count"], "3");
    }

    #[test]
    fn an_internal_error_shows_nothing_of_its_cause() {
        let status = fault(&Failed(sqlx::Error::ColumnNotFound("secret_column".into())));
        assert_eq!(status.code(), Code::Internal);
        assert_eq!(reason(&status), "INTERNAL");
        assert!(!format!("{status:?}").contains("secret_column"));
    }

    #[test]
    fn a_database_or_peer_that_does_not_answer_is_unavailable() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        for error in [sqlx::Error::PoolTimedOut, sqlx::Error::Io(refused)] {
            let status = fault(&Failed(error));
            assert_eq!(status.code(), Code::Unavailable);
            assert_eq!(reason(&status), "DEPENDENCY_UNAVAILABLE");
            let info = status.get_details_error_info().unwrap();
            assert_eq!(info.metadata["dependency"], "database");
        }
        assert_eq!(
            fault(&Status::unavailable("gone")).code(),
            Code::Unavailable
        );
        for refused in [
            Status::unauthenticated("who"),
            Status::permission_denied("no"),
        ] {
            let status = fault(&refused);
            assert_eq!(status.code(), Code::Unavailable);
            assert!(status.message().contains("token"), "{status}");
        }
        assert_eq!(
            fault(&Status::invalid_argument("ours")).code(),
            Code::Internal
        );
    }
}
