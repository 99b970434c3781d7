//! The trail of changes: those entries of the chain that made a revision.

use gazelle_kernel::Actor;
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
        r#"select revision as "revision!", at, actor, action, content, digest
           from (select *,
                        sum(octet_length(content)) over (order by revision) as bytes,
                        row_number() over (order by revision) as place
                 from (select * from event where revision > $1 order by revision limit $2) page
                ) page
           where bytes <= $3 or place = 1
           order by revision"#,
        after.map_or(0, Revision::get),
        limit,
        bytes_max,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Change {
                revision: revision("event.revision", row.revision)?,
                changed_at: row.at,
                actor: read("event.actor", Actor::parse(&row.actor))?,
                action: row.action,
                content: row.content,
                digest: read_digest("event.digest", &row.digest)?,
            })
        })
        .collect()
}
