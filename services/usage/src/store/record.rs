//! The accepted records.

use std::hint::black_box;

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, Period, PlatformId, RecordId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Places, StoreError, read, read_place, row};
use crate::domain::{Accepted, Place, PlatformNumber, Record, RecordKey, RecordRef};

/// A record to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    /// Where.
    pub place: Place,
    /// What it says.
    pub record: RecordRef<'a>,
    /// The number of its fee kind.
    pub fee_kind: i32,
    /// With what it is kept.
    pub accepted: Accepted,
}

/// A record's row, and what is filled in.
#[derive(Debug, Clone, Copy)]
pub struct NewRow<'a> {
    /// As [`row::push`] made it.
    pub row: &'a [u8],
    /// The number of its platform.
    pub platform: PlatformNumber,
    /// The number of its fee kind.
    pub fee_kind: i32,
    /// Of a reversal.
    pub accepted: Option<&'a Accepted>,
}

impl NewRow<'_> {
    /// Reads a little of each line of memory of a row.
    fn touch(&self) -> u8 {
        let lines = self.row.chunks(64).map(|line| line[0]);
        lines.fold(0, u8::wrapping_add)
    }
}

/// How many rows are touched before they are copied. Their order is not that of memory, so each
/// would be waited for; touched one right after the other, they are waited for together.
const ROWS_AHEAD: usize = 32;

/// How many bytes go to the database at once.
const COPY_CHUNK_BYTES: usize = 64 * 1024;

