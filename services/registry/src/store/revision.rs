//! The counter that all writers lock.

use gazelle_kernel::ParseError;
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::revision::Revision;

const TABLE: &str = "revision";

/// Reads a stored revision back.
pub(super) fn revision(column: &'static str, number: i64) -> Result<Revision, StoreError> {
    let refused = || ParseError::new("REVISION_INVALID", &number.to_string(), "0 or more");
    read(column, Revision::new(number).ok_or_else(refused))
}

/// Waits for every other writer to end, and keeps those to come waiting until the transaction
/// ends; returns the present revision.
pub async fn lock(tx: &mut PgConnection) -> Result<Revision, StoreError> {
    let number = sqlx::query_scalar!("select revision from revision for update")
        .fetch_one(tx)
        .await?;
    revision("revision.revision", number)
}

/// The present revision.
pub async fn get(tx: &mut PgConnection) -> Result<Revision, StoreError> {
    let number = sqlx::query_scalar!("select revision from revision")
        .fetch_one(tx)
        .await?;
    revision("revision.revision", number)
}

/// Raises the locked revision to `next`.
pub async fn set(tx: &mut PgConnection, next: Revision) -> Result<(), StoreError> {
    let result = sqlx::query!(
        "update revision set revision = $1 where revision = $1::bigint - 1",
        next.get()
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, 1)
}
