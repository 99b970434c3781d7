//! Reading the chain.

use futures::{Stream, StreamExt as _, TryStreamExt as _};
use gazelle_kernel::Instant;
use sqlx::{PgConnection, Row as _, postgres::PgRow};

use super::{
    super::error::StoreError,
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

/// The row that the next entry follows; `None` where that is not one that can be read, as the
/// service never leaves it.
pub async fn find_head(tx: &mut PgConnection) -> Result<Option<Checkpoint>, StoreError> {
    let rows = sqlx::query("select number, digest from event_head limit 2")
        .fetch_all(tx)
        .await?;
    let [row] = &rows[..] else {
        return Ok(None);
    };
    let digest: Option<Vec<u8>> = row.try_get("digest")?;
    let digest = digest.and_then(|digest| digest.try_into().ok());
    let number: Option<i64> = row.try_get("number")?;
    Ok(number
        .zip(digest)
        .map(|(number, digest)| Checkpoint { number, digest }))
}

/// All entries from a number on, in their order, as they come from the database.
pub fn entries_from(
    tx: &mut PgConnection,
    number: i64,
) -> impl Stream<Item = Result<StoredEntry, StoreError>> {
    sqlx::query(
        "select number, case when at >= '0001-01-01Z' and at < '10000-01-01Z' then at end as at,
                actor, action, subject, content, digest
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
        "select number, case when at >= '0001-01-01Z' and at < '10000-01-01Z' then at end as at,
                actor, action, subject, content, digest
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

/// The entry of a row. One that lacks something, or has a moment that no clock shows, which nobody
/// can write whom constraints stop, has no digest: so it is found edited, whatever that was of.
fn entry(row: &PgRow) -> Result<StoredEntry, StoreError> {
    let mut is_whole = true;
    let mut text = |column| {
        let text: Option<String> = row.try_get(column)?;
        is_whole &= text.is_some();
        Ok::<_, sqlx::Error>(text.unwrap_or_default())
    };
    let [actor, action] = [text("actor")?, text("action")?];
    let [subject, content] = [text("subject")?, text("content")?];
    let at: Option<Instant> = row.try_get("at")?;
    let digest: Option<Vec<u8>> = row.try_get("digest")?;
    Ok(StoredEntry {
        number: row.try_get("number")?,
        at: at.unwrap_or(Instant::UNIX_EPOCH),
        actor,
        action,
        subject,
        content,
        digest: digest
            .filter(|_| is_whole && at.is_some())
            .unwrap_or_default(),
    })
}
