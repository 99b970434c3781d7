//! The verbs: load, decide, save. The only place that opens a transaction.

use std::sync::Arc;

use gazelle_runtime::{audit::Trail, clock::Clock};
use sqlx::PgPool;
use tokio::sync::{Mutex, Semaphore};

mod account;
mod change;
mod enterprise;
mod error;
mod facts;
mod filing;
mod merchant_binding;
mod platform;
mod stream;
mod suspension;
mod turn;
mod write;

pub use error::AppError;
pub use stream::Streamed;

/// The registry on its database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    clock: Clock,
    trail: Trail,
    /// Writers wait here and not in the database, where each would hold a connection.
    write_turn: Arc<Mutex<()>>,
    /// Streams hold a connection for long; they leave others to everyone else.
    stream_turns: Arc<Semaphore>,
}

impl App {
    /// The registry in the database of `pool`.
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock, trail: Trail) -> Self {
        let streams_max = (pool.options().get_max_connections() / 2).max(1);
        Self {
            pool,
            clock,
            trail,
            write_turn: Arc::default(),
            stream_turns: Arc::new(Semaphore::new(streams_max as usize)),
        }
    }
}
