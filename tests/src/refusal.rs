//! What a refusal says to a program: code, reason, metadata, fields. Never its words.

use std::fmt::Debug;

use sqlx::postgres::PgDatabaseError;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::leaks;

/// The reason of a refusal; empty where it has none. What the refusal tells beside it is looked
/// through for what is somebody's.
#[must_use]
pub fn reason(status: &Status) -> String {
    let info = status.get_details_error_info();
    let reason = info.map(|info| info.reason).unwrap_or_default();
    let details = String::from_utf8_lossy(status.details());
    leaks::heard(&reason, &format!("{} {details}", status.message()));
    reason
}

/// Sees that a call was refused with this code and reason, and hands the refusal on.
#[track_caller]
pub fn refused<T: Debug>(result: Result<T, Status>, code: Code, expected: &str) -> Status {
    let status = result.expect_err("refused");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (code, expected),
        "{status:?}"
    );
    status
}

/// Sees that fields were refused, and that these are they, each with its reason.
#[track_caller]
pub fn fields_refused<T: Debug>(result: Result<T, Status>, expected: &[(&str, &str)]) {
    let status = refused(result, Code::InvalidArgument, "INVALID_FIELD");
    assert_eq!(fields(&status), pairs(expected));
}

/// The fields that a refusal blames, each with its reason.
#[must_use]
pub fn fields(status: &Status) -> Vec<(String, String)> {
    let bad = status.get_details_bad_request();
    let violations = bad.map(|bad| bad.field_violations).unwrap_or_default();
    violations
        .into_iter()
        .map(|v| (v.field, v.reason))
        .collect()
}

/// A figure that a refusal carries.
#[track_caller]
#[must_use]
pub fn metadata(status: &Status, key: &str) -> String {
    let info = status.get_details_error_info().expect("an ErrorInfo");
    let known = || panic!("no {key} in {:?}", info.metadata);
    info.metadata.get(key).cloned().unwrap_or_else(known)
}

/// Owned texts, to compare with.
#[must_use]
pub fn pairs(texts: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    texts.iter().map(owned).collect()
}

/// What a database refuses by: SQLSTATE and constraint.
#[must_use]
pub fn by_database(error: &sqlx::Error) -> (String, String) {
    let error = error
        .as_database_error()
        .expect("a refusal of the database");
    let constraint = error.constraint().unwrap_or_default();
    (
        error.downcast_ref::<PgDatabaseError>().code().to_owned(),
        constraint.to_owned(),
    )
}
