//! The refused records that are kept for the platform to look into.

use gazelle_kernel::{Period, PlatformId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{StoreError, read_period};
use crate::domain::{PlatformNumber, PlatformPeriod, Refusals, SentRecord};

/// Adds refused records to the list; returns the month of each that was not there yet.
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
    let (platforms, periods) = super::columns(refusals.iter().map(|refused| refused.of));
    let reasons: Vec<&str> = refusals.iter().map(|r| r.refusal.reason()).collect();
    let content_keys: Vec<Uuid> = refusals
        .iter()
        .map(|r| Uuid::from_u128(r.content_key))
        .collect();
    let amounts: Vec<i64> = refusals.iter().map(|r| r.record.amount_fen).collect();
    let messages: Vec<String> = refusals.iter().map(|r| r.refusal.to_string()).collect();
    let received: Vec<OffsetDateTime> = refusals.iter().map(|r| r.received_at).collect();
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
        .map(|row| Ok((PlatformNumber(row.platform), read_period(row.period)?)))
        .collect()
}

/// A refused record in the list.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What it was.
    pub record: SentRecord,
    /// Which content; with the reason, which row.
    pub content_key: Uuid,
    /// Why, as in the contract.
    pub reason: String,
    /// Why, in words.
    pub message: String,
    /// When it first came.
    pub first_received_at: OffsetDateTime,
    /// How often.
    pub times: i64,
}

/// Where a page of the list begins: after this row.
#[derive(Debug, Clone)]
pub struct After {
    /// When it first came.
    pub first_received_at: OffsetDateTime,
    /// Which content.
    pub content_key: Uuid,
    /// For which reason.
    pub reason: String,
}

/// Refused records of a period, by the time that they first came.
pub async fn list(
    connection: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Kept>, StoreError> {
    let rows = sqlx::query!(
        "select content_key, reason, message, first_received_at, times, record_id, merchant_id, fee_kind,
                occurred_on, amount_fen, reverses_record_id
         from refused_record
         where platform = (select platform from platform where platform_id = $1) and period = $2
           and ($3::timestamptz is null or (first_received_at, content_key, reason) > ($3, $4::uuid, $5::text))
         order by first_received_at, content_key, reason
         limit $6",
        platform.as_str(),
        period.index(),
        after.map(|after| after.first_received_at),
        after.map(|after| after.content_key),
        after.map(|after| after.reason.as_str()),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let kept = rows.into_iter().map(|row| Kept {
        record: SentRecord {
            record_id: row.record_id,
            merchant_id: row.merchant_id,
            fee_kind: row.fee_kind,
            occurred_on: row.occurred_on,
            amount_fen: row.amount_fen,
            reverses_record_id: row.reverses_record_id,
        },
        content_key: row.content_key,
        reason: row.reason,
        message: row.message,
        first_received_at: row.first_received_at,
        times: row.times,
    });
    Ok(kept.collect())
}
