//! The verbs: load, decide, save. The only place that opens a transaction.

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
mod write;

use std::time::Duration;

use gazelle_runtime::{audit::Trail, turn::Turns};
use sqlx::PgPool;

pub use error::{AccountRefused, AppError};
pub use stream::Streamed;

/// Longest wait for a turn: whoever called has given up by then.
const TURN_WAIT: Duration = Duration::from_secs(20);

/// The verbs of the registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pool: PgPool,
    trail: Trail,
    /// Writers wait here and not in the database, where each would hold a connection.
    write_turns: Turns,
    /// Streams hold a connection for long; they leave others to everyone else.
    stream_turns: Turns,
}

impl App {
    /// The registry in the database of `pool`.
    #[must_use]
    pub fn new(pool: PgPool, trail: Trail) -> Self {
        let streams_max = (pool.options().get_max_connections() / 2).max(1);
        Self {
            pool,
            trail,
            write_turns: Turns::new(1, TURN_WAIT),
            stream_turns: Turns::new(streams_max as usize, TURN_WAIT),
        }
    }
}
