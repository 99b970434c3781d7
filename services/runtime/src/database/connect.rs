//! Waiting for a database that is still starting, and telling at once what no waiting helps.

use std::{error::Error as _, io, time::Duration};

use backon::{ConstantBuilder, Retryable as _};
use gazelle_client::watched::FileError;
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use tokio::time::{Instant, timeout};

use crate::failure::sqlstate;

/// How long a starting process waits for its database.
const START_WAIT: Duration = Duration::from_secs(30);

/// Longest attempt: a host that does not answer at all keeps one for minutes.
const ATTEMPT_WAIT: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(500);

/// A database cannot be used. Each says what to look at; the source, what the server or the
/// system said.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The file with the password.
    #[error("the password of the database cannot be read")]
    Password(#[source] FileError),
    /// It was waited for.
    #[error("the database did not answer in 30 s: does it run where its URL says?")]
    Away(#[source] sqlx::Error),
    /// TLS could not be agreed on.
    #[error(
        "the database's certificate is not to be trusted as configured: `sslrootcert` in its URL, \
         or PGSSLROOTCERT, names a file with the CA that issued the certificate, and the \
         certificate must be for the host in the URL"
    )]
    Tls(#[source] sqlx::Error),
    /// It answered, and does not let us in.
    #[error("the database refuses us: the role, the database in its URL, or the password is wrong")]
    Refused(#[source] sqlx::Error),
    /// What the others do not name, as a file that may not be read.
    #[error("the database cannot be connected to as configured")]
    Unusable(#[source] sqlx::Error),
}

/// Attempts at what a start does on a connection.
const ATTEMPTS_MAX: usize = 5;

/// Does what a start does on a connection that it [waits for](wait_for); again, a few times, where
/// the database goes away meanwhile, as one may that is only starting.
pub(crate) async fn though_it_goes_away<F>(attempt: impl FnMut() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    attempt
        .retry(
            ConstantBuilder::default()
                .with_delay(PAUSE)
                .with_max_times(ATTEMPTS_MAX - 1),
        )
        .when(has_gone_away)
        .notify(|error, _| {
            let cause = format!("{error:#}");
            tracing::warn!(cause, "the database went away; waiting for it again");
        })
        .await
}

/// Whether the connection was there, and is not any more.
fn has_gone_away(error: &anyhow::Error) -> bool {
    !error.is::<ConnectError>() && error.chain().any(sqlstate::is_away)
}

/// A connection; waits up to 30 s for a database that may be starting.
pub(crate) async fn wait_for(options: &PgConnectOptions) -> Result<PgConnection, ConnectError> {
    let started = Instant::now();
    let connect = async || {
        let attempt = timeout(ATTEMPT_WAIT, options.connect()).await;
        let attempt =
            attempt.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
        attempt.map_err(|error| judge(error, options))
    };
    connect
        .retry(
            ConstantBuilder::default()
                .with_delay(PAUSE)
                .without_max_times(),
        )
        .when(|error| matches!(error, ConnectError::Away(_)) && started.elapsed() < START_WAIT)
        .notify(|error, _| {
            let cause = error.source().map(ToString::to_string);
            tracing::warn!(cause, "waiting for the database");
        })
        .await
}

fn judge(error: sqlx::Error, options: &PgConnectOptions) -> ConnectError {
    if sqlstate::is_refused(&error) {
        return ConnectError::Refused(error);
    }
    match &error {
        // What rustls finds wrong is invalid data.
        sqlx::Error::Tls(_) => ConnectError::Tls(error),
        sqlx::Error::Io(cause) => match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => ConnectError::Tls(error),
            // Of a server that is starting, the socket; over TCP only the file of a certificate.
            io::ErrorKind::NotFound if options.get_socket().is_none() => ConnectError::Tls(error),
            io::ErrorKind::PermissionDenied => ConnectError::Unusable(error),
            _ => ConnectError::Away(error),
        },
        _ if sqlstate::is_away(&error) => ConnectError::Away(error),
        _ => ConnectError::Unusable(error),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::migrate::MigrateError;

    use super::*;

    #[test]
    fn only_what_may_come_by_itself_is_waited_for() {
        let url = |text: &str| text.parse::<PgConnectOptions>().unwrap();
        let tcp = url("postgres://usage@db/usage");
        let socket = url("postgres://usage@localhost/usage?host=/run/db");
        let io = |kind: io::ErrorKind, options| judge(sqlx::Error::Io(kind.into()), options);
        for kind in [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::TimedOut,
            io::ErrorKind::UnexpectedEof,
            io::ErrorKind::HostUnreachable,
            // As of a name that cannot be resolved.
            io::ErrorKind::Other,
        ] {
            assert!(matches!(io(kind, &tcp), ConnectError::Away(_)), "{kind}");
        }
        let missing = io::ErrorKind::NotFound;
        assert!(matches!(io(missing, &socket), ConnectError::Away(_)));
        assert!(matches!(io(missing, &tcp), ConnectError::Tls(_)));
        let not_ours = io(io::ErrorKind::PermissionDenied, &socket);
        assert!(matches!(not_ours, ConnectError::Unusable(_)));
        let plain = judge(sqlx::Error::Tls("no TLS".into()), &tcp);
        assert!(matches!(plain, ConnectError::Tls(_)));
    }
    #[tokio::test(start_paused = true)]
    async fn what_is_done_at_a_start_is_done_again_where_the_database_goes_away_meanwhile() {
        let gone = || sqlx::Error::Io(io::ErrorKind::BrokenPipe.into());
        let cases: [(&dyn Fn() -> anyhow::Error, usize); 4] = [
            (&|| MigrateError::Execute(gone()).into(), ATTEMPTS_MAX),
            (&|| gone().into(), ATTEMPTS_MAX),
            // That one was waited for already.
            (&|| ConnectError::Away(gone()).into(), 1),
            (&|| MigrateError::VersionMissing(1).into(), 1),
        ];
        for (error, tried) in cases {
            let mut attempts = 0;
            let failed = though_it_goes_away(|| {
                attempts += 1;
                async { Err(error()) }
            });
            let error = failed.await.unwrap_err();
            assert_eq!(attempts, tried, "{error:#}");
        }
    }
}
