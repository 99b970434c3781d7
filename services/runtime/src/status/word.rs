//! Words of a refusal that are known only where it leaves.

use std::fmt::Display;

use tonic::Status;
use tonic_types::StatusExt as _;

/// The refusal with one more word in its metadata, unless it has that one already. What is no
/// refusal of ours stays as it is.
#[must_use]
pub fn with_word(status: Status, key: &str, value: impl Display) -> Status {
    let mut details = status.get_error_details();
    let Some(info) = details.error_info().cloned() else {
        return status;
    };
    let mut metadata = info.metadata;
    let word = metadata.entry(key.to_owned());
    word.or_insert_with(|| value.to_string());
    details.set_error_info(info.reason, info.domain, metadata);
    let headers = status.metadata().clone();
    Status::with_error_details_and_metadata(status.code(), status.message(), details, headers)
}

#[cfg(test)]
mod tests {
    use gazelle_proto::access::ErrorReason;
    use tonic::Code;

    use super::*;
    use crate::status::{FieldViolation, Refusal};

    #[test]
    fn a_refusal_gets_a_word_once_and_keeps_what_it_says() {
        let refused = || Refusal::shared(Code::Unavailable, ErrorReason::Overloaded, "later");
        let told = |refusal: Refusal| {
            let told = with_word(refusal.into(), "sequence", 7);
            assert_eq!((told.code(), told.message()), (Code::Unavailable, "later"));
            let info = told.get_details_error_info().unwrap();
            assert_eq!(info.reason, "OVERLOADED");
            info.metadata
        };
        let metadata = told(refused().with("scope", "caller"));
        assert_eq!(
            (&*metadata["sequence"], &*metadata["scope"]),
            ("7", "caller")
        );
        assert_eq!(told(refused().with("sequence", 9))["sequence"], "9");

        let field = FieldViolation::new("period", "PERIOD_INVALID", "no month");
        let fields = with_word(field.into(), "sequence", 7).get_details_bad_request();
        assert_eq!(fields.unwrap().field_violations[0].field, "period");
        let bare = with_word(Status::internal("cut"), "sequence", 7);
        assert!(bare.details().is_empty());
    }
}
