//! Whether the trail of what was done, with which the books are compared, is what was written.

use futures::TryStreamExt as _;
use gazelle_runtime::{
    audit::{Broken, ChainVerifier},
    store::{StoreError, event},
};
use sqlx::PgConnection;

/// The first thing that is wrong with the trail.
pub(super) async fn broken(tx: &mut PgConnection) -> Result<Option<Broken>, StoreError> {
    let head = event::find_head(&mut *tx).await?;
    let mut verifier = ChainVerifier::new(None);
    // Whatever is there, also where no entry may stand.
    let mut entries = Box::pin(event::entries_from(tx, i64::MIN));
    while let Some(entry) = entries.try_next().await? {
        if let Err(broken) = verifier.entry(&entry) {
            return Ok(Some(broken));
        }
    }
    Ok(verifier.finish(head).err())
}
