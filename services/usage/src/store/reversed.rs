//! How much of each record its reversals take back.

use gazelle_kernel::Period;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::column::{Places, read_period, read_place, uuids};
use crate::domain::key::{Place, PlatformNumber, PlatformPeriod, RecordKey};

/// How much more of a record is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Where the record is.
    pub place: Place,
    pub amount_fen: i64,
    /// How much more.
    pub more_fen: i64,
}

/// Adds to what is taken back, in the order of keys, as all that lock them; makes the rows of
/// records that no reversal has named before. Returns of how many records it did: not of those
/// that somebody else takes back meanwhile, so that too little is left.
pub async fn add(tx: &mut PgConnection, taken: &[Taken]) -> Result<u64, StoreError> {
    let places: Places = taken.iter().map(|taken| taken.place).collect();
    let amounts: Vec<i64> = taken.iter().map(|taken| taken.amount_fen).collect();
    let more: Vec<i64> = taken.iter().map(|taken| taken.more_fen).collect();
    let added = sqlx::query!(
        "insert into reversed (platform, period, key, amount_fen, reversed_fen)
         select * from unnest($1::int2[], $2::int2[], $3::uuid[], $4::int8[], $5::int8[])
             taken (platform, period, key, amount_fen, more_fen)
         order by platform, key, period
         on conflict (platform, key, period) do update
             set reversed_fen = reversed.reversed_fen + excluded.reversed_fen
             where excluded.reversed_fen <= reversed.amount_fen - reversed.reversed_fen",
        &places.platforms,
        &places.periods,
        &places.keys,
        &amounts,
        &more,
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected())
}

/// Locks the rows of these records, as far as reversals have named them before, and returns how
/// much is taken back; whoever reverses one of them too waits.
pub async fn lock(
    tx: &mut PgConnection,
    records: impl IntoIterator<Item = Place>,
) -> Result<Vec<(Place, i64)>, StoreError> {
    let places: Places = records.into_iter().collect();
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

/// How much is taken back of each of these records, as far as anything is.
pub async fn find(
    tx: &mut PgConnection,
    records: impl IntoIterator<Item = Place>,
) -> Result<Vec<(Place, i64)>, StoreError> {
    let places: Places = records.into_iter().collect();
    sqlx::query!(
        "select platform, period, key, reversed_fen from reversed
         join unnest($1::int2[], $2::int2[], $3::uuid[]) wanted (platform, period, key)
             using (platform, key, period)",
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

/// Gives back what reversals that are refused had taken: of each record how much, in the order of
/// keys.
pub async fn give_back(tx: &mut PgConnection, taken: &[(Place, i64)]) -> Result<(), StoreError> {
    let places: Places = taken.iter().map(|(place, _)| *place).collect();
    let amounts: Vec<i64> = taken.iter().map(|(_, fen)| *fen).collect();
    sqlx::query!(
        "with taken as (
             select r.platform, r.key, r.period, taken.fen
             from reversed r
             join unnest($1::int2[], $2::int2[], $3::uuid[], $4::int8[]) taken (platform, period, key, fen)
                 using (platform, key, period)
             order by r.platform, r.key, r.period
             for no key update of r
         )
         update reversed set reversed_fen = reversed_fen - fen
         from taken
         where (reversed.platform, reversed.key, reversed.period) = (taken.platform, taken.key, taken.period)",
        &places.platforms,
        &places.periods,
        &places.keys,
        &amounts,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Drops the rows of records that are refused, once nothing of them is taken back.
pub async fn delete(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    keys: &[RecordKey],
) -> Result<(), StoreError> {
    let keys = uuids(keys);
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

/// From now on these records can no longer be refused: reversals in a sealed period take them
/// back.
pub async fn fix(
    tx: &mut PgConnection,
    places: impl IntoIterator<Item = Place>,
) -> Result<(), StoreError> {
    let places: Places = places.into_iter().collect();
    sqlx::query!(
        "with fixed as (
             select r.platform, r.key, r.period
             from reversed r
             join unnest($1::int2[], $2::int2[], $3::uuid[]) fixed (platform, period, key)
                 using (platform, key, period)
             order by r.platform, r.key, r.period
             for no key update of r
         )
         update reversed set sealed = true
         from fixed
         where (reversed.platform, reversed.key, reversed.period) = (fixed.platform, fixed.key, fixed.period)",
        &places.platforms,
        &places.periods,
        &places.keys,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Under which of these keys there is a record that reversals in a sealed period take back; and
/// in which period it is.
pub async fn find_fixed(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    keys: &[RecordKey],
) -> Result<Vec<(RecordKey, Period)>, StoreError> {
    let keys = uuids(keys);
    // As in `record`, `offset 0` makes it one look into the index for each.
    sqlx::query!(
        "select fixed.key, fixed.period
         from unnest($2::uuid[]) wanted (key)
         cross join lateral (
             select * from reversed where platform = $1 and key = wanted.key and sealed offset 0
         ) fixed",
        platform.0,
        &keys,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| Ok((RecordKey(row.key.as_u128()), read_period(row.period)?)))
    .collect()
}
