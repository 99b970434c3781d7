//! A year of fees: memberships, commissions and card fees of shops of which few are large and
//! many small, with late records and reversals.

use std::path::Path;

use gazelle_kernel::{Period, Year};

use super::city::{City, Shop};
use super::files::Table;
use super::random::Random;
use super::{PLATFORMS, YEAR};
use crate::failure::Failure;

/// Records that can still be reversed, kept at a time; older ones give way.
const REVERSIBLE_MAX: usize = 4_096;

/// How much of a year's trade a month has, in thousandths.
const SEASON: [u64; 12] = [75, 55, 75, 72, 78, 95, 72, 75, 80, 85, 140, 98];

const HEADER: [&str; 6] = [
    "record_id",
    "merchant_id",
    "fee_kind",
    "occurred_on",
    "amount_fen",
    "reverses_record_id",
];

/// What some records come to: those of a period, or of the year.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UsageTotals {
    pub(super) records: u64,
    pub(super) total_fen: i64,
    pub(super) commission_fen: i64,
    pub(super) membership_fen: i64,
    pub(super) card_fen: i64,
}

/// A record that a later one may take back.
struct Reversible {
    record_id: String,
    shop: usize,
    fee_kind: &'static str,
    left_fen: i64,
}

/// One platform's reporting.
struct Platform<'a> {
    index: usize,
    /// Its shops, the largest first.
    shops: Vec<&'a Shop>,
    /// Sums of the weights of the shops up to each.
    weights: Vec<u64>,
    random: Random,
    reversible: Vec<Reversible>,
    next_record: u64,
}

/// A record as it is written.
struct SampleRecord<'a> {
    id: &'a str,
    fee_kind: &'static str,
    occurred_on: &'a str,
    amount_fen: i64,
    reverses: &'a str,
}

/// Writes the usage files of both platforms and `statements.csv`; `records` is about how many.
pub(super) fn write_year(
    folder: &Path,
    city: &City,
    seed: u64,
    records: u64,
) -> Result<UsageTotals, Failure> {
    let mut platforms: Vec<_> = (0..PLATFORMS.len())
        .map(|index| Platform::new(city, seed, index))
        .collect();
    // Members pay each month whatever is traded.
    let members = city.shops.iter().filter(|shop| shop.member).count() as u64;
    let traded = records.saturating_sub(members * 12);
    let header = ["platform_id", "period", "record_count", "total_fen"];
    let mut statements = Table::create(folder, "statements.csv", &header)?;
    let mut sum = UsageTotals::default();
    let year = Year::new(YEAR).map_err(Failure::from)?;
    for (period, season) in year.january().through(year.december()).zip(SEASON) {
        for platform in &mut platforms {
            let share = [600, 400][platform.index];
            let name = PLATFORMS[platform.index];
            let file = format!("usage/{name}/{period}.csv");
            let mut table = Table::create(folder, &file, &HEADER)?;
            let count = traded * season / 1_000 * share / 1_000;
            let totals = platform.write_period(&mut table, period, count)?;
            table.finish()?;
            statements.row(&[
                name,
                &period.to_string(),
                &totals.records.to_string(),
                &totals.total_fen.to_string(),
            ])?;
            sum.add(totals);
        }
    }
    statements.finish()?;
    Ok(sum)
}

impl UsageTotals {
    fn add(&mut self, others: Self) {
        self.records += others.records;
        self.total_fen += others.total_fen;
        self.commission_fen += others.commission_fen;
        self.membership_fen += others.membership_fen;
        self.card_fen += others.card_fen;
    }

    fn count(&mut self, fee_kind: &str, amount_fen: i64) {
        self.records += 1;
        self.total_fen += amount_fen;
        match fee_kind {
            "COMMISSION" => self.commission_fen += amount_fen,
            "MEMBERSHIP" => self.membership_fen += amount_fen,
            "CARD_SETTLEMENT" => self.card_fen += amount_fen,
            _ => {}
        }
    }
}

impl<'a> Platform<'a> {
    fn new(city: &'a City, seed: u64, index: usize) -> Self {
        let shops: Vec<_> = city
            .shops
            .iter()
            .filter(|shop| shop.platform == index)
            .collect();
        // Zipf's law, a little flatter at its top.
        let mut sum = 0;
        let weights = (0..shops.len() as u64).map(|rank| {
            sum += 1_000_000_000 / (rank + 20);
            sum
        });
        Self {
            index,
            weights: weights.collect(),
            shops,
            random: Random::new(seed, 10 + index as u64),
            reversible: Vec::new(),
            next_record: 1,
        }
    }

    fn write_period(
        &mut self,
        table: &mut Table,
        period: Period,
        trades: u64,
    ) -> Result<UsageTotals, Failure> {
        let mut totals = UsageTotals::default();
        self.write_memberships(table, period, &mut totals)?;
        if self.shops.is_empty() {
            return Ok(totals);
        }
        for _ in 0..trades {
            if self.random.chance(15) && !self.reversible.is_empty() {
                self.write_reversal(table, period, &mut totals)?;
            } else {
                self.write_trade(table, period, &mut totals)?;
            }
        }
        Ok(totals)
    }

