//! The verbs, and the only place that opens a transaction.
//!
//! Each reads as load, decide, save. Locks are taken in one order: catalog, programs by id, the
//! run, the end of the event chain. Other services are asked before a transaction, never in one.

mod batch;
mod compute;
mod enrollment;
mod error;
mod evidence;
mod objection;
mod program;
mod run;

use std::sync::{Arc, Mutex, PoisonError};

use gazelle_kernel::Instant;
use gazelle_runtime::{audit, clock::Clock};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::Semaphore;

pub use batch::{EnrollmentRefused, FieldRefused, Item, Rejection};
pub use compute::Order;
pub use enrollment::Imported;
pub use error::AppError;
pub use evidence::Verified;
pub use program::Applied;
pub use run::RunDetail;

use crate::{
    domain::run::Actor,
    peers::{Peers, RegistryFacts},
    store::{self, StoreError, input::Parts},
};

/// Runs that are computed at a time, in memory; each may need a gigabyte in a large city.
const COMPUTATIONS_MAX: usize = 2;

/// What the service can do. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    clock: Clock,
    peers: Peers,
    computations: Arc<Semaphore>,
    /// The registry's facts as last read: runs of one day mostly share them.
    facts: Arc<Mutex<Option<KnownFacts>>>,
}

#[derive(Debug, Clone)]
struct KnownFacts {
    facts: Arc<RegistryFacts>,
    /// The same, as they are kept with a run.
    parts: Arc<Parts>,
}

impl App {
    /// A service on a migrated database.
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock, peers: Peers) -> Self {
        Self {
            pool,
            clock,
            peers,
            computations: Arc::new(Semaphore::new(COMPUTATIONS_MAX)),
            facts: Arc::default(),
        }
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.pool.begin().await?)
    }

    /// Reads of several statements that must be of one moment.
    async fn begin_snapshot(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self
            .pool
            .begin_with("begin isolation level repeatable read read only")
            .await?)
    }

    fn known_facts(&self) -> Option<KnownFacts> {
        self.facts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn remember_facts(&self, known: &KnownFacts) {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
    }
}

/// Writes down what was done, as the last statement of the transaction that does it.
async fn record(
    tx: &mut PgConnection,
    by: &Actor,
    at: Instant,
    action: &str,
    subject: &str,
    content: &str,
) -> Result<(), StoreError> {
    let entry = audit::Entry {
        at,
        actor: by.as_str(),
        action,
        subject,
        content: content.as_bytes(),
    };
    store::event::append(tx, &entry).await
}
