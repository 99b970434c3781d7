//! Random months against a model of a few lines: whatever the mix of fees, reversals and seals,
//! every record meets the fate that the contract says, and what is sealed holds together.

use std::collections::BTreeMap;

use gazelle_client::Client;
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_runtime::clock::Clock;
use gazelle_tests::forgetful::Forgetful;
use gazelle_tests::fresh;
use gazelle_tests::held::{agrees_with_trail, get_period, list_records, totals};
use gazelle_tests::receipt::{receipt, seal_digest};
use gazelle_tests::report::{Stream, fate, fee, reversal, seal, state};
use gazelle_tests::suite::Suite;
use tonic::Code;

const PERIODS: [&str; 4] = ["2017-03", "2017-04", "2017-05", "2017-06"];

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // Knuth's multiplier; the high bits are the good ones.
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// A fee, or a reversal of something, from so few names that they meet often.
    fn record(&mut self) -> UsageRecord {
        let id = format!("r{}", self.below(24));
        let kind = ["COMMISSION", "COMMISSION", "MEMBERSHIP"][self.below(3)];
        let day = ["2017-03-05", "2017-03-05", "2016-12-31"][self.below(3)];
        let amount = [10, 20, 30, 40][self.below(4)];
        let record = fee(&id, "shop", kind, day, amount);
        if self.below(3) == 0 {
            let record_id = format!("r{}", self.below(24));
            return reversal(
                &id,
                &UsageRecord {
                    record_id,
                    ..record
                },
                amount,
            );
        }
        record
    }
}

/// A month and an id.
type RecordKey = (usize, String);

/// What stands, and which record each reversal takes back.
#[derive(Default)]
struct Model {
    standing: BTreeMap<RecordKey, UsageRecord>,
    reverses: BTreeMap<RecordKey, RecordKey>,
    sealed: [bool; PERIODS.len()],
    /// Ids of other months are known when a record comes; otherwise when one is sealed.
    remembers: bool,
}

impl Model {
    fn judge(&mut self, period: usize, record: &UsageRecord) -> &'static str {
        let place = (period, record.record_id.clone());
        if let Some(standing) = self.standing.get(&place) {
            return if standing == record {
                "DUPLICATE"
            } else {
                "RECORD_CONFLICT"
            };
        }
        if self.sealed[period] {
            return "PERIOD_SEALED";
        }
        let id = &record.record_id;
        if self.remembers && self.standing.keys().any(|(_, standing)| standing == id) {
            return "RECORD_CONFLICT";
        }
        if !record.reverses_record_id.is_empty() {
            let mut places = (0..=period).map(|period| (period, record.reverses_record_id.clone()));
            let Some(target) = places.find(|place| self.standing.contains_key(place)) else {
                return "REVERSED_RECORD_NOT_FOUND";
            };
            let fee = &self.standing[&target];
            if fee.amount_fen < 0 {
                return "REVERSAL_OF_REVERSAL";
            }
            if fee.fee_kind != record.fee_kind {
                return "REVERSAL_MISMATCH";
            }
            if fee.amount_fen + self.taken_back(&target) + record.amount_fen < 0 {
                return "REVERSAL_EXCEEDS_RECORD";
            }
            self.reverses.insert(place.clone(), target);
        }
        self.standing.insert(place, record.clone());
        "ACCEPTED"
    }

    /// What is taken back of a record, below 0.
    fn taken_back(&self, target: &RecordKey) -> i64 {
        let reversals = self
            .reverses
            .iter()
            .filter(|(_, reversed)| *reversed == target);
        reversals
            .map(|(place, _)| self.standing[place].amount_fen)
            .sum()
    }

    fn of_period(&self, period: usize) -> Vec<UsageRecord> {
        let records = self.standing.iter().filter(|((at, _), _)| *at == period);
        records.map(|(_, record)| record.clone()).collect()
    }

    /// Takes over what sealing left, which may only be less than there was.
    fn keep(&mut self, left: &[Vec<UsageRecord>]) {
        let all = left.iter().enumerate();
        let places =
            all.flat_map(|(period, records)| records.iter().map(move |record| (period, record)));
        let left: BTreeMap<RecordKey, UsageRecord> = places
            .map(|(period, record)| ((period, record.record_id.clone()), record.clone()))
            .collect();
        for (place, record) in &left {
            assert_eq!(self.standing.get(place), Some(record), "{place:?}");
        }
        for (period, sealed) in self.sealed.iter().enumerate() {
            let count = |all: &BTreeMap<RecordKey, UsageRecord>| {
                all.keys().filter(|(at, _)| *at == period).count()
            };
            assert!(
                !sealed || count(&left) == count(&self.standing),
                "{period} was sealed"
            );
        }
        self.standing = left;
        self.reverses
            .retain(|place, _| self.standing.contains_key(place));
        for target in self.reverses.values() {
            assert!(
                self.standing.contains_key(target),
                "{target:?} is taken back and does not stand"
            );
        }
    }

    /// The totals of a month, as `ReadSealedTotals` tells them.
    fn totals(&self, period: usize) -> Vec<String> {
        let mut totals: BTreeMap<(&str, &str), (i64, usize)> = BTreeMap::new();
        for (place, record) in self.standing.iter().filter(|((at, _), _)| *at == period) {
            let counts_as = self
                .reverses
                .get(place)
                .map_or(record, |reversed| &self.standing[reversed]);
            let total = totals
                .entry((&record.fee_kind, &counts_as.occurred_on))
                .or_default();
            *total = (total.0 + record.amount_fen, total.1 + 1);
        }
        let line = |((kind, day), (fen, count)): (&(&str, &str), &(i64, usize))| {
            format!("shop {kind} {day} {fen} in {count}")
        };
        totals.iter().map(line).collect()
    }
}

