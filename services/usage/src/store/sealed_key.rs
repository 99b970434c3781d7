//! Which record ids sealed periods claim, by the starts of their keys.

use std::collections::BTreeMap;

use futures::{Stream, StreamExt, TryStreamExt};
use gazelle_kernel::Period;
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::column::read_period;
use crate::{
    domain::{
        key::{KeyStart, PlatformNumber, PlatformPeriod},
        slice::KeySlice,
    },
    tuning::KEY_PARTS_AT_ONCE,
};

/// The starts of the keys that a sealed period claims in one part of all keys, in order.
#[derive(Debug)]
pub struct Part {
    /// Which part: the keys' first byte.
    pub number: u8,
    pub period: Period,
    /// Five bytes of each.
    pub starts: Vec<u8>,
}

/// Adds what a period claims that is about to be sealed.
pub async fn insert(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    parts: impl Iterator<Item = (u8, Vec<u8>)>,
) -> Result<(), StoreError> {
    let mut parts = parts.peekable();
    while parts.peek().is_some() {
        let (numbers, starts): (Vec<i16>, Vec<Vec<u8>>) = parts
            .by_ref()
            .take(KEY_PARTS_AT_ONCE)
            .map(|(part, starts)| (i16::from(part), starts))
            .unzip();
        sqlx::query!(
            "insert into sealed_key (platform, period, part, keys)
             select $1, $2, * from unnest($3::int2[], $4::bytea[])",
            platform.0,
            period.index(),
            &numbers,
            &starts,
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Gives the start of each key that a sealed period claims to `take`, in any order. These are all
/// that it holds, and no more than a few others.
pub async fn read(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    mut take: impl FnMut(KeyStart),
) -> Result<(), StoreError> {
    let mut parts = sqlx::query!(
        "select part, keys from sealed_key
         where platform = $1 and part between 0 and 255 and period = $2",
        platform.0,
        period.index(),
    )
    .fetch(tx);
    while let Some(row) = parts.try_next().await? {
        let part = read_part(row.part)?;
        for start in row.keys.as_chunks().0 {
            take(KeyStart::from_bytes(part, *start));
        }
    }
    Ok(())
}

/// What a sealed period claims in a slice, by part as it is kept.
pub async fn list(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    slice: &KeySlice,
) -> Result<BTreeMap<u8, Vec<u8>>, StoreError> {
    sqlx::query!(
        "select part, keys from sealed_key
         where platform = $1 and part between $2 and $3 and period = $4",
        platform.0,
        i16::from(*slice.start()),
        i16::from(*slice.end()),
        period.index(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| Ok((read_part(row.part)?, row.keys)))
    .collect()
}

fn read_part(part: i16) -> Result<u8, StoreError> {
    u8::try_from(part).map_err(|error| StoreError::corrupt("sealed_key.part", error))
}

/// What the platform's sealed periods claim in a slice, as it comes from the database.
pub fn read_slice(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    slice: &KeySlice,
) -> impl Stream<Item = Result<Part, StoreError>> {
    sqlx::query!(
        "select part, period, keys from sealed_key where platform = $1 and part between $2 and $3",
        platform.0,
        i16::from(*slice.start()),
        i16::from(*slice.end()),
    )
    .fetch(tx)
    .map(|row| {
        let row = row?;
        Ok(Part {
            number: read_part(row.part)?,
            period: read_period(row.period)?,
            starts: row.keys,
        })
    })
}
