//! What platforms took back of open periods.

use std::collections::HashMap;

use gazelle_kernel::{Actor, Period, PlatformId};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;

use super::{column::read_period, receipt::read_receipt, statement::read_statement};
use crate::domain::{key::PlatformPeriod, withdrawal::Withdrawal};

/// Other periods whose reversals name records of this one, of which nobody reverses any meanwhile.
///
/// What is taken back of its records is kept in sum; only where that is more than its own reversals
/// take back are the other periods searched.
pub async fn find_reversing_periods(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
) -> Result<Vec<Period>, StoreError> {
    let reversed = sqlx::query_scalar!(
        r#"select coalesce((select sum(reversed_fen) from reversed where platform = $1 and period = $2), 0)
               > coalesce((select -sum(amount_fen) from record
                           where platform = $1 and period = $2 and reverses_period = $2), 0) as "elsewhere!""#,
        platform.0,
        period.index(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if !reversed {
        return Ok(Vec::new());
    }
    sqlx::query_scalar!(
        "select distinct period from record
         where platform = $1 and period > $2 and reverses_period = $2
         order by period",
        platform.0,
        period.index(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(read_period)
    .collect()
}

/// Gives back what reversals of a period had taken of records in others, and forgets what was taken
/// back of its own.
pub async fn give_back(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with taken as (
             select reverses_period, record_key(reverses_record_id) as key, -sum(amount_fen) as fen
             from record
             where platform = $1 and period = $2 and reverses_period <> $2
             group by reverses_period, record_key(reverses_record_id)
         )
         update reversed set reversed_fen = reversed_fen - fen::bigint
         from taken
         where (reversed.platform, reversed.key, reversed.period) = ($1, taken.key, taken.reverses_period)",
        platform.0,
        period.index(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from reversed where platform = $1 and period = $2",
        platform.0,
        period.index(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Moves the records of a period to where they are kept as evidence.
pub async fn move_records(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    number: i32,
) -> Result<u64, StoreError> {
    let moved = sqlx::query!(
        "with gone as (
             delete from record where platform = $1 and period = $2 returning *
         )
         insert into withdrawn_record (platform, period, withdrawal, fee_kind, amount_fen, key, occurred_on,
             fee_date, reverses_period, record_id, merchant_id, reverses_record_id)
         select platform, period, $3, fee_kind, amount_fen, key, occurred_on,
             fee_date, reverses_period, record_id, merchant_id, reverses_record_id
         from gone",
        platform.0,
        period.index(),
        number,
    )
    .execute(tx)
    .await?;
    Ok(moved.rows_affected())
}

/// Writes a withdrawal down.
pub async fn insert(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    withdrawal: &Withdrawal,
) -> Result<(), StoreError> {
    let stated = withdrawal.statement.as_ref();
    sqlx::query!(
        "insert into withdrawal (platform, period, number, withdrawn_at, withdrawn_by, record_count, total_fen,
             digest, refused_count, stated_count, stated_total_fen, stated_at, stated_by)
         values ($1, $2, $3, $4, $5, $6, $7::text::numeric, $8, $9, $10, $11, $12, $13)",
        platform.0,
        period.index(),
        withdrawal.number,
        withdrawal.withdrawn_at,
        withdrawal.withdrawn_by.as_str(),
        withdrawal.withdrawn.record_count,
        withdrawal.withdrawn.total_fen.to_string(),
        &withdrawal.withdrawn.digest,
        withdrawal.refused_count,
        stated.map(|stated| stated.record_count),
        stated.map(|stated| stated.total.get()),
        stated.map(|stated| stated.stated_at),
        stated.map(|stated| stated.stated_by.as_str()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Leaves a period that is locked as if nothing had been reported or stated.
pub async fn empty_period(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update period
         set accepted_count = 0, total_fen = 0, digest = decode(repeat('00', 32), 'hex'), revision = revision + 1,
             refused_count = 0, refused_by_seal_count = 0, stated_count = null, stated_total_fen = null,
             stated_at = null, stated_by = null, withdrawal_count = withdrawal_count + 1
         where platform = $1 and period = $2",
        platform.0,
        period.index(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The last withdrawal of each of these periods that has one.
pub async fn list_last(
    connection: &mut PgConnection,
    periods: &[(&PlatformId, Period)],
) -> Result<HashMap<(PlatformId, Period), Withdrawal>, StoreError> {
    let platform_ids = periods.iter().map(|(id, _)| id.as_str().to_owned());
    let platform_ids: Vec<String> = platform_ids.collect();
    let months: Vec<i16> = periods.iter().map(|(_, month)| month.index()).collect();
    sqlx::query!(
        r#"select distinct on (platform_id, period) platform_id, period, number, withdrawn_at, withdrawn_by,
                  record_count, total_fen::text as "total_fen!", digest, refused_count, stated_count,
                  stated_total_fen, stated_at, stated_by
           from withdrawal join platform using (platform)
                join unnest($1::text[], $2::int2[]) asked (platform_id, period) using (platform_id, period)
           order by platform_id, period, number desc"#,
        &platform_ids,
        &months,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let platform_id = read("platform.platform_id", PlatformId::parse(&row.platform_id))?;
        let column = "withdrawal.digest";
        let total_fen = &row.total_fen;
        let withdrawal = Withdrawal {
            number: row.number,
            withdrawn_at: row.withdrawn_at,
            withdrawn_by: Actor::new(row.withdrawn_by),
            withdrawn: read_receipt(column, row.record_count, total_fen, &row.digest)?,
            statement: read_statement(
                row.stated_count,
                row.stated_total_fen,
                row.stated_at,
                row.stated_by,
            ),
            refused_count: row.refused_count,
        };
        Ok(((platform_id, read_period(row.period)?), withdrawal))
    })
    .collect()
}
