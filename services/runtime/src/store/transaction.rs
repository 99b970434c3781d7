//! The kinds of transaction that `app` opens.

use gazelle_kernel::PlatformId;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use super::error::StoreError;

/// Begins a transaction that writes. Dropped without `commit`, it is rolled back.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool.begin().await?)
}

/// Begins a transaction that writes a batch and looks up whatever it needs by its key.
///
/// A connection keeps its plans. One that was made while a table was empty reads all of it, and
/// goes on so for every batch until the table is next analyzed: then each row of an import costs
/// more than the one before. So here nothing is read but by an index; where a statement looks up
/// many keys, a lateral subquery, kept one by its `limit` or `offset 0`, does so for each.
pub async fn begin_by_key(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    let begin = "begin; set local enable_seqscan = off; set local enable_bitmapscan = off; \
                 set local enable_hashjoin = off; set local enable_mergejoin = off; \
                 set local enable_material = off";
    Ok(pool.begin_with(begin).await?)
}

/// Begins a transaction that sees one moment in all its statements, and changes nothing.
pub async fn snapshot(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool
        .begin_with("begin isolation level repeatable read, read only")
        .await?)
}

/// Begins a [`snapshot`] of the moment that another one sees, on a connection of its own.
pub async fn snapshot_beside(
    pool: &PgPool,
    other: &mut PgConnection,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    let export = "select pg_export_snapshot()";
    let moment: String = sqlx::query_scalar(export).fetch_one(other).await?;
    // PostgreSQL's own name of it, in hexadecimal digits.
    let begin = format!(
        "begin isolation level repeatable read, read only; set transaction snapshot '{moment}'"
    );
    Ok(pool.begin_with(AssertSqlSafe(begin)).await?)
}

/// Begins a [`snapshot`] that sees what is of one platform: as `role`, which the service's login
/// may become, and which row-level security shows the rows of the platform that the transaction
/// names. All in one exchange with the database; both end with the transaction.
pub async fn snapshot_for(
    pool: &PgPool,
    role: &'static str,
    platform: &PlatformId,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    // What begins a transaction takes no parameters; of what an id consists, nothing ends a text.
    let begin = format!(
        "begin isolation level repeatable read, read only; set local role {role}; \
         set local gazelle.platform = '{platform}'"
    );
    Ok(pool.begin_with(AssertSqlSafe(begin)).await?)
}
