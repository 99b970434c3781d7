//! Records whose ids several periods of a platform hold; `domain/claim.rs` says whose an id is.

use gazelle_kernel::{Date, Period};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::column::{read_period, uuids};
use crate::domain::key::{PlatformNumber, PlatformPeriod, RecordKey};

/// Such of these keys as periods have records of: each key with a period that may.
pub async fn find_held(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    suspects: &[(RecordKey, Period)],
) -> Result<Vec<(RecordKey, Period)>, StoreError> {
    let keys = uuids(suspects.iter().map(|(key, _)| key));
    let periods: Vec<i16> = suspects.iter().map(|(_, period)| period.index()).collect();
    // As in `record`, `offset 0` makes it one look into the index for each.
    sqlx::query!(
        r#"select suspect.key as "key!", suspect.period as "period!"
           from unnest($2::uuid[], $3::int2[]) suspect (key, period)
           cross join lateral (
               select from record where platform = $1 and period = suspect.period and key = suspect.key offset 0
           ) held"#,
        platform.0,
        &keys,
        &periods,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| Ok((RecordKey(row.key.as_u128()), read_period(row.period)?)))
    .collect()
}

/// Reversals in a period of these records of another one, or of the same.
pub async fn find_reversals_of(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    reversed_period: Period,
    record_ids: &[String],
) -> Result<Vec<RecordKey>, StoreError> {
    let keys = sqlx::query_scalar!(
        "select key from record
         join unnest($4::text[]) gone (id) on reverses_record_id = gone.id
         where platform = $1 and period = $2 and reverses_period = $3
         order by key",
        platform.0,
        period.index(),
        reversed_period.index(),
        record_ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(keys
        .into_iter()
        .map(|key| RecordKey(key.as_u128()))
        .collect())
}

/// A record that was taken out.
#[derive(Debug)]
pub struct Removed {
    /// The platform's id for it.
    pub record_id: String,
    pub merchant_id: String,
    pub fee_kind: String,
    pub occurred_on: Date,
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
    PlatformPeriod { platform, period }: PlatformPeriod,
    keys: &[RecordKey],
) -> Result<Vec<Removed>, StoreError> {
    let keys = uuids(keys);
    let removed = sqlx::query_as!(
        Removed,
        r#"with gone as (
               delete from record where platform = $1 and period = $2 and key = any($3) returning *
           )
           select record_id, merchant_id, name as fee_kind, occurred_on, amount_fen, reverses_record_id,
                  reverses_period,
                  exists (select from reversed
                          where platform = $1 and key = gone.key and period = $2 and reversed_fen > 0)
                      as "is_reversed!"
           from gone join fee_kind using (fee_kind)"#,
        platform.0,
        period.index(),
        &keys,
    )
    .fetch_all(tx)
    .await?;
    Ok(removed)
}
