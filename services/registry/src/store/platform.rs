//! Platforms.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{ParseError, PlatformId};
use sqlx::PgConnection;

use super::{StoreError, corrupt, expect_rows, on};
use crate::domain::{platform::Platform, revision::Revision, text::Name};

const TABLE: &str = "platform";

struct Row {
    platform_id: String,
    name: Option<String>,
}

impl TryFrom<Row> for Platform {
    type Error = ParseError;

    fn try_from(row: Row) -> Result<Self, ParseError> {
        Ok(Self {
            platform_id: PlatformId::parse(&row.platform_id)?,
            name: row.name.as_deref().map(Name::parse).transpose()?,
        })
    }
}

fn platform_of(row: Row) -> Result<Platform, StoreError> {
    row.try_into().map_err(corrupt(TABLE))
}

/// The platforms of these ids as they are now.
pub async fn current(
    conn: &mut PgConnection,
    ids: &BTreeSet<PlatformId>,
) -> Result<BTreeMap<PlatformId, Platform>, StoreError> {
    let ids: Vec<&str> = ids.iter().map(PlatformId::as_str).collect();
    sqlx::query_as!(
        Row,
        "select platform_id, name
         from platform
         where platform_id = any($1) and until_revision is null",
        &ids[..] as &[&str],
    )
    .fetch_all(conn)
    .await
    .map_err(on(TABLE))?
    .into_iter()
    .map(|row| platform_of(row).map(|platform| (platform.platform_id.clone(), platform)))
    .collect()
}

/// The platforms as they are now, by id: at most `limit`, after an id where one is given.
pub async fn page(
    conn: &mut PgConnection,
    after: Option<&PlatformId>,
    limit: i64,
) -> Result<Vec<Platform>, StoreError> {
    sqlx::query_as!(
        Row,
        "select platform_id, name
         from platform
         where platform_id > $1 and until_revision is null
         order by platform_id
         limit $2",
        after.map_or("", PlatformId::as_str),
        limit,
    )
    .fetch_all(conn)
    .await
    .map_err(on(TABLE))?
    .into_iter()
    .map(platform_of)
    .collect()
}

/// Ends the versions that hold now of the platforms that are replaced.
pub async fn close(
    conn: &mut PgConnection,
    next: Revision,
    replaced: &[Platform],
) -> Result<(), StoreError> {
    let ids: Vec<&str> = replaced
        .iter()
        .map(|platform| platform.platform_id.as_str())
        .collect();
    let result = sqlx::query!(
        "update platform set until_revision = $2
         where platform_id = any($1) and until_revision is null",
        &ids[..] as &[&str],
        next.get(),
    )
    .execute(conn)
    .await
    .map_err(on(TABLE))?;
    expect_rows(TABLE, &result, replaced.len())
}

/// Adds versions that hold from a revision on.
pub async fn insert(
    conn: &mut PgConnection,
    next: Revision,
    items: &[Platform],
) -> Result<(), StoreError> {
    let ids: Vec<&str> = items.iter().map(|item| item.platform_id.as_str()).collect();
    let names: Vec<Option<&str>> = items
        .iter()
        .map(|item| item.name.as_ref().map(Name::as_str))
        .collect();
    let result = sqlx::query!(
        "insert into platform (platform_id, name, since_revision)
         select item.*, $3
         from unnest($1::text[], $2::text[]) item",
        &ids[..] as &[&str],
        &names[..] as &[Option<&str>],
        next.get(),
    )
    .execute(conn)
    .await
    .map_err(on(TABLE))?;
    expect_rows(TABLE, &result, items.len())
}
