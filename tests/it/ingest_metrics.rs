//! What the writers of the usage service say of their work.

use std::collections::BTreeMap;
use std::time::Duration;

use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::apart::{Apart, Running};
use gazelle_tests::report::{Stream, counts, fee};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::{sleep, timeout};

const WAIT: Duration = Duration::from_mins(1);

fn one(id: &str, amount_fen: i64) -> UsageRecord {
    fee(id, "shop", "COMMISSION", "2017-01-05", amount_fen)
}

/// What is counted as it happens, without the bounds of histograms.
async fn counted(usage: &Running) -> BTreeMap<String, String> {
    let (_, text) = usage.get("/metrics").await.unwrap();
    let ours = [
        "records_total",
        "queue_",
        "group_",
        "commit_",
        "acknowledgement_",
    ];
    let lines = text.lines().filter_map(|line| {
        let name = line.strip_prefix("gazelle_usage_")?;
        let counted = ours.iter().any(|it| name.starts_with(it)) && !name.contains("_bucket");
        let (series, value) = name.rsplit_once(' ').filter(|_| counted)?;
        Some((series.to_owned(), value.to_owned()))
    });
    lines.collect()
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
