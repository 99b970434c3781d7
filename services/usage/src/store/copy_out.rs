//! Reads all records of a period at once, with COPY: a third of what rows one by one cost.

use std::collections::HashMap;

use bytes::{Buf, Bytes};
use futures::{Stream, StreamExt, TryStreamExt};
use gazelle_kernel::Fen;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;
use time::{Date, Duration, macros::date};

use super::column::read_period;
use crate::domain::{KeySlice, PlatformPeriod, RecordKey, RecordRef, StoredRecord};

/// What COPY begins with: the signature, no flags, no further header.
const START: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Gives each record of a period that is in the slice to `take`, in any order; of the first slice
/// all reversals too. `fee_kinds` are the names of all numbers.
pub async fn read_slice(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    slice: &KeySlice,
    fee_kinds: &HashMap<i32, String>,
    mut take: impl FnMut(&StoredRecord<'_>),
) -> Result<(), StoreError> {
    // COPY takes no parameters; these are numbers, not what anybody sent.
    let (platform, period) = (platform.0, period.index());
    let keys = among(slice);
    let query = format!(
        "copy (select key, record_id, merchant_id, fee_kind, occurred_on, amount_fen, reverses_period,
                   reverses_record_id
               from record where platform = {platform} and period = {period} {keys})
         to stdout (format binary)"
    );
    let mut messages = copy_out(tx, &query).await?;
    while let Some(message) = messages.try_next().await? {
        let mut rows = &message[..];
        while is_row(&mut rows, 8)? {
            take(&read_record(&mut rows, fee_kinds)?);
        }
    }
    Ok(())
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
    (platform, period): PlatformPeriod,
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
    let mut messages = copy_out(tx, &query).await?;
    while let Some(message) = messages.try_next().await? {
        let mut rows = &message[..];
        while is_row(&mut rows, 9)? {
            let record = read_record(&mut rows, fee_kinds)?;
            take(&record, day(i32::from_be_bytes(number(&mut rows)?))?);
        }
    }
    Ok(())
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
    (platform, period): PlatformPeriod,
    mut take: impl FnMut(RecordKey),
) -> Result<(), StoreError> {
    let (platform, period) = (platform.0, period.index());
    let query = format!(
        "copy (select key from record where platform = {platform} and period = {period})
         to stdout (format binary)"
    );
    let mut messages = copy_out(tx, &query).await?;
    while let Some(message) = messages.try_next().await? {
        let mut rows = &message[..];
        while is_row(&mut rows, 1)? {
            take(read_key(&mut rows)?);
        }
    }
    Ok(())
}

/// Rows as they come, some in each message.
async fn copy_out<'a>(
    tx: &'a mut PgConnection,
    query: &'a str,
) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Unpin + 'a, StoreError> {
    let mut is_first = true;
    let messages = tx.copy_out_raw(query).await?;
    Ok(messages.map(move |message| {
        let mut rows = message?;
        if std::mem::take(&mut is_first) {
            if !rows.starts_with(START) {
                return Err(broken());
            }
            rows.advance(START.len());
        }
        Ok(rows)
    }))
}

/// Whether another row follows, with so many fields; none does at the end of the message, or of
/// all.
fn is_row(rows: &mut &[u8], fields: i16) -> Result<bool, StoreError> {
    if rows.is_empty() {
        return Ok(false);
    }
    match i16::from_be_bytes(array(rows)?) {
        count if count == fields => Ok(true),
        -1 => Ok(false),
        _ => Err(broken()),
    }
}

fn read_key(rows: &mut &[u8]) -> Result<RecordKey, StoreError> {
    Ok(RecordKey(u128::from_be_bytes(number(rows)?)))
}

fn read_record<'a>(
    rows: &mut &'a [u8],
    fee_kinds: &'a HashMap<i32, String>,
) -> Result<StoredRecord<'a>, StoreError> {
    let key = read_key(rows)?;
    let (id, merchant_id) = (text(rows)?, text(rows)?);
    let fee_kind = fee_kinds
        .get(&i32::from_be_bytes(number(rows)?))
        .ok_or_else(|| StoreError::corrupt("record.fee_kind", "a number without a name"))?;
    let occurred_on = day(i32::from_be_bytes(number(rows)?))?;
    let amount_fen = i64::from_be_bytes(number(rows)?);
    let (reverses_period, reverses) = match (field(rows)?, field(rows)?) {
        (Some(period), Some(id)) => {
            let period = period.try_into().map_err(|_| broken())?;
            let id = std::str::from_utf8(id).map_err(|_| broken())?;
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

fn text<'a>(rows: &mut &'a [u8]) -> Result<&'a str, StoreError> {
    std::str::from_utf8(field(rows)?.ok_or_else(broken)?).map_err(|_| broken())
}

fn number<const N: usize>(rows: &mut &[u8]) -> Result<[u8; N], StoreError> {
    field(rows)?
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(broken)
}

/// A field with its length before it; none: null.
fn field<'a>(rows: &mut &'a [u8]) -> Result<Option<&'a [u8]>, StoreError> {
    let Ok(length) = usize::try_from(i32::from_be_bytes(array(rows)?)) else {
        return Ok(None);
    };
    let (field, rest) = rows.split_at_checked(length).ok_or_else(broken)?;
    *rows = rest;
    Ok(Some(field))
}

fn array<const N: usize>(rows: &mut &[u8]) -> Result<[u8; N], StoreError> {
    let (array, rest) = rows.split_first_chunk().ok_or_else(broken)?;
    *rows = rest;
    Ok(*array)
}

fn broken() -> StoreError {
    StoreError::corrupt("record", "a row that COPY does not write")
}
