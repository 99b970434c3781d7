//! The database's clock, which decides when something was done: one machine's clock may be wrong,
//! and whoever serves would decide when a month or a notice is over.

use gazelle_kernel::Instant;
use sqlx::PgConnection;

use super::error::StoreError;

/// Now, and not when the transaction began.
pub async fn now(tx: &mut PgConnection) -> Result<Instant, StoreError> {
    let now = sqlx::query_scalar("select clock_timestamp()");
    Ok(now.fetch_one(tx).await?)
}
