//! The counter that all writers lock.

use sqlx::PgConnection;

use super::{StoreError, expect_rows, on, revision_of};
use crate::domain::revision::Revision;

const TABLE: &str = "revision";

/// Waits for every other writer to end, and keeps those to come waiting until the transaction
/// ends; returns the present revision.
pub async fn lock(conn: &mut PgConnection) -> Result<Revision, StoreError> {
    let number = sqlx::query_scalar!("select revision from revision for update")
        .fetch_one(conn)
        .await
        .map_err(on(TABLE))?;
    revision_of(TABLE, number)
}

/// The present revision.
pub async fn get(conn: &mut PgConnection) -> Result<Revision, StoreError> {
    let number = sqlx::query_scalar!("select revision from revision")
        .fetch_one(conn)
        .await
        .map_err(on(TABLE))?;
    revision_of(TABLE, number)
}

/// Raises the locked revision to `next`.
pub async fn set(conn: &mut PgConnection, next: Revision) -> Result<(), StoreError> {
    let result = sqlx::query!(
        "update revision set revision = $1 where revision = $1::bigint - 1",
        next.get()
    )
    .execute(conn)
    .await
    .map_err(on(TABLE))?;
    expect_rows(TABLE, &result, 1)
}
