use std::collections::HashMap;

use tonic_types::ErrorDetails;

use super::*;
use crate::input::program::FIELD_NAMES;

#[test]
fn a_failure_is_one_line_whatever_its_message_holds() {
    let failure = Failure::new("FILE_UNREADABLE", "cannot read\n  it\r\n");
    assert_eq!(failure.to_string(), "FILE_UNREADABLE: cannot read it");
}

#[derive(Debug, thiserror::Error)]
#[error("it cannot be reached")]
struct Unreached(#[source] std::io::Error);

#[test]
fn a_failure_tells_all_that_is_behind_it() {
    let refused = std::io::Error::other("the port is closed");
    let failure = Failure::caused("UNAVAILABLE", &Unreached(refused));
    assert_eq!(
        failure.to_string(),
        "UNAVAILABLE: it cannot be reached: the port is closed"
    );
}

#[test]
fn a_refusal_keeps_its_reason_and_tells_its_figures() {
    let mut details = ErrorDetails::new();
    let figures = [("stated_record_count", "3"), ("received_record_count", "2")];
    let metadata: HashMap<_, _> = figures.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    details.set_error_info(
        "ERROR_REASON_STATEMENT_MISMATCH",
        "gazelle.usage.v1",
        metadata,
    );
    let status = Status::with_error_details(Code::FailedPrecondition, "3 stated", details);

    assert_eq!(
        Failure::from(status).to_string(),
        "STATEMENT_MISMATCH: 3 stated (received_record_count 2)"
    );
}

#[test]
fn figures_that_are_told_beside_a_message_are_in_yuan_and_shanghais_time() {
    let mut details = ErrorDetails::new();
    let figures = [("free_fen", "-26"), ("sealed_at", "2026-12-06T16:30:00Z")];
    let metadata: HashMap<_, _> = figures.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    details.set_error_info("ERROR_REASON_OVERFLOW", "gazelle.usage.v1", metadata);
    let status =
        Status::with_error_details(Code::FailedPrecondition, "of 100 fen there are", details);
    assert_eq!(
        Failure::from(status).to_string(),
        "OVERFLOW: of 1.00 yuan there are (free -0.26 yuan, sealed_at 2026-12-07 00:30:00)"
    );
}

#[test]
fn what_is_wrong_with_many_fields_is_told_once_and_not_without_end() {
    let refused = |message: &str| {
        let mut details = ErrorDetails::new();
        details.set_error_info(
            "ERROR_REASON_INVALID_FIELD",
            "gazelle.access.v1",
            HashMap::new(),
        );
        for number in 0..120 {
            let field = format!("districts[{number}]");
            details.add_bad_request_violation(field, format!("district {number} has no digits"));
        }
        Failure::from(Status::with_error_details(
            Code::InvalidArgument,
            message,
            details,
        ))
    };
    let told = refused("120 fields are wrong").to_string();
    assert!(
        told.contains("district 4 has no digits; and 115 more"),
        "{told}"
    );
    assert!(told.len() < 400);
    let listed = "districts[0]: district 0 has no digits, districts[1]: district 1 has no digits and 118 more";
    assert!(refused(listed).to_string().ends_with(listed));
}

#[test]
fn a_field_of_which_less_is_told_than_in_the_message_is_not_told_again() {
    let mut details = ErrorDetails::new();
    details.set_error_info("INVALID_FIELD", "gazelle.access.v1", HashMap::new());
    details.add_bad_request_violation("program.name", "\"好好好好\" is not val...");
    let message = "program.name: \"好好好好\" is not valid: expected less";
    let status = Status::with_error_details(Code::InvalidArgument, message, details);
    assert!(Failure::from(status).to_string().ends_with(message));
}

#[test]
fn a_list_that_was_cut_is_not_told_again() {
    let mut details = ErrorDetails::new();
    let periods = (
        "periods".to_owned(),
        "a 2025-01, b 2025-01 and 1 more".to_owned(),
    );
    details.set_error_info("PERIOD_NOT_OWED", "gazelle.settlement.v1", [periods]);
    let message = "not to be left out: a 2025-01 (sealed), b 2025-01 (sealed) and 1 more";
    let status = Status::with_error_details(Code::FailedPrecondition, message, details);
    assert!(Failure::from(status).to_string().ends_with(message));
}

#[test]
fn a_certificate_that_is_refused_says_what_to_do() {
    let status = Status::unknown(
        "transport error: connection error: received fatal alert: CertificateRevoked",
    );
    let told = Failure::from(status).to_string();
    assert!(told.starts_with("CERTIFICATE_REFUSED: "), "{told}");
    assert!(
        told.contains("CertificateRevoked") && told.contains("a new one"),
        "{told}"
    );
}

#[test]
fn a_connection_that_breaks_is_unavailable_whatever_a_library_makes_of_it() {
    let eof = "peer closed connection without sending TLS close_notify: \
               https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof";
    let broken = std::io::Error::new(std::io::ErrorKind::UnexpectedEof, eof);
    let failure = Failure::from(Status::from_error(Box::new(broken)));
    assert!(failure.is_unreached() && failure.may_be_done);
    assert_eq!(
        failure.to_string(),
        "UNAVAILABLE: peer closed connection without sending TLS close_notify"
    );
}

#[test]
fn a_refusal_without_details_has_the_name_of_its_code() {
    let failure = Failure::from(Status::permission_denied("no"));
    assert_eq!(failure.to_string(), "PERMISSION_DENIED: no");
}

#[test]
fn of_many_fields_some_are_told_and_the_others_counted() {
    let mut details = ErrorDetails::new();
    let metadata = HashMap::from([("field_count".to_owned(), "120".to_owned())]);
    details.set_error_info("INVALID_FIELD", "gazelle.access.v1", metadata);
    for at in 0..10 {
        let field = format!("program.district_code_prefixes[{at}]");
        details.add_bad_request_violation(field, format!("program.x{at} is wrong"));
    }
    let said = "the request has invalid fields: 10 are told, and 110 more";
    let status = Status::with_error_details(Code::InvalidArgument, said, details);

    let failure = Failure::from(status).renamed(&FIELD_NAMES);

    assert_eq!(
        failure.message(),
        "the request has invalid fields; districts[0]: program.x0 is wrong; districts[1]: \
         program.x1 is wrong; districts[2]: program.x2 is wrong; districts[3]: program.x3 is wrong; \
         districts[4]: program.x4 is wrong; and 115 more"
    );
}
