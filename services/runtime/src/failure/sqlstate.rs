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

/// Whether a value was refused: the message repeats it.
#[must_use]
pub fn is_about_a_value(error: &(dyn Error + 'static)) -> bool {
    code(error).is_some_and(|code| code.starts_with("22"))
}

/// Whether the server does not write: a replica, or one that was made read-only.
#[must_use]
pub fn is_read_only(error: &(dyn Error + 'static)) -> bool {
    has(error, &["25006"])
}

/// Whether there is no room on the server's disk.
#[must_use]
pub fn is_disk_full(error: &(dyn Error + 'static)) -> bool {
    has(error, &["53100"])
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

#[cfg(test)]
mod tests {
    use std::fmt;

    use sqlx::error::ErrorKind;

    use super::*;

    #[derive(Debug)]
    struct Said(&'static str);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Said {}

    impl DatabaseError for Said {
        fn message(&self) -> &str {
            self.0
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }
    }

    fn said(code: &'static str) -> sqlx::Error {
        sqlx::Error::Database(Box::new(Said(code)))
    }

    #[test]
    fn what_a_database_cannot_do_just_now_is_told_from_what_it_never_will() {
        for code in [
            "08006", "08P01", "25006", "25P03", "28P01", "40001", "40P01", "53100", "53200",
            "53300", "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "58030",
        ] {
            assert!(is_unavailable(&said(code)), "{code}");
        }
        for code in [
            "22003", "23505", "25001", "42501", "42P01", "3D000", "P0001", "XX000",
        ] {
            assert!(!is_unavailable(&said(code)), "{code}");
        }
        assert!(!is_unavailable(&sqlx::Error::RowNotFound));
        assert!(is_unavailable(&sqlx::Error::PoolTimedOut));
    }

    #[test]
    fn each_question_has_its_codes_whether_sqlx_wraps_them_or_not() {
        assert!(is_read_only(&said("25006")) && !is_read_only(&said("25001")));
        assert!(is_serialization_failure(&said("40P01")) && is_lock_timeout(&said("55P03")));
        assert!(is_out_of_range(&said("22003")) && is_refused(&said("28P01")));
        assert!(is_disk_full(&said("53100")) && !is_disk_full(&said("53300")));
        let bare: Box<dyn DatabaseError> = Box::new(Said("25006"));
        assert!(is_read_only(&bare));
    }
}
