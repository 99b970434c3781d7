//! The two kinds of transaction that `app` opens.

use sqlx::{PgPool, Postgres, Transaction};

use super::error::StoreError;

/// Begins a transaction that writes. Dropped without `commit`, it is rolled back.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool.begin().await?)
}

/// Begins a transaction that sees one moment in all its statements, and changes nothing.
pub async fn snapshot(pool: &PgPool) -> Result<Transaction<'static, Postgres>, StoreError> {
    Ok(pool
        .begin_with("begin isolation level repeatable read, read only")
        .await?)
}
