//! What the errors of PostgreSQL and of `sqlx` mean, told from their SQLSTATE.
//!
//! The codes are PostgreSQL's (its manual, appendix A). Every question about them is asked here.

use std::{borrow::Cow, error::Error};

use sqlx::error::DatabaseError;

/// The SQLSTATE, whether `error` is sqlx's or the database error that sqlx wraps: behind
/// `#[error(transparent)]` only the latter shows.
fn code<'a>(error: &'a (dyn Error + 'static)) -> Option<Cow<'a, str>> {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return error.as_database_error()?.code();
    }
    error.downcast_ref::<Box<dyn DatabaseError>>()?.code()
}

fn has(error: &(dyn Error + 'static), codes: &[&str]) -> bool {
    code(error).is_some_and(|code| codes.contains(&&*code))
}

/// Whether a transaction was ended to let another one through (serialization failure, deadlock):
/// it may simply run again.
#[must_use]
pub fn is_serialization_failure(error: &(dyn Error + 'static)) -> bool {
    has(error, &["40001", "40P01"])
}

/// Whether a lock was not given in the time allowed.
#[must_use]
pub fn is_lock_timeout(error: &(dyn Error + 'static)) -> bool {
    has(error, &["55P03"])
}

/// Whether a number left its range.
#[must_use]
pub fn is_out_of_range(error: &(dyn Error + 'static)) -> bool {
    has(error, &["22003"])
}

/// Whether the server does not write: a replica, or one that was made read-only.
#[must_use]
pub fn is_read_only(error: &(dyn Error + 'static)) -> bool {
    has(error, &["25006"])
}

/// Whether we are not let in, or not to what we ask for: unknown role, wrong password, no rule
/// that lets us in; no such database; no privilege.
#[must_use]
pub fn is_refused(error: &(dyn Error + 'static)) -> bool {
    code(error).is_some_and(|code| code.starts_with("28") || ["3D000", "42501"].contains(&&*code))
}

/// Whether the database cannot be reached or cannot work just now, and may later: the same
/// transaction may succeed then.
#[must_use]
pub fn is_unavailable(error: &(dyn Error + 'static)) -> bool {
    if let Some(code) = code(error) {
        // Connection lost; not let in, as while the password is being changed; out of disk,
        // memory or connections; shut down by an operator or a crash; its files not to be read
        // or written.
        let class = ["08", "28", "53", "57P", "58"];
        return class.iter().any(|class| code.starts_with(class))
            // Ended while idle in a transaction, or because that took too long; a statement or a
            // lock that took too long.
            || ["25P03", "25P04", "57014"].contains(&&*code)
            || is_lock_timeout(error)
            || is_read_only(error)
            || is_serialization_failure(error);
    }
    matches!(
        error.downcast_ref::<sqlx::Error>(),
        Some(
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                // What a connection that broke in the middle of an answer looks like.
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
        )
    )
}