    fn write_memberships(
        &mut self,
        table: &mut Table,
        period: Period,
        totals: &mut UsageTotals,
    ) -> Result<(), Failure> {
        const LEVELS: [i64; 4] = [2_980, 4_980, 9_800, 19_800];
        let day = period.first_day().to_string();
        for at in 0..self.shops.len() {
            if self.shops[at].member {
                // A shop stays at its level.
                let amount_fen = LEVELS[at % LEVELS.len()];
                let id = self.record_id("m");
                let record = SampleRecord {
                    id: &id,
                    fee_kind: "MEMBERSHIP",
                    occurred_on: &day,
                    amount_fen,
                    reverses: "",
                };
                self.write(table, at, &record, totals)?;
            }
        }
        Ok(())
    }

    fn write_trade(
        &mut self,
        table: &mut Table,
        period: Period,
        totals: &mut UsageTotals,
    ) -> Result<(), Failure> {
        let at = self.pick_shop();
        // What was sold for: many small, few large.
        let sale_fen = self.random.between(20, 400) * self.random.between(20, 400);
        let (fee_kind, amount_fen) = match self.random.below(100) {
            0..55 => ("COMMISSION", sale_fen * 5 / 100),
            55..96 => ("CARD_SETTLEMENT", sale_fen * 6 / 1_000),
            _ => ("ADVERTISING", self.random.between(500, 50_000)),
        };
        let amount_fen = amount_fen.max(1);
        let occurred_on = self.day(period);
        let id = self.record_id("t");
        let record = SampleRecord {
            id: &id,
            fee_kind,
            occurred_on: &occurred_on,
            amount_fen,
            reverses: "",
        };
        self.write(table, at, &record, totals)?;
        self.keep_reversible(Reversible {
            record_id: id,
            shop: at,
            fee_kind,
            left_fen: amount_fen,
        });
        Ok(())
    }

    /// Takes a record back, in whole or in part; what is left of it may be taken back later.
    fn write_reversal(
        &mut self,
        table: &mut Table,
        period: Period,
        totals: &mut UsageTotals,
    ) -> Result<(), Failure> {
        let at = self.random.below(self.reversible.len() as u64);
        let mut reversed = self
            .reversible
            .swap_remove(usize::try_from(at).expect("an index"));
        let in_part = self.random.chance(400) && reversed.left_fen > 1;
        let taken = if in_part {
            self.random.between(1, reversed.left_fen - 1)
        } else {
            reversed.left_fen
        };
        let id = self.record_id("r");
        let occurred_on = self.day_of(period);
        let record = SampleRecord {
            id: &id,
            fee_kind: reversed.fee_kind,
            occurred_on: &occurred_on,
            amount_fen: -taken,
            reverses: &reversed.record_id,
        };
        self.write(table, reversed.shop, &record, totals)?;
        reversed.left_fen -= taken;
        if reversed.left_fen > 0 {
            self.keep_reversible(reversed);
        }
        Ok(())
    }

    fn write(
        &self,
        table: &mut Table,
        shop: usize,
        record: &SampleRecord<'_>,
        totals: &mut UsageTotals,
    ) -> Result<(), Failure> {
        totals.count(record.fee_kind, record.amount_fen);
        table.row(&[
            record.id,
            &self.shops[shop].merchant_id,
            record.fee_kind,
            record.occurred_on,
            &record.amount_fen.to_string(),
            record.reverses,
        ])
    }

    fn keep_reversible(&mut self, record: Reversible) {
        if self.reversible.len() < REVERSIBLE_MAX {
            self.reversible.push(record);
        } else {
            let at = self.random.below(REVERSIBLE_MAX as u64);
            self.reversible[usize::try_from(at).expect("an index")] = record;
        }
    }

    fn record_id(&mut self, prefix: &str) -> String {
        let id = format!("{prefix}{:09}", self.next_record);
        self.next_record += 1;
        id
    }

    fn pick_shop(&mut self) -> usize {
        let end = *self
            .weights
            .last()
            .expect("a platform with trade has shops");
        let point = self.random.below(end);
        self.weights.partition_point(|&sum| sum <= point)
    }

    /// A day of the month, or for a late record one of the two months before.
    fn day(&mut self, period: Period) -> String {
        let periods_late = if self.random.chance(10) {
            self.random.between(1, 2)
        } else {
            0
        };
        let late = i16::try_from(periods_late).expect("one or two");
        let earlier = Period::from_index(period.index() - late).ok();
        let of_this_year = earlier.filter(|earlier| earlier.year() == period.year());
        self.day_of(of_this_year.unwrap_or(period))
    }

    fn day_of(&mut self, period: Period) -> String {
        let last = i64::from(period.last_day().day());
        format!("{period}-{:02}", self.random.between(1, last))
    }
}