/// Seals a month by stating what is left after sealing has refused what it refuses.
async fn seal_period(client: &Client, officer: &Client, platform: &str, period: &str) {
    for _ in 0..3 {
        let received = match get_period(client, platform, period).await {
            Ok(period) => period.received.unwrap(),
            Err(_) => receipt(platform, period, []),
        };
        let (count, total) = (received.record_count, received.total_fen);
        state(client, platform, period, count, total).await.unwrap();
        match seal(officer, platform, period).await {
            Ok(sealed) => {
                let records = list_records(client, platform, period).await;
                assert_eq!(sealed.received, Some(receipt(platform, period, &records)));
                assert_eq!(
                    sealed.seal.unwrap().digest,
                    seal_digest(platform, period, &records)
                );
                return;
            }
            Err(status) => assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}"),
        }
    }
    panic!("{period} is never sealed");
}

/// Who takes part.
struct Parties {
    platform: String,
    client: Client,
    officer: Client,
    auditor: Client,
}

#[tokio::test]
async fn random_months_come_out_as_a_simple_model_foretells() {
    // Of one's own: others tamper with what the shared one stores.
    let suite = Suite::start(Clock::system()).await;
    for seed in 1..=8 {
        let platform = fresh::platform("mall");
        let parties = Parties {
            client: suite.platform(&platform),
            platform,
            officer: suite.officer(),
            auditor: suite.auditor(),
        };
        run_periods(seed, &parties, true).await;
    }
    suite.stop().await;
}

#[tokio::test]
async fn random_months_come_out_so_where_nothing_is_remembered() {
    let suite = Forgetful::start().await;
    for seed in 1..=8 {
        let platform = fresh::platform("mall");
        let parties = Parties {
            client: suite.platform(&platform),
            platform,
            officer: suite.officer(),
            auditor: suite.auditor(),
        };
        run_periods(seed, &parties, false).await;
    }
}

async fn run_periods(seed: u64, parties: &Parties, remembers: bool) {
    let mut chance = Chance(seed);
    let mut model = Model {
        remembers,
        ..Model::default()
    };
    let Parties {
        client,
        platform,
        auditor,
        ..
    } = parties;
    let mut stream = Stream::open(client, platform);
    for _ in 0..14 {
        let period = chance.below(PERIODS.len());
        if chance.below(5) == 0 {
            seal_and_compare(&mut model, parties, period).await;
            continue;
        }
        let batch: Vec<_> = (0..=chance.below(30)).map(|_| chance.record()).collect();
        stream.send(PERIODS[period], batch.clone()).await;
        let answer = stream.answer().await.unwrap();
        for (at, record) in batch.iter().enumerate() {
            let expected = model.judge(period, record);
            let found = fate(&answer, at);
            assert_eq!(found, expected, "seed {seed}: {at} of {batch:#?}");
        }
        let held = receipt(platform, PERIODS[period], &model.of_period(period));
        assert_eq!(answer.receipt, Some(held), "seed {seed}");
    }
    agrees_with_trail(auditor).await;
    let first = chance.below(PERIODS.len());
    for at in 0..PERIODS.len() {
        let period = (first + at) % PERIODS.len();
        seal_and_compare(&mut model, parties, period).await;
    }
    agrees_with_trail(auditor).await;
    let ids: Vec<_> = model.standing.keys().map(|(_, id)| id).collect();
    let mut once = ids.clone();
    once.sort();
    once.dedup();
    let say = format!("seed {seed}: an id counts once, over all months");
    assert_eq!(ids.len(), once.len(), "{say}");
}

async fn seal_and_compare(model: &mut Model, parties: &Parties, period: usize) {
    let Parties {
        platform,
        client,
        officer,
        auditor,
    } = parties;
    seal_period(client, officer, platform, PERIODS[period]).await;
    let mut left = Vec::new();
    for period in PERIODS {
        left.push(match get_period(client, platform, period).await {
            Ok(_) => list_records(client, platform, period).await,
            Err(_) => vec![],
        });
    }
    model.keep(&left);
    model.sealed[period] = true;
    let told = totals(auditor, &[platform], PERIODS[period], PERIODS[period]).await;
    assert_eq!(told[2..], model.totals(period));
}
