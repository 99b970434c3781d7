//! The verbs: load, decide, save. Here and in [`ingest`](crate::ingest) transactions are opened.

mod check;
mod error;
mod period;
mod record;
mod refused;
mod seal;
mod statement;
mod totals;
mod turn;
mod withdrawal;

use std::sync::Arc;

use gazelle_kernel::PlatformId;
use gazelle_runtime::{auth::Principal, clock::Clock, store::StoreError};
use sqlx::{PgPool, Postgres};
use tokio::sync::Semaphore;

use crate::{
    names::Names,
    store::{self, Transaction},
    tuning::{CHECK_RECORDS_MAX, SEALS_MAX, TOTALS_READS_MAX},
};

pub use check::UsageCheck;
pub use error::{AppError, PeriodName};
pub use period::PeriodDetails;

/// The verbs of the usage service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    long_pool: PgPool,
    names: Arc<Names>,
    clock: Clock,
    /// Turns of what seals or withdraws.
    seals: Arc<Semaphore>,
    totals_reads: Arc<Semaphore>,
    /// Records that may still be remembered by checks.
    check_room: Arc<Semaphore>,
}

impl App {
    /// On this database, by this clock. `long_pool` has as many connections as
    /// [`LONG_CONNECTIONS`](crate::tuning::LONG_CONNECTIONS).
    #[must_use]
    pub fn new(pool: PgPool, long_pool: PgPool, names: Arc<Names>, clock: Clock) -> Self {
        Self {
            pool,
            long_pool,
            names,
            clock,
            seals: Arc::new(Semaphore::new(SEALS_MAX)),
            totals_reads: Arc::new(Semaphore::new(TOTALS_READS_MAX)),
            check_room: Arc::new(Semaphore::new(CHECK_RECORDS_MAX as usize)),
        }
    }

    /// Begins to read for a caller, of one moment: for a platform with what is its own in sight and
    /// nothing else, whatever the statements say.
    async fn read_as(
        &self,
        caller: &Principal,
    ) -> Result<sqlx::Transaction<'static, Postgres>, StoreError> {
        match caller {
            Principal::Platform(id) => store::read_for(&self.pool, id).await,
            Principal::Person { .. } | Principal::Service(_) => {
                Ok(self.pool.begin_with(Transaction::Read.begin()).await?)
            }
        }
    }
}

/// Whose data the caller may see: a platform its own only.
fn may_see(caller: &Principal, platform: &PlatformId) -> bool {
    match caller {
        Principal::Platform(id) => id == platform,
        Principal::Person { .. } | Principal::Service(_) => true,
    }
}
