//! Failures that are not the caller's.

use std::error::Error;

use gazelle_proto::access::ErrorReason;
use tonic::{Code, Status};

use super::refusal::Refusal;
use crate::failure::{causes, sqlstate, told};

/// A failure that is not the caller's: logged with its whole chain of causes, without the
/// values that it failed on, and answered without either.
///
/// A database or a peer that does not answer, or a peer that refuses our token, is `UNAVAILABLE`,
/// also when no pooled connection came free in time: while a database is down, that is how it
/// shows, and so it does while others use them all. So is a database that does not write just now.
/// Anything else is `INTERNAL`. The error of `sqlx` must be in the chain: behind
/// `#[error(transparent)]` it is not.
#[must_use]
pub fn fault(error: &(dyn Error + 'static)) -> Status {
    let cause = told(error);
    let dependency = if causes(error).any(sqlstate::is_read_only) {
        let message = "the database only reads just now; try again";
        Some(("database", "READ_ONLY", message))
    } else if causes(error).any(has_no_connection) {
        let message = "no connection to the database came free in time; try again";
        Some(("database", "NO_CONNECTION", message))
    } else if causes(error).any(sqlstate::is_unavailable) {
        let message = "the database does not answer; try again";
        Some(("database", "NO_ANSWER", message))
    } else if causes(error).any(is_peer_unavailable) {
        let message = "another service does not answer; try again";
        Some(("service", "NO_ANSWER", message))
    } else if causes(error).any(is_refused_by_peer) {
        let message = "another service refuses this one's token; whoever runs them must renew it";
        Some(("service", "TOKEN_REFUSED", message))
    } else {
        None
    };
    if let Some((dependency, why, message)) = dependency {
        tracing::warn!(cause, dependency, "a dependency does not serve");
        return Refusal::shared(
            Code::Unavailable,
            ErrorReason::DependencyUnavailable,
            message,
        )
        .with("dependency", dependency)
        .with("cause", why)
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

fn has_no_connection(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    matches!(error, Some(sqlx::Error::PoolTimedOut))
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
    use tonic_types::StatusExt as _;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot save")]
    struct Failed(#[source] sqlx::Error);

    fn reason(status: &Status) -> String {
        status.get_details_error_info().unwrap().reason
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
        for (error, cause) in [
            (sqlx::Error::PoolTimedOut, "NO_CONNECTION"),
            (sqlx::Error::Io(refused), "NO_ANSWER"),
        ] {
            let status = fault(&Failed(error));
            assert_eq!(status.code(), Code::Unavailable);
            assert_eq!(reason(&status), "DEPENDENCY_UNAVAILABLE");
            let info = status.get_details_error_info().unwrap();
            assert_eq!(info.metadata["dependency"], "database");
            assert_eq!(info.metadata["cause"], cause);
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
            let info = status.get_details_error_info().unwrap();
            assert_eq!(info.metadata["cause"], "TOKEN_REFUSED");
        }
        assert_eq!(
            fault(&Status::invalid_argument("ours")).code(),
            Code::Internal
        );
    }
}
