//! Whether what is stored is what the entries of the trail come to.
//!
//! Each table is compared by one statement. It makes of the entries all rows that there should be,
//! counts each once for and each that is stored once against, and finds the first that does not
//! come to nothing: one that was edited, deleted, inserted, or is there twice. All columns take
//! part, the ends of versions too: an end is the revision of the next version of the same key.

mod account;
mod enterprise;
mod merchant_binding;
mod revision;

use futures::future::{BoxFuture, FutureExt as _};
use gazelle_runtime::{
    audit::{Comparison, Difference},
    store::StoreError,
};
use sqlx::PgConnection;

/// What the registry stores, to be compared with its trail.
#[derive(Debug)]
pub struct Stored;

impl Comparison for Stored {
    fn difference<'a>(
        &'a self,
        tx: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Option<Difference>, StoreError>> {
        first(tx).boxed()
    }
}

async fn first(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    // Hundreds of thousands of rows are sorted and counted.
    sqlx::query!("set local work_mem = '64MB'")
        .execute(&mut *tx)
        .await?;
    if let Some(found) = revision::counter(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = revision::entries(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = enterprise::enterprises(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = enterprise::codes(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = enterprise::filings(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = enterprise::suspensions(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = merchant_binding::platforms(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = merchant_binding::bindings(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = account::accounts(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = account::states(&mut *tx).await? {
        return Ok(Some(found));
    }
    if let Some(found) = account::returns(&mut *tx).await? {
        return Ok(Some(found));
    }
    account::repeats(tx).await
}
