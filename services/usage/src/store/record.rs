//! The accepted records.

use gazelle_kernel::{Date, FeeKind, Fen, MerchantId, Period, PlatformId, RecordId};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;
use uuid::Uuid;

use super::column::{Places, read_place};
use crate::domain::{
    key::{Place, RecordKey},
    record::{Record, RecordRef},
    ruling::Accepted,
};

/// A record to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewRecord<'a> {
    pub place: Place,
    pub record: RecordRef<'a>,
    /// The number of its fee kind.
    pub fee_kind: i32,
    /// With what it is kept.
    pub accepted: Accepted,
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
pub struct Compared {
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
) -> Result<Compared, StoreError> {
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
    Ok(Compared {
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

/// Records of a period in the order of their keys: those that stand, or those of a withdrawal.
pub async fn page(
    connection: &mut PgConnection,
    (platform, period): (&PlatformId, Period),
    withdrawal: i32,
    after: Option<RecordKey>,
    limit: i64,
) -> Result<Vec<(Place, Record)>, StoreError> {
    let after = after.map(|key| Uuid::from_u128(key.0));
    let rows = if withdrawal == 0 {
        let rows = sqlx::query_as!(
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
            after,
            limit,
        );
        rows.fetch_all(connection).await?
    } else {
        let rows = sqlx::query_as!(
            Row,
            "select platform, period, key, record_id, merchant_id, name as fee_kind, amount_fen, occurred_on,
                    reverses_record_id
             from withdrawn_record join fee_kind using (fee_kind)
             where platform = (select platform from platform where platform_id = $1) and period = $2
               and withdrawal = $3 and ($4::uuid is null or key > $4)
             order by key
             limit $5",
            platform.as_str(),
            period.index(),
            withdrawal,
            after,
            limit,
        );
        rows.fetch_all(connection).await?
    };
    rows.into_iter().map(Row::read).collect()
}
