//! The numbers that stand for platforms and fee kinds.

use std::collections::HashMap;

use gazelle_kernel::{FeeKind, PlatformId};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;

use crate::domain::key::PlatformNumber;

/// The numbers of those platforms that have one.
pub async fn find_platforms(
    tx: &mut PgConnection,
    ids: &[String],
) -> Result<Vec<(PlatformId, PlatformNumber)>, StoreError> {
    sqlx::query!(
        "select platform, platform_id from platform where platform_id = any($1)",
        ids
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        let id = read("platform.platform_id", PlatformId::parse(&row.platform_id))?;
        Ok((id, PlatformNumber(row.platform)))
    })
    .collect()
}

/// Gives numbers to platforms that have none. Where another process takes the same numbers at the
/// same time, some still have none after this: look, and try again.
pub async fn insert_platforms(tx: &mut PgConnection, ids: &[String]) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into platform (platform, platform_id)
         select (select coalesce(max(platform), 0) from platform) + row_number() over (order by id), id
         from unnest($1::text[]) id
         where not exists (select from platform where platform_id = id)
         on conflict do nothing",
        ids
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The numbers of those fee kinds that have one.
pub async fn find_fee_kinds(
    tx: &mut PgConnection,
    names: &[String],
) -> Result<Vec<(FeeKind, i32)>, StoreError> {
    sqlx::query!(
        "select fee_kind, name from fee_kind where name = any($1)",
        names
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        Ok((
            read("fee_kind.name", FeeKind::parse(&row.name))?,
            row.fee_kind,
        ))
    })
    .collect()
}

/// Gives numbers to fee kinds that have none; otherwise as for platforms.
pub async fn insert_fee_kinds(tx: &mut PgConnection, names: &[String]) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into fee_kind (fee_kind, name)
         select (select coalesce(max(fee_kind), 0) from fee_kind) + row_number() over (order by kind), kind
         from unnest($1::text[]) kind
         where not exists (select from fee_kind where name = kind)
         on conflict do nothing",
        names
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The names of all fee kinds, by their numbers.
pub async fn list_fee_kinds(tx: &mut PgConnection) -> Result<HashMap<i32, String>, StoreError> {
    let rows = sqlx::query!("select fee_kind, name from fee_kind")
        .fetch_all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.fee_kind, row.name))
        .collect())
}

/// Lets one period of a platform be sealed at a time. Nobody else waits for it.
pub async fn lock_platform(
    tx: &mut PgConnection,
    id: &PlatformId,
) -> Result<Option<PlatformNumber>, StoreError> {
    let row = sqlx::query!(
        "select platform from platform where platform_id = $1 for no key update",
        id.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| PlatformNumber(row.platform)))
}

/// Waits for all reversals of the platform that are being written, and keeps others waiting until
/// this transaction ends: what they name may be taken out.
pub async fn lock_reversals(
    tx: &mut PgConnection,
    platform: PlatformNumber,
) -> Result<(), StoreError> {
    sqlx::query!(
        "select platform from platform where platform = $1 for update",
        platform.0
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// Keeps everything that reversals of these platforms may name from being taken out, until this
/// transaction ends. Returns the platforms of which it holds: not, unless it is to `wait`, those
/// of which records are being taken out just now.
pub async fn hold_reversals(
    tx: &mut PgConnection,
    platforms: &[PlatformNumber],
    wait: bool,
) -> Result<Vec<PlatformNumber>, StoreError> {
    let numbers: Vec<i16> = platforms.iter().map(|platform| platform.0).collect();
    let held = if wait {
        sqlx::query_scalar!(
            "select platform from platform where platform = any($1) order by platform for key share",
            &numbers
        )
        .fetch_all(tx)
        .await?
    } else {
        sqlx::query_scalar!(
            "select platform from platform where platform = any($1) order by platform
             for key share skip locked",
            &numbers
        )
        .fetch_all(tx)
        .await?
    };
    Ok(held.into_iter().map(PlatformNumber).collect())
}
