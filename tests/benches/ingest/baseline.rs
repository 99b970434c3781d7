//! What ingest is compared with: COPY over one connection in one commit, in the order of arrival,
//! and our writers without gRPC. All bytes are there before the time starts.

use std::str::FromStr as _;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use futures::future::join_all;
use gazelle_runtime::config::{DatabaseConfig, DatabaseUrl};
use gazelle_usage::bench::Direct;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Executor as _, PgConnection};
use time::macros::date;
use time::{Date, Month};
use tokio::task::JoinSet;

use crate::data::{FEE_KINDS, Lane, PLATFORMS, Row, Shape};
use crate::measured::Measured;
use crate::server::Database;

/// How the service's own table is copied into.
const COPY_SAME: &str = "copy record (platform, period, fee_kind, amount_fen, key, occurred_on, fee_date, \
     record_id, merchant_id) from stdin (format binary)";

/// The table that one would write first.
const CREATE_TEXT: &str = "create table textbook (platform_id text not null, record_id text not null, \
     merchant_id text not null, fee_kind text not null, occurred_on date not null, amount_fen bigint not null, \
     reverses text, primary key (platform_id, record_id))";

/// How that is.
const COPY_TEXT: &str = "copy textbook (platform_id, record_id, merchant_id, fee_kind, occurred_on, amount_fen) \
     from stdin (format binary)";

/// How many bytes go to the database at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// The signature of COPY's binary form, no flags, no further header.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Where the database's days begin.
const EPOCH: Date = date!(2000 - 01 - 01);

fn put(buffer: &mut Vec<u8>, field: &[u8]) {
    buffer.extend_from_slice(&i32::try_from(field.len()).unwrap().to_be_bytes());
    buffer.extend_from_slice(field);
}

fn days(row: &Row) -> [u8; 4] {
    let day: u8 = row.record.occurred_on[8..].parse().unwrap();
    let month = Month::try_from(u8::try_from(row.period_number).unwrap()).unwrap();
    let date = Date::from_calendar_date(2017, month, day).unwrap();
    (date.to_julian_day() - EPOCH.to_julian_day()).to_be_bytes()
}

fn copied(shape: Shape, fields: i16, put_row: impl Fn(&mut Vec<u8>, &Row)) -> Vec<u8> {
    let mut buffer = HEADER.to_vec();
    for row in shape.rows() {
        buffer.extend_from_slice(&fields.to_be_bytes());
        put_row(&mut buffer, &row);
    }
    buffer.extend_from_slice(&(-1_i16).to_be_bytes());
    buffer
}

/// Records as they are copied into the service's own table.
pub fn same_table(shape: Shape) -> Vec<u8> {
    copied(shape, 9, |buffer, row| {
        let Row {
            platform,
            period_number,
            record,
            fee: _,
        } = row;
        let platform = i16::try_from(platform + 1).unwrap();
        let period = i16::try_from(2017 * 12 + period_number - 1).unwrap();
        let fee_kind = FEE_KINDS.iter().position(|kind| *kind == record.fee_kind);
        let fee_kind = i32::try_from(fee_kind.unwrap() + 1).unwrap();
        let days = days(row);
        put(buffer, &platform.to_be_bytes());
        put(buffer, &period.to_be_bytes());
        put(buffer, &fee_kind.to_be_bytes());
        put(buffer, &record.amount_fen.to_be_bytes());
        put(buffer, &Sha256::digest(&record.record_id)[..16]);
        put(buffer, &days);
        put(buffer, &days);
        put(buffer, record.record_id.as_bytes());
        put(buffer, record.merchant_id.as_bytes());
    })
}

/// Records as they are copied into the textbook's.
pub fn text_table(shape: Shape) -> Vec<u8> {
    copied(shape, 6, |buffer, row| {
        put(buffer, PLATFORMS[row.platform].as_bytes());
        put(buffer, row.record.record_id.as_bytes());
        put(buffer, row.record.merchant_id.as_bytes());
        put(buffer, row.record.fee_kind.as_bytes());
        put(buffer, &days(row));
        put(buffer, &row.record.amount_fen.to_be_bytes());
    })
}

/// COPY into the service's own table.
pub async fn copy_same(database: &Database<'_>, bytes: &[u8]) -> Result<Measured> {
    copy(database, COPY_SAME, bytes).await
}

/// COPY into the textbook's table.
pub async fn copy_text(database: &Database<'_>, bytes: &[u8]) -> Result<Measured> {
    let mut connection = PgConnection::connect(&database.superuser_url()).await?;
    connection.execute(CREATE_TEXT).await?;
    copy(database, COPY_TEXT, bytes).await
}

async fn copy(database: &Database<'_>, statement: &'static str, bytes: &[u8]) -> Result<Measured> {
    let mut connection = PgConnection::connect(&database.superuser_url()).await?;
    let before = database.used(None).await?;
    let started = Instant::now();
    let mut copy = connection.copy_in_raw(statement).await?;
    for chunk in bytes.chunks(CHUNK_BYTES) {
        copy.send(chunk).await?;
    }
    let copied = copy.finish().await.context("COPY failed")?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Measured {
        seconds,
        accepted: usize::try_from(copied)?,
        duplicates: 0,
        used: database.used(None).await?.since(&before),
    })
}

/// Our writers in this process: everything but gRPC.
pub async fn own_writer(database: &Database<'_>, lanes: Vec<Lane>) -> Result<Measured> {
    let config =
        DatabaseConfig::new(DatabaseUrl::from_str(&database.url()).map_err(anyhow::Error::msg)?);
    let direct = Direct::start(&config).await?;
    let before = database.used(None).await?;
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for lane in lanes {
        let ingest = direct.ingest();
        tasks.spawn(async move {
            let mut answers = Vec::new();
            for message in lane.messages {
                answers.push(ingest.submit(message).await?);
            }
            let mut accepted = 0;
            for count in join_all(answers).await {
                accepted += usize::try_from(count?)?;
            }
            anyhow::Ok(accepted)
        });
    }
    let accepted: usize = tasks.join_all().await.into_iter().sum::<Result<_>>()?;
    let seconds = started.elapsed().as_secs_f64();
    let used = database.used(None).await?.since(&before);
    direct.finish().await;
    ensure!(accepted > 0, "the writers took nothing");
    Ok(Measured {
        seconds,
        accepted,
        duplicates: 0,
        used,
    })
}
