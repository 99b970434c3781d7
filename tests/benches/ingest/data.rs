//! Records derived from a seed, as they arrive: month by month, platforms mixed.

use gazelle_proto::batch::{Records, ReportUsageRequest};
use gazelle_proto::usage::v1::UsageRecord;

/// The platforms, in the order of their numbers.
pub const PLATFORMS: [&str; 2] = ["alpha-mall", "beta-mall"];

/// As many as in a large city.
const MERCHANTS: u64 = 14_168;

const FEE_KINDS: [&str; 3] = ["COMMISSION", "LOGISTICS", "PROMOTION"];

/// A record and where it goes.
#[derive(Debug, Clone)]
pub struct Row {
    /// An index of [`PLATFORMS`].
    pub platform: usize,
    /// Of 2017, from 1.
    pub month: usize,
    /// What it says.
    pub record: UsageRecord,
}

/// Batches of one stream.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Whose it is.
    pub platform: &'static str,
    /// In order.
    pub messages: Vec<ReportUsageRequest>,
}

/// `SplitMix64`: a number that looks like any other.
fn mix(seed: u64, index: u64) -> u64 {
    let mut bits = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap()
}

fn below(bits: u64, end: u64) -> usize {
    usize::try_from(bits % end).unwrap()
}

fn row(seed: u64, index: usize, count: usize) -> Row {
    let bits = |field| mix(mix(seed, field), number(index));
    let month = index * 12 / count + 1;
    let merchant = bits(2) % MERCHANTS;
    Row {
        platform: below(bits(1), 2),
        month,
        record: UsageRecord {
            record_id: format!("{:016x}{:016x}", bits(3), bits(4)),
            merchant_id: format!("{:016x}{:016x}", mix(seed, merchant), mix(!seed, merchant)),
            fee_kind: FEE_KINDS[below(bits(5), 3)].to_owned(),
            occurred_on: format!("2017-{month:02}-{:02}", bits(6) % 28 + 1),
            amount_fen: i64::try_from(bits(7) % 20_000 + 1).unwrap(),
            reverses_record_id: String::new(),
        },
    }
}

/// `count` records of a year. Repeating: each 100th was sent before in its month, from just now
/// to half a month ago.
pub fn rows(seed: u64, count: usize, repeating: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    let mut month_start = 0;
    for index in 0..count {
        let new = row(seed, index, count);
        if rows.last().is_some_and(|last| last.month != new.month) {
            month_start = index;
        }
        let back = (index - month_start) / 2;
        if repeating && index % 100 == 99 && back > 0 {
            rows.push(rows[index - back].clone());
        } else {
            rows.push(new);
        }
    }
    rows
}

/// Messages of up to `size` records, dealt out to as many streams of each platform.
pub fn lanes(rows: impl Iterator<Item = Row>, size: usize, streams: usize) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = (0..PLATFORMS.len() * streams)
        .map(|lane| Lane {
            platform: PLATFORMS[lane / streams],
            messages: Vec::new(),
        })
        .collect();
    let mut next = [0; PLATFORMS.len()];
    let mut open: [(usize, Records); PLATFORMS.len()] = Default::default();
    let mut close = |platform: usize, month: usize, records: Records| {
        let lane = &mut lanes[platform * streams + next[platform]];
        next[platform] = (next[platform] + 1) % streams;
        lane.messages.push(ReportUsageRequest {
            sequence: i64::try_from(lane.messages.len()).unwrap() + 1,
            platform_id: lane.platform.to_owned(),
            period: format!("2017-{month:02}"),
            records,
        });
    };
    for row in rows {
        let (month, records) = &mut open[row.platform];
        if !records.is_empty() && (*month != row.month || records.len() == size) {
            close(row.platform, *month, std::mem::take(records));
        }
        *month = row.month;
        records.push(&row.record);
    }
    for (platform, (month, records)) in open.into_iter().enumerate() {
        if !records.is_empty() {
            close(platform, month, records);
        }
    }
    lanes
}

/// A count of records as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "millions are exact")]
pub fn real(count: usize) -> f64 {
    count as f64
}

/// The other way.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of records, rounded down"
)]
pub fn count(real: f64) -> usize {
    real as usize
}
