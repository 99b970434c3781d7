//! How much of each record its reversals take back.

use sqlx::PgConnection;

use super::{Places, StoreError, read_place};
use crate::domain::{Place, PlatformPeriod, RecordKey};

/// Makes the rows of records that no reversal has named before. In the order of their keys, as
/// all that lock them.
pub async fn insert_missing(
    tx: &mut PgConnection,
    records: &[(Place, i64)],
) -> Result<(), StoreError> {
    let places: Places = records.iter().map(|(place, _)| *place).collect();
    let amounts: Vec<i64> = records.iter().map(|(_, fen)| *fen).collect();
    sqlx::query!(
        "insert into reversed (platform, period, key, amount_fen)
         select * from unnest($1::int2[], $2::int2[], $3::uuid[], $4::int8[]) r (platform, period, key, fen)
         order by platform, key, period
         on conflict do nothing",
        &places.platforms,
        &places.periods,
        &places.keys,
        &amounts,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Locks the rows of these records; whoever reverses one of them too waits.
pub async fn lock(
    tx: &mut PgConnection,
    records: &[(Place, i64)],
) -> Result<Vec<(Place, i64)>, StoreError> {
    let places: Places = records.iter().map(|(place, _)| *place).collect();
    sqlx::query!(
        "select platform, period, key, reversed_fen from reversed
         join unnest($1::int2[], $2::int2[], $3::uuid[]) wanted (platform, period, key)
             using (platform, key, period)
         order by platform, key, period
         for no key update of reversed",
        &places.platforms,
        &places.periods,
        &places.keys,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        Ok((
            read_place(row.platform, row.period, row.key)?,
            row.reversed_fen,
        ))
    })
    .collect()
}

/// Saves how much is taken back now, of records whose rows are locked.
pub async fn update(tx: &mut PgConnection, reversed: &[(Place, i64)]) -> Result<(), StoreError> {
    let places: Places = reversed.iter().map(|(place, _)| *place).collect();
    let amounts: Vec<i64> = reversed.iter().map(|(_, fen)| *fen).collect();
    sqlx::query!(
        "update reversed set reversed_fen = fen
         from unnest($1::int2[], $2::int2[], $3::uuid[], $4::int8[]) now (platform, period, key, fen)
         where (reversed.platform, reversed.key, reversed.period) = (now.platform, now.key, now.period)",
        &places.platforms,
        &places.periods,
        &places.keys,
        &amounts,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives back what a reversal that is refused had taken.
pub async fn give_back(
    tx: &mut PgConnection,
    place: Place,
    reversed_fen: i64,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update reversed set reversed_fen = reversed_fen - $4
         where platform = $1 and key = $2 and period = $3",
        place.platform.0,
        uuid::Uuid::from_u128(place.key.0),
        place.period.index(),
        reversed_fen,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Drops the rows of records that are refused, once nothing of them is taken back.
pub async fn delete(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    keys: &[RecordKey],
) -> Result<(), StoreError> {
    let keys: Vec<uuid::Uuid> = keys
        .iter()
        .map(|key| uuid::Uuid::from_u128(key.0))
        .collect();
    sqlx::query!(
        "delete from reversed
         where platform = $1 and period = $2 and key = any($3) and reversed_fen = 0",
        platform.0,
        period.index(),
        &keys,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// From now on the records that reversals in `period` take back can no longer be refused.
pub async fn fix(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update reversed set sealed = true
         from record
         where record.platform = $1 and record.period = $2 and record.reverses_period is not null
           and reversed.platform = $1 and reversed.period = record.reverses_period
           and reversed.key = record_key(record.reverses_record_id)",
        platform.0,
        period.index(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
