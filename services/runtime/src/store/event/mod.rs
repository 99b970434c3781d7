//! The chain of what was done, as the tables `event` and `event_head` of a service hold it.

mod chain;
mod doing;
mod read;

use sqlx::{PgConnection, Row};

use super::error::{StoreError, expect_rows, read_digest};

pub use chain::{Checkpoint, Entry, START, StoredEntry, entry_hash, follow, next_digest};
pub use doing::Doing;
pub use read::{EntryFilter, entries_from, find_head, page};

/// Appends an entry to the chain. Locks its end, so do this last in a transaction.
pub async fn append(tx: &mut PgConnection, entry: &Entry<'_>) -> Result<(), StoreError> {
    let row = sqlx::query("select number, digest from event_head for update")
        .fetch_one(&mut *tx)
        .await?;
    let head = Checkpoint {
        number: row.try_get("number")?,
        digest: read_digest("event_head.digest", row.try_get("digest")?)?,
    };
    let Checkpoint { number, digest } = head.then(&entry_hash(entry));
    let content = std::str::from_utf8(entry.content)
        .map_err(|error| StoreError::corrupt("event.content", error))?;
    sqlx::query(
        "insert into event (number, at, actor, action, subject, content, digest)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(number)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(content)
    .bind(&digest[..])
    .execute(&mut *tx)
    .await?;
    let moved = sqlx::query("update event_head set number = $1, digest = $2")
        .bind(number)
        .bind(&digest[..])
        .execute(&mut *tx)
        .await?;
    expect_rows("event_head", &moved, 1)
}
