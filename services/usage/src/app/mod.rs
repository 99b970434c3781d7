//! The verbs: load, decide, save. Here and in [`ingest`](crate::ingest) transactions are opened.

mod check;
mod check_room;
mod error;
mod period;
mod record;
mod refused;
mod seal;
mod statement;
mod totals;
mod trail;
mod withdrawal;

use std::sync::Arc;

use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::{
    audit::{Reading, Trail},
    auth::Principal,
    detach::detached,
    store::{StoreError, snapshot_for},
    turn::Turns,
};
use sqlx::{PgPool, Postgres, Transaction};

use self::check_room::CheckRoom;
use crate::{
    names::Names,
    store::{self, TransactionKind},
    tuning::{SEALS_MAX, TOTALS_READS_MAX, TURN_WAIT},
};

pub use check::UsageCheck;
pub use error::AppError;
pub use trail::Stored;

/// The verbs of the usage service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    long_pool: PgPool,
    names: Arc<Names>,
    /// Turns of what seals or withdraws.
    seals: Turns,
    totals_reads: Turns,
    check_room: CheckRoom,
    trail: Trail,
}

impl App {
    /// On this database. `long_pool` has as many connections as
    /// [`LONG_CONNECTIONS`](crate::tuning::LONG_CONNECTIONS).
    #[must_use]
    pub fn new(pool: PgPool, long_pool: PgPool, names: Arc<Names>, trail: Trail) -> Self {
        Self {
            pool,
            long_pool,
            names,
            seals: Turns::new(SEALS_MAX, TURN_WAIT),
            totals_reads: Turns::new(TOTALS_READS_MAX, TURN_WAIT),
            check_room: CheckRoom::default(),
            trail,
        }
    }

    /// Begins to read for a caller, of one moment: for a platform with what is its own in sight and
    /// nothing else, whatever the statements say.
    async fn read_as(
        &self,
        caller: &Principal,
    ) -> Result<Transaction<'static, Postgres>, StoreError> {
        match caller {
            Principal::Platform(id) => read_for_platform(&self.pool, id).await,
            Principal::Person { .. } | Principal::Service(_) => {
                Ok(self.pool.begin_with(TransactionKind::Read.begin()).await?)
            }
        }
    }

    /// Writes down what of a platform somebody else is about to be shown; of all of them, where
    /// none is named.
    async fn note_reading(
        &self,
        caller: &Principal,
        list: &'static str,
        (platform, period): (Option<&PlatformId>, Option<Period>),
        row_count: usize,
    ) -> Result<(), AppError> {
        if matches!(caller, Principal::Platform(_)) || row_count == 0 {
            return Ok(());
        }
        let reading = Reading {
            list,
            platform_id: platform.map_or_else(|| "*".to_owned(), ToString::to_string),
            period: period.map(|period| period.to_string()).unwrap_or_default(),
        };
        let (trail, actor) = (self.trail.clone(), caller.actor());
        detached(async move { Ok(trail.read(actor, reading, row_count).await?) }).await
    }
}

/// Begins to read for a platform, of one moment: what is its own is in sight, and nothing else.
async fn read_for_platform(
    pool: &PgPool,
    platform: &PlatformId,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    snapshot_for(pool, store::PLATFORM_ROLE, platform).await
}

/// Whose data the caller may see: a platform its own only.
fn may_see(caller: &Principal, platform: &PlatformId) -> bool {
    match caller {
        Principal::Platform(id) => id == platform,
        Principal::Person { .. } | Principal::Service(_) => true,
    }
}

/// How many of the rows that were read for a page are shown: one more tells whether another page
/// follows.
fn shown(row_count: usize, limit: i64) -> usize {
    let size = usize::try_from(limit - 1).unwrap_or(0).max(1);
    row_count.min(size)
}
