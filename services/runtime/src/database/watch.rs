//! Whether the database serves, and whether its clock and ours agree.

use std::sync::Arc;

use sqlx::{ConnectOptions as _, PgConnection, PgPool, postgres::PgConnectOptions};
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clock::Clock,
    ready::{Needed, Readiness},
};

/// The most that our clock and the database's may differ. Both say when something was done, and
/// who may do what when.
const SKEW_MAX: Duration = Duration::seconds(30);

/// Not ready while the database does not answer, does not write, or has another time than we,
/// asked on a connection apart from the pool: one that is used up is an overload, not an outage.
pub fn watch(pool: &PgPool, clock: &Clock, readiness: &Readiness) -> AbortOnDropHandle<()> {
    let (pool, clock) = (pool.clone(), clock.clone());
    let held: Arc<Mutex<Option<PgConnection>>> = Arc::default();
    // A clock that stands still is a test's or a demonstration's.
    if clock.is_running() {
        readiness.need("clock", Needed::Always);
    }
    let told = readiness.clone();
    readiness.watch("database", Needed::Always, move || {
        let (options, held) = (pool.connect_options(), held.clone());
        let (clock, told) = (clock.clone(), told.clone());
        async move {
            let mut held = held.lock().await;
            let seen = ask(&options, &mut held, &clock).await.map_err(|error| {
                tracing::debug!(%error, "the database does not answer");
                "the database does not answer".to_owned()
            })?;
            told.set("clock", seen.agrees());
            if seen.only_reads {
                // The next one may find the server that writes.
                *held = None;
                return Err("the database does not write: it is a replica, or read-only".to_owned());
            }
            Ok(())
        }
    })
}

/// What a look at the database saw.
struct Seen {
    only_reads: bool,
    /// Our time before it was asked and after it had answered, and its own in between.
    before: OffsetDateTime,
    its: OffsetDateTime,
    after: OffsetDateTime,
}

impl Seen {
    fn agrees(&self) -> Result<(), String> {
        let (skew, which) = if self.its < self.before {
            (self.before - self.its, "ahead of")
        } else {
            (self.its - self.after, "behind")
        };
        if skew <= SKEW_MAX {
            return Ok(());
        }
        let seconds = skew.whole_seconds();
        Err(format!(
            "this machine's clock is {seconds} s {which} the database's; one of them must be set"
        ))
    }
}

async fn ask(
    options: &PgConnectOptions,
    held: &mut Option<PgConnection>,
    clock: &Clock,
) -> sqlx::Result<Seen> {
    if let Some(mut connection) = held.take()
        && let Ok(seen) = look(&mut connection, clock).await
    {
        *held = Some(connection);
        return Ok(seen);
    }
    // One that was ended meanwhile says nothing about the database.
    let mut connection = options.connect().await?;
    let seen = look(&mut connection, clock).await?;
    *held = Some(connection);
    Ok(seen)
}

async fn look(connection: &mut PgConnection, clock: &Clock) -> sqlx::Result<Seen> {
    let before = clock.now();
    let (only_reads, its) = sqlx::query_as(
        "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean,
                clock_timestamp()",
    )
    .fetch_one(connection)
    .await?;
    Ok(Seen {
        only_reads,
        before,
        its,
        after: clock.now(),
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn clocks_agree_within_half_a_minute_however_long_the_answer_took() {
        let at = |seconds| datetime!(2026-01-01 0:00 UTC) + Duration::seconds(seconds);
        let agrees = |before, its, after| {
            let seen = Seen {
                only_reads: false,
                before: at(before),
                its: at(its),
                after: at(after),
            };
            seen.agrees()
        };
        assert_eq!(agrees(0, 30, 0), Ok(()));
        assert_eq!(agrees(0, -30, 0), Ok(()));
        assert_eq!(agrees(0, 100, 100), Ok(()));
        let behind = agrees(0, 33, 2).unwrap_err();
        assert!(behind.contains("31 s behind"), "{behind}");
        let ahead = agrees(0, -34_560_000, 1).unwrap_err();
        assert!(ahead.contains("34560000 s ahead"), "{ahead}");
    }
}
