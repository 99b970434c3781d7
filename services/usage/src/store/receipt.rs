//! What is held of periods, in count, sum and digest.

use std::collections::HashMap;

use gazelle_runtime::store::{StoreError, read_digest};
use sqlx::PgConnection;

use super::column::{columns, read_platform_period};
use crate::domain::{
    key::PlatformPeriod,
    receipt::{PeriodReceipt, Receipt},
};

/// What is held of periods, and whether each is sealed. Whoever adds to one of them too waits, so
/// do this late.
pub async fn lock(
    tx: &mut PgConnection,
    wanted: &[PlatformPeriod],
) -> Result<HashMap<PlatformPeriod, (PeriodReceipt, bool)>, StoreError> {
    let (platforms, periods) = columns(wanted.iter().copied());
    sqlx::query!(
        r#"select platform, period, accepted_count, total_fen::text as "total_fen!", digest, revision,
                  sealed_at is not null as "sealed!"
           from period
           join unnest($1::int2[], $2::int2[]) wanted (platform, period) using (platform, period)
           order by platform, period for no key update of period"#,
        &platforms,
        &periods,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        let period = read_platform_period(row.platform, row.period)?;
        let receipt = read_receipt("period.digest", row.accepted_count, &row.total_fen, &row.digest)?;
        let held = PeriodReceipt { receipt, revision: row.revision };
        Ok((period, (held, row.sealed)))
    })
    .collect()
}

/// What is now held of a period.
#[derive(Debug, Clone, Copy)]
pub struct NewReceipt {
    pub period: PlatformPeriod,
    pub held: PeriodReceipt,
    /// How many more refused records.
    pub refused: i64,
    /// Of these, how many fell when a period was sealed.
    pub refused_by_seal: i64,
}

/// Saves what is now held of periods that are locked, and how many more refused records.
pub async fn update(tx: &mut PgConnection, now: &[NewReceipt]) -> Result<(), StoreError> {
    let (platforms, periods) = columns(now.iter().map(|new| new.period));
    let receipts = || now.iter().map(|new| new.held.receipt);
    let counts: Vec<i64> = receipts().map(|receipt| receipt.record_count).collect();
    let totals: Vec<String> = receipts()
        .map(|receipt| receipt.total_fen.to_string())
        .collect();
    let digests: Vec<Vec<u8>> = receipts().map(|receipt| receipt.digest.to_vec()).collect();
    let revisions: Vec<i64> = now.iter().map(|new| new.held.revision).collect();
    let refused: Vec<i64> = now.iter().map(|new| new.refused).collect();
    let refused_by_seal: Vec<i64> = now.iter().map(|new| new.refused_by_seal).collect();
    sqlx::query!(
        "update period
         set accepted_count = now.count, total_fen = now.total::numeric, digest = now.digest,
             revision = now.revision, refused_count = refused_count + now.refused,
             refused_by_seal_count = refused_by_seal_count + now.refused_by_seal
         from unnest($1::int2[], $2::int2[], $3::int8[], $4::text[], $5::bytea[], $6::int8[], $7::int8[], $8::int8[])
             now (platform, period, count, total, digest, revision, refused, refused_by_seal)
         where (period.platform, period.period) = (now.platform, now.period)",
        &platforms,
        &periods,
        &counts,
        &totals,
        &digests,
        &revisions,
        &refused,
        &refused_by_seal,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Count, sum and digest as columns have them.
pub fn read_receipt(
    column: &'static str,
    record_count: i64,
    total_fen: &str,
    digest: &[u8],
) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        record_count,
        total_fen: total_fen
            .parse()
            .map_err(|error| StoreError::corrupt(column, error))?,
        digest: read_digest(column, digest)?,
    })
}
