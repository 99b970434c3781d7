//! The chain of what was done.

use gazelle_runtime::audit::{self, Entry};
use sqlx::PgConnection;

use super::{StoreError, read_digest};

/// Appends an entry to the chain. Locks its end, so do this last in a transaction.
pub async fn append(tx: &mut PgConnection, entry: &Entry<'_>) -> Result<(), StoreError> {
    let head = sqlx::query!("select number, digest from event_head for update")
        .fetch_one(&mut *tx)
        .await?;
    let previous = read_digest("event_head.digest", head.digest)?;
    let number = head.number + 1;
    let digest = audit::next_digest(&previous, entry);
    let content = std::str::from_utf8(entry.content)
        .map_err(|error| StoreError::corrupt("event.content", error))?;
    sqlx::query!(
        "insert into event (number, at, actor, action, subject, content, digest)
         values ($1, $2, $3, $4, $5, $6, $7)",
        number,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        content,
        &digest,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update event_head set number = $1, digest = $2",
        number,
        &digest
    )
    .execute(tx)
    .await?;
    Ok(())
}
