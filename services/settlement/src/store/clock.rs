//! The database's clock, which decides when something was done: one machine's clock may be wrong,
//! and whoever serves would decide when a notice is over.

use gazelle_kernel::Instant;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// Now, and not when the transaction began.
pub async fn now(tx: &mut PgConnection) -> Result<Instant, StoreError> {
    let row = sqlx::query!(r#"select clock_timestamp() as "now!""#)
        .fetch_one(tx)
        .await?;
    Ok(row.now)
}
