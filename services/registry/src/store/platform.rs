//! The table `platform`.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{Name, ParseError, Period, PlatformId};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::{
    platform::{Platform, Reporting},
    revision::Revision,
};

const TABLE: &str = "platform";

struct PlatformRow {
    platform_id: String,
    name: Option<String>,
    reports_from: Option<String>,
    reports_to: Option<String>,
}

impl TryFrom<PlatformRow> for Platform {
    type Error = ParseError;

    fn try_from(row: PlatformRow) -> Result<Self, ParseError> {
        Ok(Self {
            id: PlatformId::parse(&row.platform_id)?,
            name: row.name.as_deref().map(Name::parse).transpose()?,
            reporting: Reporting::new(
                row.reports_from.as_deref().map(Period::parse).transpose()?,
                row.reports_to.as_deref().map(Period::parse).transpose()?,
            )?,
        })
    }
}

fn platform(row: PlatformRow) -> Result<Platform, StoreError> {
    read(TABLE, row.try_into())
}

/// The platforms of these ids as they are now.
pub async fn current(
    tx: &mut PgConnection,
    ids: &BTreeSet<PlatformId>,
) -> Result<BTreeMap<PlatformId, Platform>, StoreError> {
    let ids: Vec<&str> = ids.iter().map(PlatformId::as_str).collect();
    sqlx::query_as!(
        PlatformRow,
        "select platform_id, name, reports_from, reports_to
         from platform
         where platform_id = any($1) and until_revision is null",
        &ids[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| platform(row).map(|found| (found.id.clone(), found)))
    .collect()
}

/// The platforms at a revision, by id: at most `limit`, after an id where one is given.
pub async fn page(
    tx: &mut PgConnection,
    at: Revision,
    after: Option<&PlatformId>,
    limit: i64,
) -> Result<Vec<Platform>, StoreError> {
    sqlx::query_as!(
        PlatformRow,
        "select platform_id, name, reports_from, reports_to
         from platform
         where platform_id > $1
           and since_revision <= $2 and (until_revision is null or until_revision > $2)
         order by platform_id
         limit $3",
        after.map_or("", PlatformId::as_str),
        at.get(),
        limit,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(platform)
    .collect()
}

/// Ends the versions that hold now of the platforms that are replaced.
pub async fn close(
    tx: &mut PgConnection,
    next: Revision,
    replaced: &[Platform],
) -> Result<(), StoreError> {
    let ids: Vec<&str> = replaced
        .iter()
        .map(|platform| platform.id.as_str())
        .collect();
    let result = sqlx::query!(
        "update platform set until_revision = $2
         where platform_id = any($1) and until_revision is null",
        &ids[..] as &[&str],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, replaced.len())
}

/// Adds versions that hold from a revision on.
pub async fn insert(
    tx: &mut PgConnection,
    next: Revision,
    items: &[Platform],
) -> Result<(), StoreError> {
    let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let names: Vec<Option<&str>> = items
        .iter()
        .map(|item| item.name.as_ref().map(Name::as_str))
        .collect();
    let text = |period: Option<Period>| period.map(|period| period.to_string());
    let from: Vec<Option<String>> = items
        .iter()
        .map(|item| text(item.reporting.from()))
        .collect();
    let to: Vec<Option<String>> = items.iter().map(|item| text(item.reporting.to())).collect();
    let result = sqlx::query!(
        "insert into platform (platform_id, name, reports_from, reports_to, since_revision)
         select item.*, $5
         from unnest($1::text[], $2::text[], $3::text[], $4::text[]) item",
        &ids[..] as &[&str],
        &names[..] as &[Option<&str>],
        &from[..] as &[Option<String>],
        &to[..] as &[Option<String>],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows(TABLE, &result, items.len())
}
