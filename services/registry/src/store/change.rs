//! The trail of changes.

use gazelle_kernel::ParseError;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{StoreError, corrupt, expect_rows, on, revision_of};
use crate::domain::revision::Revision;

const TABLE: &str = "change";

/// One change of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The revision that it made.
    pub revision: Revision,
    /// When, in UTC.
    pub changed_at: OffsetDateTime,
    /// Who: `person:SUB`, `service:NAME`.
    pub actor: String,
    /// The verb, as `put_filings`.
    pub action: String,
    /// The items that changed, as JSON.
    pub content: String,
    /// Covers the digest before and this change.
    pub digest: [u8; 32],
}

/// The digest of a revision's change; `None` where there is none, as for revision 0.
pub async fn digest(
    conn: &mut PgConnection,
    revision: Revision,
) -> Result<Option<[u8; 32]>, StoreError> {
    sqlx::query_scalar!(
        "select digest from change where revision = $1",
        revision.get()
    )
    .fetch_optional(conn)
    .await
    .map_err(on(TABLE))?
    .map(|digest| digest_of(&digest))
    .transpose()
}

/// Appends a change.
pub async fn insert(conn: &mut PgConnection, change: &Change) -> Result<(), StoreError> {
    let result = sqlx::query!(
        "insert into change (revision, changed_at, actor, action, content, digest)
         values ($1, $2, $3, $4, $5, $6)",
        change.revision.get(),
        change.changed_at,
        change.actor,
        change.action,
        change.content,
        &change.digest[..],
    )
    .execute(conn)
    .await
    .map_err(on(TABLE))?;
    expect_rows(TABLE, &result, 1)
}

/// Changes after a revision (from the first on when none is given), in order: at most `limit`, and no more than `bytes_max` of content
/// unless the first alone has more.
pub async fn page(
    conn: &mut PgConnection,
    after: Option<Revision>,
    limit: i64,
    bytes_max: i64,
) -> Result<Vec<Change>, StoreError> {
    sqlx::query!(
        r#"select revision, changed_at, actor, action, content, digest
           from (select *,
                        sum(octet_length(content)) over (order by revision) as bytes,
                        row_number() over (order by revision) as place
                 from (select * from change where revision > $1 order by revision limit $2) page
                ) page
           where bytes <= $3 or place = 1
           order by revision"#,
        after.map_or(0, Revision::get),
        limit,
        bytes_max,
    )
    .fetch_all(conn)
    .await
    .map_err(on(TABLE))?
    .into_iter()
    .map(|row| {
        Ok(Change {
            revision: revision_of(TABLE, row.revision)?,
            changed_at: row.changed_at,
            actor: row.actor,
            action: row.action,
            content: row.content,
            digest: digest_of(&row.digest)?,
        })
    })
    .collect()
}

fn digest_of(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    let length = bytes.len();
    bytes.try_into().map_err(|_| {
        corrupt(TABLE)(ParseError::new(
            "DIGEST_INVALID",
            &length.to_string(),
            "32 bytes",
        ))
    })
}
