//! Reads all records of a period at once, with COPY.

use std::collections::HashMap;

use gazelle_kernel::Fen;
use gazelle_runtime::store::{
    StoreError,
    copy_out::{CopiedRow, for_each},
};
use sqlx::PgConnection;
use time::{Date, Duration, macros::date};

use super::column::read_period;
use crate::domain::{
    count::StoredRecord,
    key::{PlatformPeriod, RecordKey},
    record::RecordRef,
    slice::KeySlice,
};

/// Gives each record of a period that is in the slice to `take`, in any order; of the first slice
/// all reversals too. `fee_kinds` are the names of all numbers.
pub async fn read_slice(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    slice: &KeySlice,
    fee_kinds: &HashMap<i32, String>,
    mut take: impl FnMut(&StoredRecord<'_>),
) -> Result<(), StoreError> {
    let (platform, period) = (platform.0, period.index());
    let keys = among(slice);
    let query = format!(
        "copy (select key, record_id, merchant_id, fee_kind, occurred_on, amount_fen, reverses_period,
                   reverses_record_id
               from record where platform = {platform} and period = {period} {keys})
         to stdout (format binary)"
    );
    for_each(tx, &query, 8, |mut row| {
        take(&read_record(&mut row, fee_kinds)?);
        Ok(())
    })
    .await
}

/// Which records of a period to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Those that stand.
    Standing,
    /// Those of the withdrawal with this number.
    Withdrawn(i32),
}

/// As [`read_slice`], each with its fee date.
pub async fn read_dated(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    rows: Rows,
    slice: &KeySlice,
    fee_kinds: &HashMap<i32, String>,
    mut take: impl FnMut(&StoredRecord<'_>, Date),
) -> Result<(), StoreError> {
    let (platform, period) = (platform.0, period.index());
    let (table, withdrawal) = match rows {
        Rows::Standing => ("record", String::new()),
        Rows::Withdrawn(number) => ("withdrawn_record", format!("and withdrawal = {number}")),
    };
    let keys = among(slice);
    let query = format!(
        "copy (select key, record_id, merchant_id, fee_kind, occurred_on, amount_fen, reverses_period,
                   reverses_record_id, fee_date
               from {table} where platform = {platform} and period = {period} {withdrawal} {keys})
         to stdout (format binary)"
    );
    for_each(tx, &query, 9, |mut row| {
        let record = read_record(&mut row, fee_kinds)?;
        take(&record, day(row.int4()?)?);
        Ok(())
    })
    .await
}

/// Which records are in a slice; of the first, all reversals too.
fn among(slice: &KeySlice) -> String {
    let (first, last) = (*slice.start(), *slice.end());
    if (first, last) == (0, 255) {
        return String::new();
    }
    let end = "ff".repeat(15);
    let reversals = if first == 0 {
        "or reverses_period is not null"
    } else {
        ""
    };
    format!(
        "and (key between '{first:02x}{:030}' and '{last:02x}{end}' {reversals})",
        0
    )
}

/// Gives the key of each record of a period to `take`, in any order.
pub async fn read_keys(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    take: impl FnMut(RecordKey),
) -> Result<(), StoreError> {
    let (platform, period) = (platform.0, period.index());
    let query = format!(
        "copy (select key from record where platform = {platform} and period = {period})
         to stdout (format binary)"
    );
    take_keys(tx, &query, take).await
}

/// Gives some keys of a period to `take`: for each beginning of so many bits, at most 32, the first
/// `each` from there on; where there are fewer, those of the next again. Takes no longer the larger
/// the period.
pub async fn read_spread_keys(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    bits: u32,
    each: i64,
    take: impl FnMut(RecordKey),
) -> Result<(), StoreError> {
    let (platform, period) = (platform.0, period.index());
    let (last, shift, rest) = ((1_u64 << bits) - 1, 32 - bits, "0".repeat(24));
    let query = format!(
        "copy (select first.key
               from generate_series(0::bigint, {last}) beginning
               cross join lateral (
                   select key from record
                   where platform = {platform} and period = {period}
                     and key >= (lpad(to_hex(beginning << {shift}), 8, '0') || '{rest}')::uuid
                   order by key limit {each}
               ) first)
         to stdout (format binary)"
    );
    take_keys(tx, &query, take).await
}

async fn take_keys(
    tx: &mut PgConnection,
    query: &str,
    mut take: impl FnMut(RecordKey),
) -> Result<(), StoreError> {
    for_each(tx, query, 1, |mut row| {
        take(read_key(&mut row)?);
        Ok(())
    })
    .await
}

fn read_key(fields: &mut CopiedRow<'_, '_>) -> Result<RecordKey, StoreError> {
    Ok(RecordKey(u128::from_be_bytes(fields.array()?)))
}

fn read_record<'a, 'row: 'a>(
    fields: &mut CopiedRow<'row, '_>,
    fee_kinds: &'a HashMap<i32, String>,
) -> Result<StoredRecord<'a>, StoreError> {
    let key = read_key(fields)?;
    let (id, merchant_id) = (fields.text()?, fields.text()?);
    let fee_kind = fee_kinds
        .get(&fields.int4()?)
        .ok_or_else(|| StoreError::corrupt("record.fee_kind", "a number without a name"))?;
    let occurred_on = day(fields.int4()?)?;
    let amount_fen = fields.int8()?;
    let broken = || StoreError::corrupt("record.reverses_period", "not with the record's id");
    let (reverses_period, reverses) = match (fields.bytes()?, fields.optional_text()?) {
        (Some(period), Some(id)) => {
            let period = period.try_into().map_err(|_| broken())?;
            (Some(read_period(i16::from_be_bytes(period))?), Some(id))
        }
        (None, None) => (None, None),
        (Some(_), None) | (None, Some(_)) => return Err(broken()),
    };
    Ok(StoredRecord {
        key,
        record: RecordRef {
            id,
            merchant_id,
            fee_kind,
            occurred_on,
            amount: Fen::new(amount_fen),
            reverses,
        },
        reverses_period,
    })
}

/// PostgreSQL counts days from 2000.
fn day(days: i32) -> Result<Date, StoreError> {
    date!(2000 - 01 - 01)
        .checked_add(Duration::days(days.into()))
        .ok_or_else(|| StoreError::corrupt("record.occurred_on", "a day beyond the calendar"))
}
