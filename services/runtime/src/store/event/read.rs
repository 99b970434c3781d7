//! Reading the chain.

use futures::{Stream, StreamExt as _, TryStreamExt as _};
use gazelle_kernel::Instant;
use sqlx::{PgConnection, Row as _, postgres::PgRow};

use super::{
    super::error::{StoreError, read_digest},
    chain::{Checkpoint, StoredEntry},
};

/// Which entries to list; what is not given does not narrow.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntryFilter<'a> {
    /// Only what this one did.
    pub actor: Option<&'a str>,
    /// What was done.
    pub action: Option<&'a str>,
    /// Only what was done to this.
    pub subject: Option<&'a str>,
    /// Not before this moment.
    pub from: Option<Instant>,
    /// Before this moment.
    pub until: Option<Instant>,
}

/// The row that the next entry follows; `None` where there is none, which the service never does.
pub async fn find_head(tx: &mut PgConnection) -> Result<Option<Checkpoint>, StoreError> {
    let row = sqlx::query("select number, digest from event_head")
        .fetch_optional(tx)
        .await?;
    row.map(|row| {
        Ok(Checkpoint {
            number: row.try_get("number")?,
            digest: read_digest("event_head.digest", row.try_get("digest")?)?,
        })
    })
    .transpose()
}

/// All entries from a number on, in their order, as they come from the database.
pub fn entries_from(
    tx: &mut PgConnection,
    number: i64,
) -> impl Stream<Item = Result<StoredEntry, StoreError>> {
    sqlx::query(
        "select number, at, actor, action, subject, content, digest
         from event where number >= $1 order by number",
    )
    .bind(number)
    .fetch(tx)
    .map(|row| entry(&row?))
}

/// The entries after a number that the filter lets through, in their order: at most `limit`, and
/// no more than `bytes_max` of content unless the first alone has more. Whether that left any out
/// is told beside them.
pub async fn page(
    tx: &mut PgConnection,
    filter: EntryFilter<'_>,
    after: i64,
    limit: i64,
    bytes_max: usize,
) -> Result<(Vec<StoredEntry>, bool), StoreError> {
    let mut rows = sqlx::query(
        "select number, at, actor, action, subject, content, digest
         from event
         where number > $1
           and ($2::text is null or actor = $2)
           and ($3::text is null or action = $3)
           and ($4::text is null or subject = $4)
           and ($5::timestamptz is null or at >= $5)
           and ($6::timestamptz is null or at < $6)
         order by number
         limit $7",
    )
    .bind(after)
    .bind(filter.actor)
    .bind(filter.action)
    .bind(filter.subject)
    .bind(filter.from)
    .bind(filter.until)
    .bind(limit)
    .fetch(tx);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        let entry = entry(&row)?;
        bytes += entry.content.len();
        if bytes > bytes_max && !entries.is_empty() {
            return Ok((entries, true));
        }
        entries.push(entry);
    }
    Ok((entries, false))
}

fn entry(row: &PgRow) -> Result<StoredEntry, StoreError> {
    Ok(StoredEntry {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        content: row.try_get("content")?,
        digest: row.try_get("digest")?,
    })
}
