//! What the usage service says of its writers' work, and of what it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::WAIT;
use gazelle_tests::apart::Apart;
use gazelle_tests::report::{Stream, counts, fee, report, seal, state};
use gazelle_tests::running::Running;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::{sleep, timeout};

fn one(id: &str, amount_fen: i64) -> UsageRecord {
    fee(id, "shop", "COMMISSION", "2017-01-05", amount_fen)
}

/// The series whose names start with that.
async fn series(usage: &Running, prefix: &str) -> BTreeMap<String, String> {
    let (_, text) = usage.get("/metrics").await.unwrap();
    let lines = text.lines().filter_map(|line| {
        let (series, value) = line.strip_prefix(prefix)?.rsplit_once(' ')?;
        Some((series.to_owned(), value.to_owned()))
    });
    lines.collect()
}

/// What is counted as it happens, without the bounds of histograms.
async fn counted(usage: &Running) -> BTreeMap<String, String> {
    let ours = [
        "records_total",
        "queue_",
        "group_",
        "commit_",
        "acknowledgement_",
    ];
    let mut all = series(usage, "gazelle_usage_").await;
    all.retain(|name, _| ours.iter().any(|it| name.starts_with(it)) && !name.contains("_bucket"));
    all
}

/// Waits until that many records wait to be written.
async fn queued(usage: &Running, records: &str) {
    let wait = async {
        while counted(usage).await["queue_records"] != records {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let seen = timeout(WAIT, wait).await;
    assert!(seen.is_ok(), "not {records}: {:?}", counted(usage).await);
}

#[tokio::test]
async fn each_record_batch_and_group_is_counted_once_as_what_became_of_it() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let mut stream = Stream::open(&apart.platform("mall"), "mall");
    stream
        .send("2017-01", vec![one("a", 1), one("b", 1), one("c", 1)])
        .await;
    assert_eq!(counts(&stream.answer().await.unwrap()), (3, 0, 0));
    let again_and_other = vec![one("a", 1), one("b", 1), one("c", 2)];
    stream.send("2017-01", again_and_other).await;
    assert_eq!(counts(&stream.answer().await.unwrap()), (0, 2, 1));

    // While nothing can be written, what came waits.
    let url = apart.database_url("usage", "postgres");
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let hold = "begin; lock table period in access exclusive mode";
    superuser.execute(hold).await.unwrap();
    stream.send("2017-01", vec![one("d", 1), one("e", 1)]).await;
    queued(&usage, "2").await;
    superuser.execute("rollback").await.unwrap();
    assert_eq!(counts(&stream.answer().await.unwrap()), (2, 0, 0));
    queued(&usage, "0").await;

    let mut counted = counted(&usage).await;
    for seconds in ["commit_seconds_sum", "acknowledgement_seconds_sum"] {
        let sum: f64 = counted.remove(seconds).unwrap().parse().unwrap();
        assert!(sum > 0.0, "{seconds}");
    }
    let expected = [
        ("acknowledgement_seconds_count", "3"),
        ("commit_seconds_count", "3"),
        ("group_records_count", "3"),
        ("group_records_sum", "8"),
        ("queue_records", "0"),
        ("records_total{outcome=\"accepted\",platform=\"mall\"}", "5"),
        (
            "records_total{outcome=\"duplicate\",platform=\"mall\"}",
            "2",
        ),
        ("records_total{outcome=\"refused\",platform=\"mall\"}", "1"),
    ];
    let expected = expected.map(|(series, value)| (series.to_owned(), value.to_owned()));
    assert_eq!(counted, BTreeMap::from(expected));
    usage.ends_well().await;
}

#[tokio::test]
async fn what_is_held_is_told_by_state_with_the_age_of_the_oldest() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let mall = apart.platform("mall");
    for number in 1..=6 {
        let period = format!("2017-0{number}");
        let mut record = one(&period, 1);
        record.occurred_on = format!("{period}-01");
        let answer = report(&mall, "mall", &period, &[record]).await.unwrap();
        assert_eq!(counts(&answer), (1, 0, 0));
    }
    let other = report(&mall, "mall", "2017-06", &[one("2017-06", 2)]).await;
    assert_eq!(counts(&other.unwrap()), (0, 0, 1));
    for period in ["2017-01", "2017-02", "2017-03"] {
        state(&mall, "mall", period, 1, 1).await.unwrap();
    }
    seal(&apart.officer(), "mall", "2017-01").await.unwrap();
    let url = apart.database_url("usage", "postgres");
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let events = sqlx::query_scalar("select max(number) from event");
    let events: i64 = events.fetch_one(&mut superuser).await.unwrap();

    let expected = [
        ("held_records", "outcome=\"accepted\"", "6"),
        ("held_records", "outcome=\"refused\"", "1"),
        ("periods", "state=\"open\"", "3"),
        ("periods", "state=\"sealed\"", "1"),
        ("periods", "state=\"stated\"", "2"),
    ];
    let mut expected = BTreeMap::from(expected.map(|(name, label, value)| {
        let labels = match name {
            "periods" => format!("platform=\"mall\",{label}"),
            _ => format!("{label},platform=\"mall\""),
        };
        (format!("{name}{{{labels}}}"), value.to_owned())
    }));
    // From the last of February to the last of April.
    let older = 61 * 24 * 60 * 60;
    expected.insert("older".to_owned(), older.to_string());
    expected.insert("chain".to_owned(), events.to_string());
    // What is read from the tables comes within seconds, one figure after the other.
    let read = timeout(WAIT, async {
        while held(&usage).await != expected {
            sleep(Duration::from_millis(50)).await;
        }
    });
    if read.await.is_err() {
        assert_eq!(held(&usage).await, expected);
    }
    usage.ends_well().await;
}

/// What is read from the tables: records and periods; how much older the oldest stated period is
/// than the oldest open one, in seconds; and the last entry of the chain.
async fn held(usage: &Running) -> BTreeMap<String, String> {
    let mut all = series(usage, "gazelle_usage_").await;
    let age = |state: &str| -> i64 {
        let series = format!("oldest_period_age_seconds{{platform=\"mall\",state=\"{state}\"}}");
        all.get(&series).map_or(0, |age| age.parse().unwrap())
    };
    let older = age("stated") - age("open");
    all.retain(|name, _| name.starts_with("held_") || name.starts_with("periods"));
    all.insert("older".to_owned(), older.to_string());
    let mut chain = series(usage, "gazelle_chain_head").await;
    let chain = chain.remove("{service=\"usage\"}");
    all.insert("chain".to_owned(), chain.unwrap_or_default());
    all
}
