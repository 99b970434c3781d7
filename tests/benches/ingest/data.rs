//! Records derived from a seed, as they arrive: month by month, platforms mixed.
//!
//! Ids are uniformly random, as UUIDs are. Merchants are as unequal as on a marketplace: the
//! largest hundredth has a fifth of all fees. A merchant trades on as many days as give it about
//! [`Shape::fees_a_day`] fees of a kind on each.

use std::fmt::Write as _;

use gazelle_proto::batch::{Records, ReportUsageRequest};
use gazelle_proto::usage::v1::UsageRecord;

/// The platforms, in the order of their numbers.
pub const PLATFORMS: [&str; 4] = ["alpha-mall", "beta-mall", "gamma-mall", "delta-mall"];

/// As many as in a large city, on all platforms together.
pub const MERCHANTS: usize = 14_168;

/// What is charged.
pub const FEE_KINDS: [&str; 3] = ["COMMISSION", "LOGISTICS", "PROMOTION"];

/// Days of every month on which anything is charged, so that months are alike.
const DAYS: usize = 28;

/// Which records there are.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What they are derived from.
    pub seed: u64,
    /// How many records it has.
    pub count: usize,
    /// How many of [`PLATFORMS`] report them.
    pub platforms: usize,
    /// Over how many months of 2017.
    pub periods: usize,
    /// Fees of a merchant and kind on a day on which it trades.
    pub fees_a_day: usize,
    /// What each 100th is.
    pub each_100th: Hundredth,
}

/// What each 100th record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hundredth {
    /// As the others.
    Fee,
    /// One that was sent before in its month, from just now to half a month ago.
    Repeat,
    /// A reversal of a fee of any month but its own and the one before; in the first two months as
    /// the others. It goes by the stream of its fee, which it so never overtakes.
    Reversal,
}

/// A record and where it goes.
#[derive(Debug, Clone)]
pub struct Row {
    /// An index of [`PLATFORMS`].
    pub platform: usize,
    /// Of 2017, from 1.
    pub period_number: usize,
    /// The number of the fee that it is, or that it takes back.
    pub fee: usize,
    /// What it says.
    pub record: UsageRecord,
}

/// Batches of one stream.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Whose it is.
    pub platform: &'static str,
    /// In the order in which they are sent.
    pub messages: Vec<ReportUsageRequest>,
}