/// Copies records straight into the table, in the order of their places, with one of the
/// statements of [`row`]. If the database finds one of the places taken, nothing of it stands and
/// the transaction has failed.
pub async fn copy(
    tx: &mut PgConnection,
    statement: &'static str,
    rows: &[NewRow<'_>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut copy = tx.copy_in_raw(statement).await?;
    let mut buffer = Vec::with_capacity(COPY_CHUNK_BYTES + ROWS_AHEAD * row::BYTES_MAX);
    buffer.extend_from_slice(row::HEADER);
    for some in rows.chunks(ROWS_AHEAD) {
        black_box(some.iter().map(NewRow::touch).fold(0, u8::wrapping_add));
        for new in some {
            let start = buffer.len();
            buffer.extend_from_slice(new.row);
            row::set_numbers(&mut buffer[start..], new.platform, new.fee_kind);
            if statement == row::COPY_ALL {
                row::complete(&mut buffer, start, new.accepted);
            }
        }
        if buffer.len() >= COPY_CHUNK_BYTES {
            copy.send(&*buffer).await?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&row::END);
    copy.send(&*buffer).await?;
    copy.finish().await?;
    Ok(())
}

/// Inserts records, in the order of their places, where nothing stands; returns those places.
pub async fn insert(
    tx: &mut PgConnection,
    records: &[NewRecord<'_>],
) -> Result<Vec<Place>, StoreError> {
    let places: Places = records.iter().map(|new| new.place).collect();
    let ids: Vec<&str> = records.iter().map(|new| new.record.id).collect();
    let merchants: Vec<&str> = records.iter().map(|new| new.record.merchant_id).collect();
    let fee_kinds: Vec<i32> = records.iter().map(|new| new.fee_kind).collect();
    let amounts: Vec<i64> = records.iter().map(|new| new.record.amount.get()).collect();
    let occurred: Vec<Date> = records.iter().map(|new| new.record.occurred_on).collect();
    let fee_dates: Vec<Date> = records.iter().map(|new| new.accepted.fee_date).collect();
    let reverses: Vec<Option<&str>> = records.iter().map(|new| new.record.reverses).collect();
    let reverses_periods: Vec<Option<i16>> = records
        .iter()
        .map(|new| Some(new.accepted.reverses?.period.index()))
        .collect();
    sqlx::query!(
        "insert into record (platform, period, key, record_id, merchant_id, fee_kind, amount_fen, occurred_on,
             fee_date, reverses_period, reverses_record_id)
         select * from unnest($1::int2[], $2::int2[], $3::uuid[], $4::text[], $5::text[], $6::int4[], $7::int8[],
             $8::date[], $9::date[], $10::int2[], $11::text[])
         on conflict do nothing
         returning platform, period, key",
        &places.platforms,
        &places.periods,
        &places.keys,
        &ids as &[&str],
        &merchants as &[&str],
        &fee_kinds,
        &amounts,
        &occurred,
        &fee_dates,
        &reverses_periods as &[Option<i16>],
        &reverses as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| read_place(row.platform, row.period, row.key))
    .collect()
}

/// A row as it is stored.
struct Row {
    platform: i16,
    period: i16,
    key: Uuid,
    record_id: String,
    merchant_id: String,
    fee_kind: String,
    amount_fen: i64,
    occurred_on: Date,
    reverses_record_id: Option<String>,
}

impl Row {
    fn read(self) -> Result<(Place, Record), StoreError> {
        let id = |column, text: &str| read(column, RecordId::parse(text));
        let record = Record {
            id: id("record.record_id", &self.record_id)?,
            merchant_id: read("record.merchant_id", MerchantId::parse(&self.merchant_id))?,
            fee_kind: read("fee_kind.name", FeeKind::parse(&self.fee_kind))?,
            occurred_on: self.occurred_on,
            amount: Fen::new(self.amount_fen),
            reverses: self
                .reverses_record_id
                .map(|text| id("record.reverses_record_id", &text))
                .transpose()?,
        };
        Ok((read_place(self.platform, self.period, self.key)?, record))
    }
}

// In the next two, `offset 0` keeps the planner from turning one look into the index for each key
// into a scan of all records, whatever it believes about their number.

/// Which of some fees stand already, by their positions among them.
#[derive(Debug, Default)]
pub struct Standing {
    /// With the same content.
    pub same: Vec<usize>,
    /// With other content; or a reversal.
    pub other: Vec<usize>,
}

/// Compares fees with what stands at their places. The database does it, since moving all of that
/// here would take longer.
pub async fn compare(
    tx: &mut PgConnection,
    fees: &[NewRecord<'_>],
) -> Result<Standing, StoreError> {
    let places: Places = fees.iter().map(|fee| fee.place).collect();
    let kinds: Vec<i32> = fees.iter().map(|fee| fee.fee_kind).collect();
    let amounts: Vec<i64> = fees.iter().map(|fee| fee.record.amount.get()).collect();
    let days: Vec<Date> = fees.iter().map(|fee| fee.record.occurred_on).collect();
    let ids: Vec<&str> = fees.iter().map(|fee| fee.record.id).collect();
    let merchants: Vec<&str> = fees.iter().map(|fee| fee.record.merchant_id).collect();
    let found = sqlx::query!(
        r#"select coalesce(array_agg(at) filter (where is_same), '{}') as "same!",
                  coalesce(array_agg(at) filter (where not is_same), '{}') as "other!"
           from (
               select at, (r.fee_kind, r.amount_fen, r.occurred_on, r.record_id, r.merchant_id)
                   = (given.fee_kind, given.amount_fen, given.occurred_on, given.record_id, given.merchant_id)
                   and r.reverses_record_id is null as is_same
               from unnest($1::int2[], $2::int2[], $3::uuid[], $4::int4[], $5::int8[], $6::date[], $7::text[],
                   $8::text[]) with ordinality given (platform, period, key, fee_kind, amount_fen, occurred_on,
                   record_id, merchant_id, at)
               cross join lateral (
                   select * from record
                   where platform = given.platform and period = given.period and key = given.key
                   offset 0
               ) r
           ) found"#,
        &places.platforms,
        &places.periods,
        &places.keys,
        &kinds,
        &amounts,
        &days,
        &ids as &[&str],
        &merchants as &[&str],
    )
    .fetch_one(tx)
    .await?;
    let positions = |ordinals: Vec<i64>| {
        let position = |ordinal: i64| usize::try_from(ordinal - 1);
        let positions: Result<Vec<usize>, _> = ordinals.into_iter().map(position).collect();
        positions.expect("ordinals count from 1")
    };
    Ok(Standing {
        same: positions(found.same),
        other: positions(found.other),
    })
}

/// What stands at these places.
pub async fn find(
    tx: &mut PgConnection,
    places: impl IntoIterator<Item = Place>,
) -> Result<Vec<(Place, Record)>, StoreError> {
    let places: Places = places.into_iter().collect();
    sqlx::query_as!(
        Row,
        "select r.platform, r.period, r.key, record_id, merchant_id, name as fee_kind, amount_fen, occurred_on,
                reverses_record_id
         from unnest($1::int2[], $2::int2[], $3::uuid[]) wanted (platform, period, key)
         cross join lateral (
             select * from record
             where platform = wanted.platform and period = wanted.period and key = wanted.key
             offset 0
         ) r
         join fee_kind using (fee_kind)",
        &places.platforms,
        &places.periods,
        &places.keys,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// Records of a period in the order of their keys.
pub async fn list(
    connection: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
    after: Option<RecordKey>,
    limit: i64,
) -> Result<Vec<(Place, Record)>, StoreError> {
    sqlx::query_as!(
        Row,
        "select platform, period, key, record_id, merchant_id, name as fee_kind, amount_fen, occurred_on,
                reverses_record_id
         from record join fee_kind using (fee_kind)
         where platform = (select platform from platform where platform_id = $1) and period = $2
           and ($3::uuid is null or key > $3)
         order by key
         limit $4",
        platform.as_str(),
        period.index(),
        after.map(|key| Uuid::from_u128(key.0)),
        limit,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// The record of a key.
pub async fn find_one(
    connection: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
    key: RecordKey,
) -> Result<Option<(Place, Record)>, StoreError> {
    sqlx::query_as!(
        Row,
        "select platform, period, key, record_id, merchant_id, name as fee_kind, amount_fen, occurred_on,
                reverses_record_id
         from record join fee_kind using (fee_kind)
         where platform = (select platform from platform where platform_id = $1) and period = $2 and key = $3",
        platform.as_str(),
        period.index(),
        Uuid::from_u128(key.0),
    )
    .fetch_optional(connection)
    .await?
    .map(Row::read)
    .transpose()
}
