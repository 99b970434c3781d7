//! What those who run the service see of its tables.

use gazelle_kernel::Period;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::column::read_period;

/// What is held of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    pub id: String,
    /// Records that were accepted, in all periods.
    pub accepted_count: i64,
    /// Records that were refused, each content and reason once.
    pub refused_count: i64,
    /// Its periods that are neither stated nor sealed: how many, and the oldest.
    pub open: (i64, Option<Period>),
    /// Those that are stated and not sealed.
    pub stated: (i64, Option<Period>),
    /// How many are sealed.
    pub sealed_count: i64,
}

/// Every platform of which anything is held, by id.
pub async fn platforms(conn: &mut PgConnection) -> Result<Vec<Platform>, StoreError> {
    let rows = sqlx::query!(
        r#"select platform_id,
                  sum(accepted_count)::int8 as "accepted_count!",
                  sum(refused_count)::int8 as "refused_count!",
                  count(*) filter (where sealed_at is null and stated_at is null and accepted_count > 0) as "open_count!",
                  min(period) filter (where sealed_at is null and stated_at is null and accepted_count > 0) as oldest_open,
                  count(*) filter (where sealed_at is null and stated_at is not null) as "stated_count!",
                  min(period) filter (where sealed_at is null and stated_at is not null) as oldest_stated,
                  count(*) filter (where sealed_at is not null) as "sealed_count!"
           from period join platform using (platform)
           group by platform_id
           order by platform_id"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Platform {
                id: row.platform_id,
                accepted_count: row.accepted_count,
                refused_count: row.refused_count,
                open: (
                    row.open_count,
                    row.oldest_open.map(read_period).transpose()?,
                ),
                stated: (
                    row.stated_count,
                    row.oldest_stated.map(read_period).transpose()?,
                ),
                sealed_count: row.sealed_count,
            })
        })
        .collect()
}

/// The number of the last entry of the chain of events.
pub async fn chain_head(conn: &mut PgConnection) -> Result<i64, StoreError> {
    let row = sqlx::query!("select number from event_head")
        .fetch_one(conn)
        .await?;
    Ok(row.number)
}