/// `SplitMix64`: a number that looks like any other.
fn mix(seed: u64, index: usize) -> u64 {
    let mut bits = seed.wrapping_add((index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn below(bits: u64, end: usize) -> usize {
    count(real(usize::try_from(bits >> 11).unwrap_or(0)) / TWO_TO_53 * real(end))
}

const TWO_TO_53: f64 = 9_007_199_254_740_992.0;

impl Shape {
    /// A platform's merchants, the largest first.
    pub fn merchants(&self) -> usize {
        MERCHANTS / self.platforms
    }

    /// The id of a platform's merchant.
    pub fn merchant_id(&self, platform: usize, rank: usize) -> String {
        let number = rank * PLATFORMS.len() + platform;
        hex(mix(self.seed, number), mix(!self.seed, number))
    }

    /// All of them, as they arrive.
    pub fn rows(self) -> impl Iterator<Item = Row> {
        (0..self.count).map(move |index| self.row(index))
    }

    fn period_number(&self, index: usize) -> usize {
        index * self.periods / self.count + 1
    }

    fn period_start(&self, period_number: usize) -> usize {
        ((period_number - 1) * self.count).div_ceil(self.periods)
    }

    fn row(&self, index: usize) -> Row {
        if index % 100 != 99 {
            return self.new_row(index);
        }
        let period_number = self.period_number(index);
        // What stands in the place of another such record was never sent.
        let sent = |earlier: usize| earlier - usize::from(earlier % 100 == 99);
        match self.each_100th {
            Hundredth::Repeat => {
                let period_start = self.period_start(period_number);
                let earlier = sent(index - (index - period_start) / 2);
                self.new_row(if earlier < period_start {
                    index
                } else {
                    earlier
                })
            }
            Hundredth::Reversal if period_number > 2 => {
                let earlier = below(
                    mix(mix(self.seed, 9), index),
                    self.period_start(period_number - 1),
                );
                let Row {
                    platform,
                    fee,
                    record,
                    ..
                } = self.new_row(sent(earlier));
                let reversal = self.new_row(index).record;
                Row {
                    platform,
                    period_number,
                    fee,
                    record: UsageRecord {
                        merchant_id: record.merchant_id,
                        fee_kind: record.fee_kind,
                        amount_fen: -1,
                        reverses_record_id: record.record_id,
                        ..reversal
                    },
                }
            }
            Hundredth::Fee | Hundredth::Reversal => self.new_row(index),
        }
    }

    fn new_row(&self, index: usize) -> Row {
        let bits = |field| mix(mix(self.seed, field), index);
        let period_number = self.period_number(index);
        let platform = below(bits(1), self.platforms);
        let merchants = self.merchants();
        // The cube of an even spread: a density that falls with the rank to the power of -2/3.
        let even = real(below(bits(2), 1 << 30)) / real(1 << 30);
        let merchant = count(even * even * even * real(merchants)).min(merchants - 1);
        let days = self.trading_days(merchant);
        let first_day = below(mix(mix(self.seed, 3), merchant * 12 + period_number), DAYS);
        let day = (first_day + below(bits(4), days) * DAYS / days) % DAYS + 1;
        Row {
            platform,
            period_number,
            fee: index,
            record: UsageRecord {
                record_id: hex(bits(5), bits(6)),
                merchant_id: self.merchant_id(platform, merchant),
                fee_kind: FEE_KINDS[below(bits(7), FEE_KINDS.len())].to_owned(),
                occurred_on: format!("2017-{period_number:02}-{day:02}"),
                amount_fen: i64::try_from(below(bits(8), 20_000)).unwrap_or(0) + 1,
                reverses_record_id: String::new(),
            },
        }
    }

    /// Days of a month on which a merchant of that rank trades.
    fn trading_days(&self, merchant: usize) -> usize {
        let average = real(self.count) / real(self.periods * MERCHANTS);
        let place = (real(merchant) + 0.5) / real(self.merchants());
        let fees = average / 3.0 / place.cbrt().powi(2);
        count(fees / real(FEE_KINDS.len() * self.fees_a_day)).clamp(1, DAYS)
    }

    /// Messages of up to `size` records, dealt out to as many streams of each platform.
    pub fn lanes(self, size: usize, streams: usize) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = (0..self.platforms * streams)
            .map(|lane| Lane {
                platform: PLATFORMS[lane / streams],
                messages: Vec::new(),
            })
            .collect();
        // Whole messages by turns; where records must keep their order, each to its fee's stream.
        let by_fee = self.each_100th == Hundredth::Reversal;
        let mut next = vec![0; self.platforms];
        let mut open: Vec<(usize, Records)> = Vec::new();
        open.resize_with(
            self.platforms * if by_fee { streams } else { 1 },
            Default::default,
        );
        let mut close = |open: usize, period_number: usize, records: Records| {
            let lane = if by_fee {
                open
            } else {
                let stream = next[open];
                next[open] = (stream + 1) % streams;
                open * streams + stream
            };
            lanes[lane].send(period_number, records);
        };
        for row in self.rows() {
            let at = if by_fee {
                row.platform * streams + row.fee % streams
            } else {
                row.platform
            };
            let (period_number, records) = &mut open[at];
            if !records.is_empty() && (*period_number != row.period_number || records.len() == size)
            {
                close(at, *period_number, std::mem::take(records));
            }
            *period_number = row.period_number;
            records.push(&row.record);
        }
        for (at, (period_number, records)) in open.into_iter().enumerate() {
            if !records.is_empty() {
                close(at, period_number, records);
            }
        }
        lanes
    }
}

impl Lane {
    fn send(&mut self, period_number: usize, records: Records) {
        self.messages.push(ReportUsageRequest {
            sequence: i64::try_from(self.messages.len()).unwrap_or(0) + 1,
            platform_id: self.platform.into(),
            period: period(period_number).into(),
            records,
            check_only: false,
        });
    }
}

/// A month of 2017, as the contract writes it.
pub fn period(number: usize) -> String {
    format!("2017-{number:02}")
}

fn hex(high: u64, low: u64) -> String {
    let mut text = String::with_capacity(32);
    // A String takes all that is written.
    let _ = write!(text, "{high:016x}{low:016x}");
    text
}

/// A count of records as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
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
