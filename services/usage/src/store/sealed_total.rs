//! The totals of sealed periods.

use futures::{Stream, StreamExt};
use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, Period, PlatformId};
use sqlx::PgConnection;

use super::{StoreError, read};
use crate::domain::PlatformPeriod;

/// The sum of one merchant's fees of one kind and fee date in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// Who was charged.
    pub merchant_id: MerchantId,
    /// What for.
    pub fee_kind: FeeKind,
    /// The day on which the fees count.
    pub fee_date: Date,
    /// Their sum.
    pub fee: Fen,
    /// How many records.
    pub record_count: i64,
}

/// Makes the totals of a period that is about to be sealed. Fails where a sum leaves 64 bits.
pub async fn insert(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into sealed_total (platform, period, merchant_id, fee_kind, fee_date, fee_fen, record_count)
         select platform, period, merchant_id, fee_kind, fee_date, sum(amount_fen)::bigint, count(*)
         from record
         where platform = $1 and period = $2
         group by platform, period, merchant_id, fee_kind, fee_date",
        platform.0,
        period.index(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whose sum leaves 64 bits, and which: merchant, fee kind, fee date.
pub async fn find_overflow(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
) -> Result<Option<(String, String, Date)>, StoreError> {
    let row = sqlx::query!(
        "select merchant_id, name, fee_date
         from record join fee_kind using (fee_kind)
         where platform = $1 and period = $2
         group by merchant_id, name, fee_date
         having sum(amount_fen) not between -9223372036854775808 and 9223372036854775807
         order by merchant_id, name, fee_date
         limit 1",
        platform.0,
        period.index(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.merchant_id, row.name, row.fee_date)))
}

/// The totals of a period by merchant, kind and day, as they come from the database.
pub fn read_all<'a>(
    tx: &'a mut PgConnection,
    platform: &'a PlatformId,
    period: Period,
) -> impl Stream<Item = Result<Total, StoreError>> + 'a {
    sqlx::query!(
        "select merchant_id, name, fee_date, fee_fen, record_count
         from sealed_total join fee_kind using (fee_kind)
         where platform = (select platform from platform where platform_id = $1) and period = $2
         order by merchant_id, name, fee_date",
        platform.as_str(),
        period.index(),
    )
    .fetch(tx)
    .map(|row| {
        let row = row?;
        Ok(Total {
            merchant_id: read(
                "sealed_total.merchant_id",
                MerchantId::parse(&row.merchant_id),
            )?,
            fee_kind: read("fee_kind.name", FeeKind::parse(&row.name))?,
            fee_date: row.fee_date,
            fee: Fen::new(row.fee_fen),
            record_count: row.record_count,
        })
    })
}
