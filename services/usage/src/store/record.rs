//! The accepted records.

use futures::{Stream, StreamExt, TryStreamExt};
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

/// A fee's row, and the numbers that are filled in.
#[derive(Debug, Clone, Copy)]
pub struct NewRow<'a> {
    /// As [`row::push`] made it.
    pub row: &'a [u8],
    /// The number of its platform.
    pub platform: PlatformNumber,
    /// The number of its fee kind.
    pub fee_kind: i32,
}

/// How many bytes go to the database at once.
const COPY_CHUNK_BYTES: usize = 64 * 1024;

/// Copies fees straight into the table, in the order of their places. If the database finds one
/// of the places taken, nothing of it stands and the transaction has failed.
pub async fn copy(
    tx: &mut PgConnection,
    rows: impl ExactSizeIterator<Item = NewRow<'_>>,
) -> Result<(), StoreError> {
    if rows.len() == 0 {
        return Ok(());
    }
    let mut copy = tx.copy_in_raw(row::COPY).await?;
    let mut buffer = Vec::with_capacity(COPY_CHUNK_BYTES + row::BYTES_MAX);
    buffer.extend_from_slice(row::HEADER);
    for new in rows {
        let start = buffer.len();
        buffer.extend_from_slice(new.row);
        row::set_numbers(&mut buffer[start..], new.platform, new.fee_kind);
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

// In the next three, `offset 0` keeps the planner from turning one look into the index for each key
// into a scan of all records, whatever it believes about their number.

/// What stands at a place, to be compared with what was sent.
#[derive(Debug)]
pub struct Held {
    fee_kind: i32,
    amount_fen: i64,
    occurred_on: Date,
    record_id: String,
    merchant_id: String,
    reverses_record_id: Option<String>,
}

impl Held {
    /// Whether a record for this place has the same content.
    pub fn is_same(&self, new: &NewRecord<'_>) -> bool {
        let record = RecordRef {
            id: &self.record_id,
            merchant_id: &self.merchant_id,
            fee_kind: new.record.fee_kind,
            occurred_on: self.occurred_on,
            amount: Fen::new(self.amount_fen),
            reverses: self.reverses_record_id.as_deref(),
        };
        self.fee_kind == new.fee_kind && record == new.record
    }
}

/// What stands at each of these places.
pub async fn look_up(
    tx: &mut PgConnection,
    places: impl IntoIterator<Item = Place>,
) -> Result<Vec<Option<Held>>, StoreError> {
    let places: Places = places.into_iter().collect();
    let mut held: Vec<Option<Held>> = places.keys.iter().map(|_| None).collect();
    let mut rows = sqlx::query!(
        r#"select at as "at!", fee_kind, amount_fen, occurred_on, record_id, merchant_id, reverses_record_id
           from unnest($1::int2[], $2::int2[], $3::uuid[]) with ordinality wanted (platform, period, key, at)
           cross join lateral (
               select * from record
               where platform = wanted.platform and period = wanted.period and key = wanted.key
               offset 0
           ) r"#,
        &places.platforms,
        &places.periods,
        &places.keys,
    )
    .fetch(tx);
    while let Some(row) = rows.try_next().await? {
        let at = usize::try_from(row.at - 1)
            .ok()
            .and_then(|at| held.get_mut(at));
        *at.expect("the ordinals of the places asked for") = Some(Held {
            fee_kind: row.fee_kind,
            amount_fen: row.amount_fen,
            occurred_on: row.occurred_on,
            record_id: row.record_id,
            merchant_id: row.merchant_id,
            reverses_record_id: row.reverses_record_id,
        });
    }
    Ok(held)
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

/// What stands under these keys in the same or an earlier period.
pub async fn find_through(
    tx: &mut PgConnection,
    places: impl IntoIterator<Item = Place>,
) -> Result<Vec<(Place, Record)>, StoreError> {
    let places: Places = places.into_iter().collect();
    sqlx::query_as!(
        Row,
        "select r.platform, r.period, r.key, record_id, merchant_id, name as fee_kind, amount_fen, occurred_on,
                reverses_record_id
         from unnest($1::int2[], $2::int2[], $3::uuid[]) wanted (platform, period, key)
         join period p on p.platform = wanted.platform and p.period <= wanted.period
         cross join lateral (
             select * from record
             where platform = p.platform and period = p.period and key = wanted.key
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

/// All records of a period in the order of their keys, as they come from the database.
pub fn read_all(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    period: Period,
) -> impl Stream<Item = Result<Record, StoreError>> {
    sqlx::query_as!(
        Row,
        "select platform, period, key, record_id, merchant_id, name as fee_kind, amount_fen, occurred_on,
                reverses_record_id
         from record join fee_kind using (fee_kind)
         where platform = $1 and period = $2
         order by key",
        platform.0,
        period.index(),
    )
    .fetch(tx)
    .map(|row| Ok(row?.read()?.1))
}
