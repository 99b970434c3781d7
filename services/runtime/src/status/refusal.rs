//! A refusal, and what becomes of it on the wire.

use std::{collections::HashMap, fmt};

use gazelle_proto::{access::ErrorReason, reason};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{
    field::FieldViolation,
    size::{
        DESCRIPTION_BYTES_MAX, FIELD_BYTES_MAX, FIELDS_BYTES_MAX, METADATA_BYTES_MAX,
        VALUE_BYTES_MAX, cut, cut_message,
    },
};

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
            reason: reason::bare(reason),
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

    /// A refusal of a call by a path that is no RPC of the service.
    #[must_use]
    pub(crate) fn not_served(path: &str) -> Self {
        let message = format!(
            "this service has no RPC {path}; is the address another service's, or the contract of \
             another release?"
        );
        Self::shared(Code::Unimplemented, ErrorReason::RpcNotServed, message).with("method", path)
    }

    /// A refusal of a request because of its fields. Of many, those that fit are told.
    #[must_use]
    pub fn fields(violations: Vec<FieldViolation>) -> Self {
        let message = match violations.as_slice() {
            [only] => format!("{}: {}", only.field, only.description),
            several => format!("{} fields are not valid", several.len()),
        };
        let told = told(&violations);
        let message = match violations.len() - told {
            0 => message,
            more => format!("{message}: {told} are told, and {more} more"),
        };
        Self::shared(Code::InvalidArgument, ErrorReason::InvalidField, message)
            .with_fields(violations)
    }

    /// Adds what is wrong with each field. Of many, those that fit are told, and how many there
    /// are.
    #[must_use]
    pub fn with_fields(mut self, violations: Vec<FieldViolation>) -> Self {
        if told(&violations) < violations.len() {
            self = self.with("field_count", violations.len());
        }
        self.field_violations = violations;
        self
    }

    /// Adds a word of the message.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.metadata.push((key, format!("{value}")));
        self
    }
}

/// How many of the fields are told.
fn told(violations: &[FieldViolation]) -> usize {
    let mut left = FIELDS_BYTES_MAX;
    let fits = |violation: &&FieldViolation| {
        let bytes = violation.field.len().min(FIELD_BYTES_MAX)
            + violation.reason.len()
            + violation.description.len().min(DESCRIPTION_BYTES_MAX);
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    };
    violations.iter().take_while(fits).count()
}

/// The metadata that fits, in its order.
fn metadata(words: Vec<(&'static str, String)>) -> HashMap<String, String> {
    let mut left = METADATA_BYTES_MAX;
    let mut metadata = HashMap::new();
    for (key, value) in words {
        let value = cut(&value, VALUE_BYTES_MAX);
        let bytes = key.len() + value.len();
        if bytes <= left {
            left -= bytes;
            metadata.insert(key.to_owned(), value);
        }
    }
    metadata
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let mut details = ErrorDetails::with_error_info(
            refusal.reason,
            refusal.domain,
            metadata(refusal.metadata),
        );
        let told = told(&refusal.field_violations);
        let fields = refusal.field_violations.into_iter().take(told);
        let fields: Vec<tonic_types::FieldViolation> = fields.map(Into::into).collect();
        if !fields.is_empty() {
            details.set_bad_request(fields);
        }
        Self::with_error_details(refusal.code, cut_message(&refusal.message), details)
    }
}

impl From<FieldViolation> for tonic_types::FieldViolation {
    fn from(violation: FieldViolation) -> Self {
        Self {
            reason: violation.reason.into(),
            ..Self::new(
                cut(&violation.field, FIELD_BYTES_MAX),
                cut(&violation.description, DESCRIPTION_BYTES_MAX),
            )
        }
    }
}

impl From<FieldViolation> for Status {
    fn from(violation: FieldViolation) -> Self {
        Refusal::fields(vec![violation]).into()
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::PlatformId;

    use super::*;
    use crate::status::FieldExt as _;

    fn reason(status: &Status) -> String {
        status.get_details_error_info().unwrap().reason
    }

    /// What a status takes in the trailers, with the names of its headers.
    fn bytes(status: Status) -> usize {
        let headers = status.into_http::<()>().headers().clone();
        headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum()
    }

    #[test]
    fn a_refusal_fits_into_the_trailers_however_long_its_story() {
        let long = "杭州市".repeat(5_000);
        let mut refusal = Refusal::shared(Code::FailedPrecondition, ErrorReason::Internal, &long);
        for key in ["a", "b", "c", "d", "e", "f"] {
            refusal = refusal.with(key, &long);
        }
        let violation = || FieldViolation::new(long.clone(), "CODE_INVALID", long.clone());
        refusal.field_violations = (0..500).map(|_| violation()).collect();
        let status = Status::from(refusal);
        assert_eq!(reason(&status), "INTERNAL");
        assert!(bytes(status) < 7 * 1_024);
    }

    #[test]
    fn of_many_fields_some_are_told_and_how_many_more_there_are() {
        let fields = (0..120).map(|number| {
            let field = format!("district_code_prefixes[{number}]");
            FieldViolation::new(field, "CODE_INVALID", "\"12x\" is not valid")
        });
        let status = Status::from(Refusal::fields(fields.collect()));
        let told = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(told[0].field, "district_code_prefixes[0]");
        let more = format!("and {} more", 120 - told.len());
        assert!(status.message().ends_with(&more), "{}", status.message());
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.metadata["field_count"], "120");
        assert!(bytes(status) < 7 * 1_024);
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
}
