//! What the errors of PostgreSQL and of `sqlx` mean, told from their SQLSTATE.
//!
//! The codes are PostgreSQL's (its manual, appendix A). Every question about them is asked here.

use std::{borrow::Cow, error::Error};

use sqlx::{
    error::DatabaseError,
    postgres::{PgDatabaseError, PgSeverity},
};

/// What the database said, whether `error` is sqlx's or the database error that sqlx wraps: behind
/// `#[error(transparent)]` only the latter shows.
fn database<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a dyn DatabaseError> {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return error.as_database_error();
    }
    Some(&**error.downcast_ref::<Box<dyn DatabaseError>>()?)
}

fn code<'a>(error: &'a (dyn Error + 'static)) -> Option<Cow<'a, str>> {
    database(error)?.code()
}

fn has(error: &(dyn Error + 'static), codes: &[&str]) -> bool {
    code(error).is_some_and(|code| codes.contains(&&*code))
}

/// Whether a server says that it does not take connections yet, or not any more.
#[must_use]
pub fn is_starting(error: &(dyn Error + 'static)) -> bool {
    has(error, &["57P03"])
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

/// Whether the session has ended or was not let in, as while a database takes no connections, is
/// called otherwise, or may not be connected to: only that is `FATAL`, or worse. A statement that
/// is refused leaves its session as it was.
fn has_ended_session(error: &(dyn Error + 'static)) -> bool {
    let error = database(error).and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let severity = error.map(PgDatabaseError::severity);
    matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic))
}

/// Whether the database cannot be reached, does not let us in, or cannot work just now, and may
/// later: the same transaction may succeed then.
#[must_use]
pub fn is_unavailable(error: &(dyn Error + 'static)) -> bool {
    has_ended_session(error) || is_away(error)
}

/// As above, without what no waiting helps as long as nobody changes it.
#[must_use]
pub fn is_away(error: &(dyn Error + 'static)) -> bool {
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

    use sqlx::{ConnectOptions as _, error::ErrorKind, postgres::PgConnectOptions};
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};

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

    /// What `sqlx` makes of a server that answers whoever connects so.
    async fn answered(severity: &str, code: &str) -> sqlx::Error {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fields = format!("S{severity}\0V{severity}\0C{code}\0Mno\0\0");
        let serving = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
            let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
            let answer = [b"E", &length[..], fields.as_bytes()].concat();
            stream.write_all(&answer).await.unwrap();
            stream
        };
        let url = format!("postgres://usage@127.0.0.1:{port}/usage?sslmode=disable");
        let options: PgConnectOptions = url.parse().unwrap();
        let (_stream, answer) = tokio::join!(serving, options.connect());
        answer.unwrap_err()
    }

    #[tokio::test]
    async fn who_is_not_let_in_may_be_later_and_a_refused_statement_is_not() {
        for code in ["28000", "28P01", "3D000", "42501", "55000"] {
            let error = answered("FATAL", code).await;
            assert!(is_unavailable(&error), "{code}: {error}");
        }
        for code in ["3D000", "42501", "55000"] {
            let fatal = answered("FATAL", code).await;
            assert!(!is_away(&fatal), "nobody waits for what must be changed");
            let error = answered("ERROR", code).await;
            assert_eq!(super::code(&error).as_deref(), Some(code));
            assert!(!is_unavailable(&error), "{code}: {error}");
        }
    }

    #[test]
    fn each_question_has_its_codes_whether_sqlx_wraps_them_or_not() {
        assert!(is_read_only(&said("25006")) && !is_read_only(&said("25001")));
        assert!(is_serialization_failure(&said("40P01")) && is_lock_timeout(&said("55P03")));
        assert!(is_out_of_range(&said("22003")) && is_refused(&said("28P01")));
        assert!(is_disk_full(&said("53100")) && !is_disk_full(&said("53300")));
        assert!(is_starting(&said("57P03")) && !is_starting(&said("57P01")));
        let bare: Box<dyn DatabaseError> = Box::new(Said("25006"));
        assert!(is_read_only(&bare));
    }
}
