//! Whether reversals, what they take back, and what is kept of that fit together. All of it follows
//! from the records themselves.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use crate::{
    domain::{key::PlatformPeriod, refused::REASONS_OF_SEALS},
    store::column::columns,
};

/// Reversals and what is kept of what they take back, of all platforms: the first that does not
/// fit, in words. `sealed` are the sealed periods, each with a number by which they were.
pub async fn taken(
    tx: &mut PgConnection,
    sealed: &[(PlatformPeriod, i64)],
) -> Result<Option<String>, StoreError> {
    let (platforms, periods) = columns(sealed.iter().map(|(period, _)| *period));
    let numbers: Vec<i64> = sealed.iter().map(|(_, number)| *number).collect();
    let found = sqlx::query_scalar!(
        r#"with sealed as (
               select * from unnest($1::int2[], $2::int2[], $3::int8[]) sealed (platform, period, number)
           ), taken as (
               select v.platform, v.reverses_period as period, record_key(v.reverses_record_id) as key,
                      -sum(v.amount_fen) as fen,
                      bool_or(v.period <> v.reverses_period and own.number is not null
                          and (its.number is null or own.number < its.number)) as is_fixed
               from record v
               left join sealed own on (own.platform, own.period) = (v.platform, v.period)
               left join sealed its on (its.platform, its.period) = (v.platform, v.reverses_period)
               where v.reverses_record_id is not null
               group by v.platform, v.reverses_period, record_key(v.reverses_record_id)
           )
           select format('of record %s in period %s of platform number %s, %s fen are taken back, and %s are kept',
               key, period, platform, coalesce(taken.fen, 0), kept.reversed_fen) as "detail!"
           from taken full join reversed kept using (platform, key, period)
           where coalesce(taken.fen, 0) is distinct from kept.reversed_fen
              or coalesce(taken.is_fixed, false) is distinct from kept.sealed
           limit 1"#,
        &platforms,
        &periods,
        &numbers,
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// What is kept of a record that reversals take back, of all platforms, where the record is another
/// one; in words.
pub async fn amounts(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('record %s in period %s of platform number %s is not what is kept of it',
               key, period, platform) as "detail!"
           from reversed kept
           left join record r using (platform, period, key)
           where r.amount_fen is distinct from kept.amount_fen
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// A reversal, of all platforms, that takes back no fee of its merchant and kind on its fee date;
/// in words.
pub async fn named(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('reversal %s in period %s of platform number %s is of no such fee',
               v.key, v.period, v.platform) as "detail!"
           from record v
           left join record r on (r.platform, r.period, r.key)
               = (v.platform, v.reverses_period, record_key(v.reverses_record_id))
           where (v.reverses_record_id is not null or v.reverses_period is not null)
             and ((r.record_id, r.merchant_id, r.fee_kind, r.occurred_on)
                     is distinct from (v.reverses_record_id, v.merchant_id, v.fee_kind, v.fee_date)
                 or r.reverses_record_id is not null)
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// A reversal that was withdrawn, and of which nothing is left that it can have taken back: no
/// record, none that was withdrawn, and none that fell when a period was sealed. In this order, so
/// that what has no index is hardly ever looked into.
pub async fn withdrawn(tx: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select format('withdrawn reversal %s in period %s of platform number %s is of no such fee',
               v.key, v.period, v.platform) as "detail!"
           from withdrawn_record v
           where reverses_record_id is not null
             and not (exists (
                 select from record r
                 where (r.platform, r.period, r.key)
                     = (v.platform, v.reverses_period, record_key(v.reverses_record_id))
                   and (r.record_id, r.occurred_on) = (v.reverses_record_id, v.fee_date))
             or exists (
                 select from withdrawal w
                 cross join lateral (
                     select * from withdrawn_record
                     where (platform, period, withdrawal) = (w.platform, w.period, w.number)
                       and key = record_key(v.reverses_record_id)
                     offset 0
                 ) r
                 where (w.platform, w.period) = (v.platform, v.reverses_period)
                   and (r.record_id, r.occurred_on) = (v.reverses_record_id, v.fee_date))
             or exists (
                 select from refused_record r
                 where (r.platform, r.period, r.record_id, r.occurred_on)
                     = (v.platform, v.reverses_period, v.reverses_record_id, v.fee_date::text)
                   and r.reason = any($1)))
           limit 1"#,
        &REASONS_OF_SEALS.map(str::to_owned),
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
