//! What ingest is compared with.

use std::str::FromStr as _;
use std::time::Instant;

use futures::future::join_all;
use gazelle_runtime::config::{DatabaseConfig, DatabaseUrl};
use gazelle_usage::bench::Direct;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Executor as _, PgConnection};
use time::macros::date;
use time::{Date, Month};
use tokio::task::JoinSet;

use crate::data::{Lane, PLATFORMS, Row};
use crate::report::Measured;
use crate::server::Database;

/// How the service's own table is copied into.
pub const COPY_SAME: &str = "copy record (platform, period, fee_kind, amount_fen, key, occurred_on, fee_date, \
     record_id, merchant_id) from stdin (format binary)";

/// How the textbook's is.
pub const COPY_TEXT: &str = "copy textbook from stdin (format binary)";

/// How many bytes go to the database at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// The signature of COPY's binary form, no flags, no further header.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The table that one would write first.
pub async fn create_text_table(database: &Database<'_>) {
    let mut connection = PgConnection::connect(&database.owner_url()).await.unwrap();
    let create = "create table textbook (platform_id text, period text, record_id text, merchant_id text, \
                  fee_kind text, occurred_on text, amount_fen text, primary key (platform_id, record_id))";
    connection.execute(create).await.unwrap();
}

fn put(buffer: &mut Vec<u8>, field: &[u8]) {
    buffer.extend_from_slice(&i32::try_from(field.len()).unwrap().to_be_bytes());
    buffer.extend_from_slice(field);
}

/// Rows as they are copied into the service's own table, in the order in which they arrive.
pub fn same_table(rows: &[Row]) -> Vec<u8> {
    let mut buffer = HEADER.to_vec();
    for Row {
        platform,
        month,
        record,
    } in rows
    {
        let platform = i16::try_from(platform + 1).unwrap();
        let period = i16::try_from(2017 * 12 + month - 1).unwrap();
        let key = Sha256::digest(&record.record_id);
        let day: u8 = record.occurred_on[8..].parse().unwrap();
        let month = Month::try_from(u8::try_from(*month).unwrap()).unwrap();
        let date = Date::from_calendar_date(2017, month, day).unwrap();
        let days = date.to_julian_day() - date!(2000 - 01 - 01).to_julian_day();
        buffer.extend_from_slice(&9_i16.to_be_bytes());
        put(&mut buffer, &platform.to_be_bytes());
        put(&mut buffer, &period.to_be_bytes());
        put(&mut buffer, &1_i32.to_be_bytes());
        put(&mut buffer, &record.amount_fen.to_be_bytes());
        put(&mut buffer, &key[..16]);
        put(&mut buffer, &days.to_be_bytes());
        put(&mut buffer, &days.to_be_bytes());
        put(&mut buffer, record.record_id.as_bytes());
        put(&mut buffer, record.merchant_id.as_bytes());
    }
    buffer.extend_from_slice(&(-1_i16).to_be_bytes());
    buffer
}

/// Rows as they are copied into the textbook's.
pub fn text_table(rows: &[Row]) -> Vec<u8> {
    let mut buffer = HEADER.to_vec();
    for Row {
        platform,
        month,
        record,
    } in rows
    {
        buffer.extend_from_slice(&7_i16.to_be_bytes());
        put(&mut buffer, PLATFORMS[*platform].as_bytes());
        put(&mut buffer, format!("2017-{month:02}").as_bytes());
        put(&mut buffer, record.record_id.as_bytes());
        put(&mut buffer, record.merchant_id.as_bytes());
        put(&mut buffer, record.fee_kind.as_bytes());
        put(&mut buffer, record.occurred_on.as_bytes());
        put(&mut buffer, record.amount_fen.to_string().as_bytes());
    }
    buffer.extend_from_slice(&(-1_i16).to_be_bytes());
    buffer
}

/// COPY BINARY over one connection, in one commit. The bytes are there before the time starts.
pub async fn copy(
    database: &Database<'_>,
    statement: &'static str,
    table: &'static str,
    bytes: &[u8],
    count: usize,
) -> Measured {
    let mut connection = PgConnection::connect(&database.owner_url()).await.unwrap();
    let before = database.used(None).await;
    let started = Instant::now();
    let mut copy = connection.copy_in_raw(statement).await.unwrap();
    for chunk in bytes.chunks(CHUNK_BYTES) {
        copy.send(chunk).await.unwrap();
    }
    let copied = copy.finish().await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(copied, u64::try_from(count).unwrap(), "{table}");
    Measured {
        seconds,
        accepted: count,
        duplicates: 0,
        used: database.used(None).await.since(&before),
    }
}

/// Our writers in this process: everything but gRPC.
pub async fn own_writer(database: &Database<'_>, lanes: Vec<Lane>) -> Measured {
    let config = DatabaseConfig::new(DatabaseUrl::from_str(&database.url()).unwrap());
    let direct = Direct::start(&config).await.unwrap();
    let before = database.used(None).await;
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for lane in lanes {
        let ingest = direct.ingest();
        tasks.spawn(async move {
            let mut answers = Vec::new();
            for message in lane.messages {
                answers.push(ingest.submit(message).await.unwrap());
            }
            let accepted = join_all(answers).await.into_iter().map(Result::unwrap);
            accepted
                .map(|count| usize::try_from(count).unwrap())
                .sum::<usize>()
        });
    }
    let accepted = tasks.join_all().await.into_iter().sum();
    let seconds = started.elapsed().as_secs_f64();
    let used = database.used(None).await.since(&before);
    direct.finish().await;
    Measured {
        seconds,
        accepted,
        duplicates: 0,
        used,
    }
}
