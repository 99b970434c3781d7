//! Whose a record id is, when several periods of a platform hold it.
//!
//! An id is claimed by a sealed period that holds it, or by an open one whose record a sealed
//! period takes back, or the one that is being sealed. Sealing refuses what another period claims,
//! so no two ever do.

use gazelle_kernel::{Date, Period};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{StoreError, read_period};
use crate::domain::{PlatformPeriod, RecordKey};

/// Records of a period whose ids a sealed one holds too.
pub async fn find_held_in(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    sealed: Period,
) -> Result<Vec<RecordKey>, StoreError> {
    let keys = sqlx::query_scalar!(
        "select r.key from record r join record held on held.key = r.key
         where r.platform = $1 and r.period = $2 and held.platform = $1 and held.period = $3",
        platform.0,
        period.index(),
        sealed.index(),
    )
    .fetch_all(tx)
    .await?;
    Ok(keys
        .into_iter()
        .map(|key| RecordKey(key.as_u128()))
        .collect())
}

/// Reversals in a period of an open period's records whose ids a sealed one holds.
pub async fn find_reversals_of_held_in(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    sealed: Period,
) -> Result<Vec<RecordKey>, StoreError> {
    let keys = sqlx::query_scalar!(
        "select r.key from record r
         join period p on p.platform = r.platform and p.period = r.reverses_period and p.sealed_at is null
         join record held on held.platform = r.platform and held.period = $3
             and held.key = record_key(r.reverses_record_id)
         where r.platform = $1 and r.period = $2 and r.reverses_period <> $2",
        platform.0,
        period.index(),
        sealed.index(),
    )
    .fetch_all(tx)
    .await?;
    Ok(keys
        .into_iter()
        .map(|key| RecordKey(key.as_u128()))
        .collect())
}

/// Records of a period whose ids another one claims because a sealed period takes its record
/// back; and which.
pub async fn find_reversed_in_others(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
) -> Result<Vec<(RecordKey, Period)>, StoreError> {
    sqlx::query!(
        "select r.key, c.period from reversed c
         join record r on r.platform = c.platform and r.period = $2 and r.key = c.key
         where c.platform = $1 and c.period <> $2 and c.sealed",
        platform.0,
        period.index(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| Ok((RecordKey(row.key.as_u128()), read_period(row.period)?)))
    .collect()
}

/// A record whose id another period's record has too, which a reversal beside it takes back.
#[derive(Debug)]
pub struct Beside {
    /// The record.
    pub key: RecordKey,
    /// Where the other one is.
    pub other: Period,
    /// The reversal; it may be the record itself.
    pub reversal: RecordKey,
}

/// Records of a period whose ids another one's records have that a reversal in this period takes
/// back.
pub async fn find_reversed_from_here(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
) -> Result<Vec<Beside>, StoreError> {
    sqlx::query!(
        r#"select r.key, v.reverses_period as "other!", v.key as reversal
           from record v
           join record r on r.platform = v.platform and r.period = v.period
               and r.key = record_key(v.reverses_record_id)
           where v.platform = $1 and v.period = $2 and v.reverses_period <> $2
           order by r.key, v.key"#,
        platform.0,
        period.index(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Beside {
            key: RecordKey(row.key.as_u128()),
            other: read_period(row.other)?,
            reversal: RecordKey(row.reversal.as_u128()),
        })
    })
    .collect()
}

/// Reversals in a period of an open period's records whose ids a third one claims because a
/// sealed period takes its record back.
pub async fn find_reversals_of_reversed_in_others(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
) -> Result<Vec<RecordKey>, StoreError> {
    let keys = sqlx::query_scalar!(
        "select r.key from record r
         join period p on p.platform = r.platform and p.period = r.reverses_period and p.sealed_at is null
         join reversed c on c.platform = r.platform and c.key = record_key(r.reverses_record_id)
             and c.period <> r.reverses_period and c.sealed
         where r.platform = $1 and r.period = $2 and r.reverses_period <> $2",
        platform.0,
        period.index(),
    )
    .fetch_all(tx)
    .await?;
    Ok(keys
        .into_iter()
        .map(|key| RecordKey(key.as_u128()))
        .collect())
}

/// Reversals, in whatever period, of these records of a period.
pub async fn find_reversals_of(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    record_ids: &[String],
) -> Result<Vec<(Period, RecordKey)>, StoreError> {
    sqlx::query!(
        "select period, key from record
         where platform = $1 and period >= $2 and reverses_period = $2 and reverses_record_id = any($3)
         order by period, key",
        platform.0,
        period.index(),
        record_ids,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| Ok((read_period(row.period)?, RecordKey(row.key.as_u128()))))
    .collect()
}

/// A record that was taken out.
#[derive(Debug)]
pub struct Removed {
    /// The platform's id for it.
    pub record_id: String,
    /// Who was charged.
    pub merchant_id: String,
    /// What for.
    pub fee_kind: String,
    /// On which day.
    pub occurred_on: Date,
    /// How much.
    pub amount_fen: i64,
    /// What it took back.
    pub reverses_record_id: Option<String>,
    /// Where that was.
    pub reverses_period: Option<i16>,
    /// Whether reversals of it are left, which can't stay either.
    pub is_reversed: bool,
}

/// Takes records out of an open period.
pub async fn remove(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    keys: &[RecordKey],
) -> Result<Vec<Removed>, StoreError> {
    let keys: Vec<Uuid> = keys.iter().map(|key| Uuid::from_u128(key.0)).collect();
    let removed = sqlx::query_as!(
        Removed,
        r#"with gone as (
               delete from record where platform = $1 and period = $2 and key = any($3) returning *
           )
           select record_id, merchant_id, name as fee_kind, occurred_on, gone.amount_fen, reverses_record_id,
                  reverses_period, coalesce(reversed_fen > 0, false) as "is_reversed!"
           from gone join fee_kind using (fee_kind)
           left join reversed using (platform, key, period)"#,
        platform.0,
        period.index(),
        &keys,
    )
    .fetch_all(tx)
    .await?;
    Ok(removed)
}
