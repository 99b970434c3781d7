//! The refused records that are kept for the platform to look into.

use gazelle_kernel::{Instant, Period, PlatformId};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;
use uuid::Uuid;

use super::column::{columns, read_platform_period};
use crate::{
    domain::{
        key::PlatformPeriod,
        refused::{REASONS_OF_SEALS, Refusals, RefusedAfter, RefusedRecord, RefusedSelection},
        sent::SentRecord,
    },
    tuning::RESOLVED_LOOKS_MAX,
};

/// Adds refused records to the list; returns the period of each that was not there yet.
pub async fn insert(
    tx: &mut PgConnection,
    refusals: &Refusals,
) -> Result<Vec<PlatformPeriod>, StoreError> {
    let column = |text: fn(&SentRecord) -> &str| -> Vec<String> {
        refusals
            .iter()
            .map(|refused| text(&refused.record).to_owned())
            .collect()
    };
    let (platforms, periods) = columns(refusals.iter().map(|refused| refused.period));
    let reasons: Vec<&str> = refusals.iter().map(|r| r.refusal.reason()).collect();
    let content_keys: Vec<Uuid> = refusals
        .iter()
        .map(|r| Uuid::from_u128(r.content_key))
        .collect();
    let amounts: Vec<i64> = refusals.iter().map(|r| r.record.amount_fen).collect();
    let messages: Vec<String> = refusals.iter().map(|r| r.refusal.to_string()).collect();
    let received: Vec<Instant> = refusals.iter().map(|r| r.received_at).collect();
    let times: Vec<i64> = refusals.iter().map(|r| r.times).collect();
    // The row is new exactly if it counts no more than now.
    let rows = sqlx::query!(
        r#"
        with given as (
            select * from unnest($1::int2[], $2::int2[], $3::text[], $4::uuid[], $5::text[], $6::text[],
                $7::text[], $8::text[], $9::int8[], $10::text[], $11::text[], $12::timestamptz[], $13::int8[])
                as given (platform, period, reason, content_key, record_id, merchant_id, fee_kind,
                    occurred_on, amount_fen, reverses_record_id, message, first_received_at, times)
        ), kept as (
            insert into refused_record (platform, period, reason, content_key, record_id, merchant_id,
                fee_kind, occurred_on, amount_fen, reverses_record_id, message, first_received_at, times)
            select * from given order by platform, period, reason, content_key
            on conflict on constraint refused_record_pkey
                do update set times = refused_record.times + excluded.times
            returning platform, period, reason, content_key, times
        )
        select kept.platform, kept.period from kept
        join given using (platform, period, reason, content_key)
        where kept.times = given.times
        "#,
        &platforms,
        &periods,
        &reasons as &[&str],
        &content_keys,
        &column(|r| &r.record_id),
        &column(|r| &r.merchant_id),
        &column(|r| &r.fee_kind),
        &column(|r| &r.occurred_on),
        &amounts,
        &column(|r| &r.reverses_record_id),
        &messages,
        &received,
        &times,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| read_platform_period(row.platform, row.period))
        .collect()
}

// A refused record is resolved where a record of its id stands now, in any period of the platform;
// where one stood already when it came, only a record of the same content is meant. What is no id
// is never resolved: kept without U+0000, it may read as another. `offset 0` makes it one look into
// the index of each period, whatever the planner believes. A function for it (`is_resolved`) would
// begin anew for each record, which takes longer than its looks.

