//! Whether the trail of what was done, with which the books are compared, is what was written; and
//! what was put by it.

use futures::TryStreamExt as _;
use gazelle_runtime::{
    audit::{Broken, ChainVerifier},
    store::{StoreError, event},
};
use sqlx::PgConnection;

use crate::domain::ledger::enrolled::Put;

/// The first thing that is wrong with the trail; takes in the enrollments that were put.
pub(super) async fn broken(
    tx: &mut PgConnection,
    enrollments: &mut Put,
) -> Result<Option<Broken>, StoreError> {
    let head = event::find_head(&mut *tx).await?;
    let mut verifier = ChainVerifier::new(None);
    // Whatever is there, also where no entry may stand.
    let mut entries = Box::pin(event::entries_from(tx, i64::MIN));
    while let Some(entry) = entries.try_next().await? {
        if let Err(broken) = verifier.entry(&entry) {
            return Ok(Some(broken));
        }
        if entry.action == "enrollment.put" {
            enrollments.take(&entry.content, &entry.actor, entry.at);
        }
    }
    Ok(verifier.finish(head).err())
}
