//! The receipt that `gazelle usage report` keeps for itself, and what it makes of the service's.

use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::city::City;
use gazelle_tests::desk::{Desk, usage_csv};
use gazelle_tests::fresh;
use gazelle_tests::receipt::{json_receipt, sha256};
use gazelle_tests::report::{fees, reversal};
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};

const PERIOD: &str = "2017-01";

/// A platform at its desk.
struct Reporter {
    desk: Desk,
    platform: String,
}

impl Reporter {
    async fn new() -> Self {
        let platform = fresh::platform("mall");
        // The command line knows platforms by their merchants.
        let city = City::on(Suite::shared());
        let uscc = city.micro_enterprise().await;
        city.bind(&platform, "shop", &uscc).await;
        Self {
            desk: Desk::new(),
            platform,
        }
    }

    fn command(&self, records: &[UsageRecord]) -> String {
        let file = self.desk.write("january.csv", usage_csv(records));
        let platform = &self.platform;
        format!("--output json usage report --platform {platform} --period {PERIOD} {file}")
    }

    fn profile(&self) -> String {
        format!("platform:{}", self.platform)
    }

    /// Reports these; returns accepted, duplicates and the check, and sees that the receipt is
    /// that of `held`.
    async fn report(&self, records: &[UsageRecord], held: &[UsageRecord]) -> (i64, i64, String) {
        let ran = self
            .desk
            .gazelle(&self.profile(), &self.command(records))
            .await;
        let printed = ran.done().json();
        assert_eq!(
            printed["receipt"],
            json_receipt(&self.platform, PERIOD, held)
        );
        let count = |key: &str| printed[key].as_i64().unwrap();
        let check = printed["receipt_check"].as_str().unwrap();
        (count("accepted"), count("duplicates"), check.to_owned())
    }

    /// Changes what the service holds of the month, past it.
    async fn tamper(&self, change: &'static str) {
        let mut superuser = Suite::shared().database("usage", "postgres").await;
        let changed = sqlx::query(change)
            .bind(&self.platform)
            .execute(&mut superuser)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1, "{change}");
    }
}

#[tokio::test]
async fn the_receipt_is_checked_against_the_file_or_what_was_there_before() {
    let reporter = Reporter::new().await;
    let mut first = fees("a", 2_500);
    first.push(reversal("-a7", &first[7].clone(), 3));
    let whole = "WHOLE_PERIOD".to_owned();
    let increase = "INCREASE".to_owned();
    let all = reporter.report(&first, &first).await;
    assert_eq!(all, (2_501, 0, whole.clone()));
    let again = reporter.report(&first, &first).await;
    assert_eq!(again, (0, 2_501, whole.clone()));

    let second = [fees("b", 10), fees("a", 5)].concat();
    let held = [first.clone(), fees("b", 10)].concat();
    let more = reporter.report(&second, &held).await;
    assert_eq!(more, (10, 5, increase.clone()));
    let nothing_new = reporter.report(&first, &held).await;
    assert_eq!(nothing_new, (0, 2_501, increase));
    let everything = reporter.report(&held, &held).await;
    assert_eq!(everything, (0, 2_511, whole));
}

#[tokio::test]
async fn a_file_that_repeats_records_is_the_whole_period_all_the_same() {
    let reporter = Reporter::new().await;
    let records = fees("a", 1_500);
    let file = [records.clone(), fees("a", 200), fees("a", 100)].concat();
    for expected in [(1_500, 300), (0, 1_800)] {
        let (accepted, duplicates, check) = reporter.report(&file, &records).await;
        assert_eq!((accepted, duplicates), expected);
        assert_eq!(check, "WHOLE_PERIOD");
    }
}

#[tokio::test]
async fn the_receipt_is_kept_with_what_it_is_for() {
    let reporter = Reporter::new().await;
    let (profile, platform) = (reporter.profile(), &reporter.platform);
    let _ = reporter.report(&fees("a", 3), &fees("a", 3)).await;
    let mut sent = fees("b", 4);
    sent[2].fee_kind = "no kind".to_owned();
    let kept = reporter.desk.write("receipt.json", "the one of last time");
    let command = format!("{} --receipt {kept}", reporter.command(&sent));
    let ran = reporter.desk.gazelle(&profile, &command).await;
    ran.refused("RECEIPT_EXISTS");
    assert_eq!(std::fs::read(&kept).unwrap(), b"the one of last time");
    std::fs::remove_file(&kept).unwrap();

    reporter
        .desk
        .gazelle(&profile, &command)
        .await
        .refused("FEE_KIND_INVALID");

    let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    let taken = [fees("b", 2), vec![sent[3].clone()]].concat();
    let held = [fees("a", 3), taken.clone()].concat();
    let finished_at = kept["finished_at"].as_str().unwrap();
    assert!(finished_at.ends_with('Z'), "{finished_at}");
    let expected = json!({
        "platform_id": platform,
        "period": PERIOD,
        "file": command.split(' ').find(|word| word.ends_with("january.csv")).unwrap(),
        "file_sha256": sha256(usage_csv(&sent).as_bytes()),
        "service": Suite::shared().endpoints.usage,
        "finished_at": finished_at,
        "accepted": 3,
        "duplicates": 0,
        "rejected": 1,
        "acknowledged": json_receipt(platform, PERIOD, &taken),
        "before": json_receipt(platform, PERIOD, &fees("a", 3)),
        "receipt": json_receipt(platform, PERIOD, &held),
        "check": "INCREASE",
    });
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn a_receipt_that_lacks_what_was_acknowledged_is_a_mismatch_and_is_kept() {
    let whose = " where platform = (select platform from platform where platform_id = $1)";
    for change in [
        "accepted_count = accepted_count - 1",
        "digest = decode(repeat('07', 32), 'hex')",
        "total_fen = total_fen + 1",
    ] {
        let reporter = Reporter::new().await;
        let records = fees("a", 1_200);
        let _ = reporter.report(&records, &records).await;
        let change = format!("update period set {change}{whose}");
        reporter.tamper(change.leak()).await;
        let kept = reporter.desk.write("receipt.json", "");
        let command = format!("{} --receipt {kept}", reporter.command(&records));

        let ran = reporter.desk.gazelle(&reporter.profile(), &command).await;

        ran.refused("RECEIPT_MISMATCH");
        assert_eq!(ran.json()["duplicates"], json!(1_200));
        let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
        assert_eq!(kept["check"], json!("MISMATCH"));
        let own = json_receipt(&reporter.platform, PERIOD, &records);
        assert_eq!(kept["acknowledged"], own);
        assert_ne!(kept["receipt"], own);
    }
}