/// Refused records of a period, by the time that they first came.
pub async fn page(
    connection: &mut PgConnection,
    (platform, period): (&PlatformId, Period),
    which: RefusedSelection,
    after: Option<&RefusedAfter>,
    limit: i64,
) -> Result<Vec<RefusedRecord>, StoreError> {
    let reasons: Option<Vec<String>> = which
        .by_seal_only
        .then(|| REASONS_OF_SEALS.map(str::to_owned).to_vec());
    let rows = sqlx::query!(
        r#"select content_key, reason, message, first_received_at, times, record_id, merchant_id, fee_kind,
                  occurred_on, amount_fen, reverses_record_id,
                  exists (
                      select from period p
                      cross join lateral (
                          select r.*, name from record r join fee_kind using (fee_kind)
                          where r.platform = p.platform and r.period = p.period
                            and r.key = refused.key
                          offset 0
                      ) r
                      where p.platform = refused.platform and p.accepted_count > 0
                        and refused.withdrawal = 0 and r.record_id = refused.record_id
                        and refused.reason <> 'RECORD_ID_INVALID'
                        and (refused.reason not in ('RECORD_CONFLICT', 'RECORD_IN_SEALED_PERIOD')
                            or (r.merchant_id, r.name, r.occurred_on::text, r.amount_fen,
                                coalesce(r.reverses_record_id, ''))
                                = (refused.merchant_id, refused.fee_kind, refused.occurred_on,
                                    refused.amount_fen, refused.reverses_record_id))
                  ) as "is_resolved!"
           from (select *, record_key(record_id) as key from refused_record
                 where platform = (select platform from platform where platform_id = $1) and period = $2
                   and withdrawal = $3
                   and ($4::text[] is null or reason = any($4))
                   and ($5::timestamptz is null
                       or (first_received_at, content_key, reason) > ($5, $6::uuid, $7::text))
                 order by first_received_at, content_key, reason
                 limit $8) refused
           order by first_received_at, content_key, reason"#,
        platform.as_str(),
        period.index(),
        which.withdrawal,
        reasons.as_deref(),
        after.map(|after| after.first_received_at),
        after.map(|after| Uuid::from_u128(after.content_key)),
        after.map(|after| after.reason.as_str()),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let refused = rows.into_iter().map(|row| RefusedRecord {
        record: SentRecord {
            record_id: row.record_id,
            merchant_id: row.merchant_id,
            fee_kind: row.fee_kind,
            occurred_on: row.occurred_on,
            amount_fen: row.amount_fen,
            reverses_record_id: row.reverses_record_id,
        },
        content_key: row.content_key.as_u128(),
        reason: row.reason,
        message: row.message,
        first_received_at: row.first_received_at,
        times: row.times,
        is_resolved: row.is_resolved,
    });
    Ok(refused.collect())
}

/// How many of a period's refused records are resolved, of those that came first.
pub async fn count_resolved(
    connection: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select *, record_key(record_id) as key from refused_record
               where platform = (select platform from platform where platform_id = $1) and period = $2
                 and withdrawal = 0
               order by first_received_at, content_key, reason
               limit $3
           ) refused
           where exists (
               select from period p
               cross join lateral (
                   select r.*, name from record r join fee_kind using (fee_kind)
                   where r.platform = p.platform and r.period = p.period
                     and r.key = refused.key
                   offset 0
               ) r
               where p.platform = refused.platform and p.accepted_count > 0
                 and r.record_id = refused.record_id and refused.reason <> 'RECORD_ID_INVALID'
                 and (refused.reason not in ('RECORD_CONFLICT', 'RECORD_IN_SEALED_PERIOD')
                     or (r.merchant_id, r.name, r.occurred_on::text, r.amount_fen, coalesce(r.reverses_record_id, ''))
                         = (refused.merchant_id, refused.fee_kind, refused.occurred_on, refused.amount_fen,
                             refused.reverses_record_id))
           )"#,
        platform.as_str(),
        period.index(),
        RESOLVED_LOOKS_MAX,
    );
    Ok(count.fetch_one(connection).await?)
}

/// Lets the refused records of a period leave it with a withdrawal.
pub async fn withdraw(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    withdrawal: i32,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update refused_record set withdrawal = $3
         where platform = $1 and period = $2 and withdrawal = 0",
        platform.0,
        period.index(),
        withdrawal,
    )
    .execute(tx)
    .await?;
    Ok(())
}
