//! The totals of sealed periods.

use futures::{Stream, StreamExt};
use gazelle_kernel::{Date, MerchantId, Period, PlatformId};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;

use crate::domain::{key::PlatformPeriod, totals::Total};

/// Makes the totals of a period that is about to be sealed. Fails where a sum leaves 64 bits.
///
/// Neither step needs an order, so neither may sort: statistics that are of a time before the
/// records came would have all of them sorted to add them up.
pub async fn insert(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into sealed_total (platform, period, merchant_id, fee_kinds, fee_dates, fees_fen, record_counts)
         select $1, $2, merchant_id, array_agg(fee_kind), array_agg(fee_date), array_agg(fee_fen),
             array_agg(record_count)
         from (
             select merchant_id, fee_kind, fee_date, sum(amount_fen)::bigint as fee_fen, count(*) as record_count
             from record
             where platform = $1 and period = $2
             group by merchant_id, fee_kind, fee_date
         ) total
         group by merchant_id",
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
    PlatformPeriod { platform, period }: PlatformPeriod,
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

/// Whether the totals of a sealed period, which has so many records, are those that its records
/// make; a merchant whose are not.
pub async fn find_other(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    record_count: i64,
) -> Result<Option<String>, StoreError> {
    let found = sqlx::query!(
        r#"with made as (
               select merchant_id, fee_kind, fee_date, sum(amount_fen) as fee_fen, count(*) as record_count
               from record
               where platform = $1 and period = $2
               group by merchant_id, fee_kind, fee_date
           ), kept as (
               select merchant_id, total.*
               from sealed_total
               cross join unnest(fee_kinds, fee_dates, fees_fen, record_counts)
                   total (fee_kind, fee_date, fee_fen, record_count)
               where platform = $1 and period = $2
           )
           select min(merchant_id) filter (
                      where made.record_count is distinct from kept.record_count
                         or made.fee_fen is distinct from kept.fee_fen) as other,
                  coalesce(sum(kept.record_count), 0) = $3 as "is_whole!"
           from made full join kept using (merchant_id, fee_kind, fee_date)"#,
        platform.0,
        period.index(),
        record_count as i64,
    )
    .fetch_one(tx)
    .await?;
    // A total that is there twice differs from none.
    let twice = || (!found.is_whole).then(|| "some merchant".to_owned());
    Ok(found.other.or_else(twice))
}

/// The totals of each merchant of a period, by merchant, as they come from the database; those of
/// one in any order.
pub fn read_all<'a>(
    tx: &'a mut PgConnection,
    platform: &'a PlatformId,
    period: Period,
) -> impl Stream<Item = Result<(MerchantId, Vec<Total>), StoreError>> + 'a {
    sqlx::query!(
        "select merchant_id, fee_kinds, fee_dates, fees_fen, record_counts
         from sealed_total
         where platform = (select platform from platform where platform_id = $1) and period = $2
         order by merchant_id",
        platform.as_str(),
        period.index(),
    )
    .fetch(tx)
    .map(|row| {
        let row = row?;
        let merchant_id = read(
            "sealed_total.merchant_id",
            MerchantId::parse(&row.merchant_id),
        )?;
        let kinds_and_days = row.fee_kinds.into_iter().zip(row.fee_dates);
        let figures = row.fees_fen.into_iter().zip(row.record_counts);
        let totals =
            kinds_and_days
                .zip(figures)
                .map(|((fee_kind, fee_date), (fee_fen, record_count))| Total {
                    fee_kind,
                    fee_date,
                    fee_fen,
                    record_count,
                });
        Ok((merchant_id, totals.collect()))
    })
}
