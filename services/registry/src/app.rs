//! The verbs: load, decide, save. The only place that opens a transaction.

use std::{sync::Arc, time::Duration};

use gazelle_kernel::PlatformId;
use gazelle_runtime::{clock::Clock, detach::WorkLost};
use sqlx::PgPool;
use tokio::sync::{Mutex, Semaphore};

use crate::{
    domain::{enterprise::NotRegistered, revision::Revision},
    store::StoreError,
};

mod facts;
mod import;
mod read;
mod write;

pub use crate::store::change::Change;
pub use facts::{Facts, FactsPart};
pub use import::Imported;

/// Longest wait for a turn to write, or to stream facts.
const TURN_WAIT: Duration = Duration::from_secs(20);

/// The registry on its database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    pool: PgPool,
    clock: Clock,
    /// Writers wait here and not in the database, where each would hold a connection.
    write_turn: Arc<Mutex<()>>,
    /// Streams of facts hold a connection for long; they leave others to everyone else.
    facts_turns: Arc<Semaphore>,
}

impl Registry {
    /// The registry in the database of `pool`.
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        let facts_max = (pool.options().get_max_connections() / 2).max(1);
        Self {
            pool,
            clock,
            write_turn: Arc::default(),
            facts_turns: Arc::new(Semaphore::new(facts_max as usize)),
        }
    }
}

/// Waits for a turn, though not for ever: whoever called has long given up by then.
async fn in_turn<T>(turn: impl Future<Output = T>) -> Result<T, AppError> {
    tokio::time::timeout(TURN_WAIT, turn)
        .await
        .map_err(|_| AppError::Overloaded)
}

/// A verb could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No enterprise has the code.
    #[error("no enterprise has this code: {0:?}")]
    NotRegistered(NotRegistered),
    /// No such platform, or not the caller's.
    #[error("no platform is called {0}")]
    PlatformNotFound(PlatformId),
    /// The revision has not happened yet.
    #[error("revision {asked} has not happened yet; the present one is {present}")]
    RevisionAhead {
        /// The revision asked for.
        asked: Revision,
        /// The present one.
        present: Revision,
    },
    /// Its turn did not come in time.
    #[error("too much is under way")]
    Overloaded,
    /// A stream of facts was not read on for too long.
    #[error("the facts were not read on in time")]
    FactsStalled,
    /// A revision has no change.
    #[error("the change of revision {0} is missing")]
    ChangeMissing(Revision),
    /// The tables could not be read or written.
    #[error("the registry's tables failed")]
    Store(#[from] StoreError),
    /// A transaction could not be begun or committed.
    #[error("a transaction failed")]
    Transaction(#[source] sqlx::Error),
    /// The work panicked.
    #[error("the work was not finished")]
    Lost(#[from] WorkLost),
}
