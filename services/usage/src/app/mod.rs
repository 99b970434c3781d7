//! The verbs: load, decide, save. Here and in [`ingest`](crate::ingest) transactions are opened.

mod census;
mod claim;
mod page;
mod seal;
mod statement;
mod totals;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use gazelle_kernel::{Date, PlatformId};
use gazelle_runtime::{clock::Clock, detach::WorkLost};
use sqlx::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    domain::{SealRefusal, Sealed},
    names::Names,
    store::StoreError,
};

pub use totals::{MerchantTotals, Part, TotalsPart};

/// Periods that are sealed at a time, and reads of sealed totals: each holds connections for long,
/// so they have some of their own.
const SEALS_MAX: usize = 1;
const TOTALS_READS_MAX: usize = 2;

/// Connections that these need: a seal has one that writes and one that reads.
pub const LONG_CONNECTIONS: NonZeroU32 = NonZeroU32::new(4).expect("4 is not 0");

/// Longest wait for a turn.
const TURN_WAIT: Duration = Duration::from_secs(20);

/// The verbs of the usage service. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    long_pool: PgPool,
    names: Arc<Names>,
    clock: Clock,
    seals: Arc<Semaphore>,
    totals_reads: Arc<Semaphore>,
}

impl App {
    /// On this database, by this clock. `long_pool` has [`LONG_CONNECTIONS`].
    #[must_use]
    pub fn new(pool: PgPool, long_pool: PgPool, names: Arc<Names>, clock: Clock) -> Self {
        Self {
            pool,
            long_pool,
            names,
            clock,
            seals: Arc::new(Semaphore::new(SEALS_MAX)),
            totals_reads: Arc::new(Semaphore::new(TOTALS_READS_MAX)),
        }
    }
}

/// Waits for a turn, though not for ever: whoever called has long given up by then.
async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, AppError> {
    match tokio::time::timeout(TURN_WAIT, turns.clone().acquire_owned()).await {
        Ok(Ok(turn)) => Ok(turn),
        Ok(Err(_)) | Err(_) => Err(AppError::Overloaded),
    }
}

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nothing was reported or stated, or not by this platform.
    #[error("the platform has neither reported nor stated anything for the period")]
    PeriodNotFound,
    /// It takes no other statement.
    #[error(transparent)]
    PeriodSealed(#[from] Sealed),
    /// It can't be sealed as it stands.
    #[error(transparent)]
    NotSealable(#[from] SealRefusal),
    /// A sum of the period leaves 64 bits.
    #[error("a sum of one merchant, fee kind and day leaves 64 bits")]
    TotalOverflow {
        /// Whose.
        merchant_id: String,
        /// Of which kind.
        fee_kind: String,
        /// On which day.
        fee_date: Date,
    },
    /// Others are at work; later there will be room.
    #[error("more work is under way than is taken")]
    Overloaded,
    /// The records of a period are not those that were acknowledged.
    #[error("what is held of {platform_id} {period} is not what was acknowledged")]
    Inconsistent {
        /// Whose.
        platform_id: PlatformId,
        /// Which month.
        period: gazelle_kernel::Period,
    },
    /// The work panicked.
    #[error(transparent)]
    Lost(#[from] WorkLost),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        // Somebody else works on the same for long.
        if error.is_lock_timeout() {
            return Self::Overloaded;
        }
        Self::Store(error)
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}
