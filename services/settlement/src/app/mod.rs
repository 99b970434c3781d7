//! The verbs, and the only place that opens a transaction.
//!
//! Each reads as load, decide, save. Locks are taken in one order: catalog, programs by id, the
//! run or order, the end of the books, the end of the event chain. Other services are asked before
//! a transaction, never in one.
//! When something was done is said by the database (`store::clock`).

mod attempt;
mod blocking;
mod enrollment;
mod error;
mod facts_cache;
mod ledger;
mod objection;
mod payment;
mod program;
mod run;

use std::time::Duration;

use gazelle_runtime::{clock::Clock, turn::Turns};
use sqlx::PgPool;

pub use error::{
    AnswerRefused, AppError, ComputeRefused, NotFound, ObjectionRefused, PaymentRefused,
    ProgramRefused,
};

use crate::{domain::payment::file::order::FileAccount, peers::Peers};

/// Runs that are computed at a time, in memory, each of which may need a gigabyte in a large city;
/// and orders and answers that are, each of which may need some hundred megabytes.
const COMPUTATIONS_MAX: usize = 2;

/// Checks of the books at a time: one takes two connections, and two processors.
const VERIFICATIONS_MAX: usize = 1;

/// How long a computation waits for others to end.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// The verbs of settlement. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    /// Makes ids; what time it is, the database says.
    clock: Clock,
    peers: Peers,
    /// Whose account pays where a program does not say.
    payer: Option<FileAccount>,
    turns: Turns,
    /// Of orders and answers, which wait for no computation.
    payment_turns: Turns,
    verify_turns: Turns,
    facts: facts_cache::FactsCache,
}

impl App {
    /// A service on a migrated database.
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock, peers: Peers, payer: Option<FileAccount>) -> Self {
        Self {
            pool,
            clock,
            peers,
            payer,
            turns: Turns::new(COMPUTATIONS_MAX, TURN_WAIT),
            payment_turns: Turns::new(COMPUTATIONS_MAX, TURN_WAIT),
            verify_turns: Turns::new(VERIFICATIONS_MAX, TURN_WAIT),
            facts: facts_cache::FactsCache::default(),
        }
    }
}
