//! The trail of changes: entries of the chain, each of which made a revision.

use gazelle_kernel::{Actor, ParseError};
use gazelle_runtime::store::{StoreError, read, read_digest};
use sqlx::PgConnection;

use super::revision::revision;
use crate::domain::{change::Change, revision::Revision};

/// Changes after a revision (from the first on when none is given), in order: at most `limit`, and
/// no more than `bytes_max` of content unless the first alone has more.
pub async fn page(
    tx: &mut PgConnection,
    after: Option<Revision>,
    limit: i64,
    bytes_max: i64,
) -> Result<Vec<Change>, StoreError> {
    let rows = sqlx::query!(
        r#"select number, at, actor, action, subject, content, digest
           from (select *,
                        sum(octet_length(content)) over (order by number) as bytes,
                        row_number() over (order by number) as place
                 from (select * from event where number > $1 order by number limit $2) page
                ) page
           where bytes <= $3 or place = 1
           order by number"#,
        after.map_or(0, Revision::get),
        limit,
        bytes_max,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            // Every change made one revision and one entry, so that their numbers are the same.
            let number = row.number.to_string();
            let expected = "the entry's own number";
            let same = (row.subject == number)
                .then_some(row.number)
                .ok_or_else(|| ParseError::new("REVISION_INVALID", &row.subject, expected));
            Ok(Change {
                revision: revision("event.subject", read("event.subject", same)?)?,
                changed_at: row.at,
                actor: read("event.actor", Actor::parse(&row.actor))?,
                action: row.action,
                content: row.content,
                digest: read_digest("event.digest", &row.digest)?,
            })
        })
        .collect()
}
