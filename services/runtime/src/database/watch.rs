//! Whether the database serves and has room on its disk, and whether its clock and ours agree.

use std::sync::Arc;

use sqlx::{ConnectOptions as _, PgConnection, PgPool, postgres::PgConnectOptions};
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clock::Clock,
    failure::sqlstate,
    ready::{Needed, Readiness},
};

/// The most that our clock and the database's may differ. Both say when something was done, and
/// who may do what when.
const SKEW_MAX: Duration = Duration::seconds(30);

/// Looks at a database that has room on its disk, from one look at the room to the next.
const ROOM_EVERY: u32 = 10;

const DISK_FULL: &str = "the database does not write: its disk is full";

/// Not ready while the database of these pools does not answer, does not write, has no room to, or
/// has another time than we, asked on a connection apart from the pools: one that is used up is an
/// overload, not an outage. Nothing idle stays connected to a server that does not write.
pub fn watch<const POOLS: usize>(
    pools: [&PgPool; POOLS],
    clock: &Clock,
    readiness: &Readiness,
) -> AbortOnDropHandle<()> {
    let (pools, clock) = (pools.map(PgPool::clone), clock.clone());
    let last: Arc<Mutex<LastLook>> = Arc::default();
    // A clock that stands still is a test's or a demonstration's.
    if clock.is_running() {
        readiness.need("clock", Needed::Always);
    }
    let told = readiness.clone();
    readiness.watch("database", Needed::Always, move || {
        let (pools, last) = (pools.clone(), last.clone());
        let (clock, told) = (clock.clone(), told.clone());
        async move {
            let mut last = last.lock().await;
            let options = pools[0].connect_options();
            let seen = ask(&options, &mut last, &clock).await.map_err(|error| {
                // Without room it may let in nobody.
                if sqlstate::is_disk_full(&error) {
                    return DISK_FULL.to_owned();
                }
                tracing::debug!(%error, "the database does not answer");
                "the database does not answer".to_owned()
            })?;
            told.set("clock", seen.agrees());
            if seen.only_reads {
                // The next ones may find the server that writes.
                last.connection = None;
                for pool in &pools {
                    end_idle(pool).await;
                }
                return Err("the database does not write: it is a replica, or read-only".to_owned());
            }
            if seen.lacks_room {
                return Err(DISK_FULL.to_owned());
            }
            Ok(())
        }
    })
}

async fn end_idle(pool: &PgPool) {
    while let Some(idle) = pool.try_acquire() {
        // It is gone, whether or not its server hears of it.
        let _ = idle.close().await;
    }
}

/// What is kept from one look to the next.
#[derive(Default)]
struct LastLook {
    connection: Option<PgConnection>,
    /// Looks until the room is looked at again.
    room_in: u32,
}

/// What a look at the database saw.
struct Seen {
    only_reads: bool,
    lacks_room: bool,
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

async fn ask(options: &PgConnectOptions, last: &mut LastLook, clock: &Clock) -> sqlx::Result<Seen> {
    if let Some(mut connection) = last.connection.take()
        && let Ok(seen) = look(&mut connection, clock, &mut last.room_in).await
    {
        last.connection = Some(connection);
        return Ok(seen);
    }
    // One that was ended meanwhile says nothing about the database.
    let options = options.clone().options([
        // What takes more goes to a file, beside those of the database itself.
        ("work_mem", "64kB"),
        ("temp_tablespaces", ""),
    ]);
    let mut connection = options.connect().await?;
    let seen = look(&mut connection, clock, &mut last.room_in).await?;
    last.connection = Some(connection);
    Ok(seen)
}

async fn look(
    connection: &mut PgConnection,
    clock: &Clock,
    room_in: &mut u32,
) -> sqlx::Result<Seen> {
    let before = clock.now();
    let (only_reads, its) = sqlx::query_as(
        "select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean,
                clock_timestamp()",
    )
    .fetch_one(&mut *connection)
    .await?;
    let after = clock.now();
    Ok(Seen {
        only_reads,
        lacks_room: lacks_room(connection, room_in).await,
        before,
        its,
        after,
    })
}

/// Whether its disk is full, which nothing but a file that it writes tells. As long as it is, each
/// look asks.
async fn lacks_room(connection: &mut PgConnection, room_in: &mut u32) -> bool {
    if let Some(left) = room_in.checked_sub(1) {
        *room_in = left;
        return false;
    }
    // Some 140 KiB, which are gone with the statement.
    let file = sqlx::query("select count(*) from generate_series(1, 5000)");
    match file.execute(connection).await {
        Err(error) if sqlstate::is_disk_full(&error) => true,
        // Of what else fails the next look tells.
        Ok(_) | Err(_) => {
            *room_in = ROOM_EVERY;
            false
        }
    }
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
                lacks_room: false,
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
