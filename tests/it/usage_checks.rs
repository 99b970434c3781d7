//! Judging a file without keeping it, and warnings that refuse nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::{ReportUsageResponse, UsageRecord, WarningKind};
use gazelle_runtime::auth::Principal;
use gazelle_tests::apart::Apart;
use gazelle_tests::binary::{command, is_optimised, run};
use gazelle_tests::desk::{Desk, usage_csv};
use gazelle_tests::fresh;
use gazelle_tests::held::{get_period, list_refused};
use gazelle_tests::receipt::receipt;
use gazelle_tests::refusal::refused;
use gazelle_tests::report::{
    Stream, fate, fee, fees, report, report_all, reversal, seal, some_fee, state,
};
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status};

const PERIOD: &str = "2017-03";

/// Checks these, or reports them, in batches of `size` on one stream.
async fn send(
    client: &Client,
    platform: &str,
    records: &[UsageRecord],
    (size, check_only): (usize, bool),
) -> Result<Vec<ReportUsageResponse>, Status> {
    let mut stream = Stream::open(client, platform);
    let mut answers = Vec::new();
    for (sequence, batch) in (1..).zip(records.chunks(size)) {
        let request = ReportUsageRequest {
            sequence,
            platform_id: platform.into(),
            period: PERIOD.into(),
            records: batch.iter().collect(),
            check_only,
        };
        stream.send_raw(request).await;
        answers.push(stream.answer().await?);
    }
    Ok(answers)
}

/// A file with something of everything, for a platform that has `there`, of which 10 fen
/// are taken back, and in February `moved`.
fn file() -> Vec<UsageRecord> {
    let (there, new) = (some_fee("there", 100), some_fee("new", 50));
    vec![
        there.clone(),
        some_fee("there", 101),
        new.clone(),
        reversal("part", &new, 30),
        reversal("too much", &new, 21),
        reversal("rest", &new, 20),
        reversal("all that is left", &there, 90),
        reversal("one more", &there, 1),
        reversal("early", &some_fee("last", 1), 1),
        some_fee("moved", 5),
        new,
        some_fee("\u{feff}new", 50),
        some_fee("nothing", 0),
        some_fee("last", 1),
        reversal("of a reversal", &some_fee("part", 1), 1),
    ]
}

#[tokio::test]
async fn a_check_foretells_every_outcome_and_keeps_nothing() {
    let suite = Suite::shared();
    for size in [15, 4, 1] {
        let platform = fresh::platform("mall");
        let client = suite.platform(&platform);
        let february = UsageRecord {
            occurred_on: "2017-02-05".to_owned(),
            ..some_fee("moved", 5)
        };
        report_all(&client, &platform, "2017-02", &[february]).await;
        let there = some_fee("there", 100);
        let taken_back = reversal("before", &there, 10);
        report_all(&client, &platform, PERIOD, &[there, taken_back]).await;
        let before = get_period(&client, &platform, PERIOD).await.unwrap();

        let checked = send(&client, &platform, &file(), (size, true))
            .await
            .unwrap();

        assert_eq!(
            get_period(&client, &platform, PERIOD).await.unwrap(),
            before
        );
        assert_eq!(list_refused(&client, &platform, PERIOD).await, []);
        let reported = send(&client, &platform, &file(), (size, false))
            .await
            .unwrap();
        for (checked, reported) in checked.into_iter().zip(reported) {
            assert_eq!(checked.receipt, None);
            let expected = ReportUsageResponse {
                receipt: None,
                ..reported
            };
            assert_eq!(checked, expected, "{size}");
        }
    }
}

#[tokio::test]
async fn a_check_of_a_new_platform_leaves_no_trace_and_no_stream_mixes_both() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let records = [some_fee("r", 100)];
    let checked = send(&client, &platform, &records, (1, true)).await.unwrap();
    assert_eq!(fate(&checked[0], 0), "ACCEPTED");
    assert_eq!(checked[0].added, Some(receipt(&platform, PERIOD, &records)));
    let period = get_period(&client, &platform, PERIOD).await;
    refused(period, Code::NotFound, "PERIOD_NOT_FOUND");
    let mut session = suite.database("usage", "gazelle_usage_writer").await;
    let known: i64 = sqlx::query_scalar("select count(*) from platform where platform_id = $1")
        .bind(&platform)
        .fetch_one(&mut session)
        .await
        .unwrap();
    assert_eq!(known, 0);

    let mut stream = Stream::open(&client, &platform);
    for (sequence, check_only) in [(1, true), (2, false)] {
        let request = ReportUsageRequest {
            sequence,
            platform_id: platform.as_str().into(),
            period: PERIOD.into(),
            records: records.iter().collect(),
            check_only,
        };
        stream.send_raw(request).await;
    }
    stream.answer().await.unwrap();
    refused(stream.answer().await, Code::InvalidArgument, "CHECK_MIXED");
}

#[tokio::test]
async fn it_warns_while_most_of_a_stream_s_days_lie_before_the_month() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let february = |id: &str| fee(id, "shop", "COMMISSION", "2017-02-28", 1);
    let warnings = |answer: &ReportUsageResponse| -> Vec<(i64, i64)> {
        let days = WarningKind::DaysOutsidePeriod;
        assert!(answer.warnings.iter().all(|warning| warning.kind() == days));
        let counts = answer.warnings.iter();
        counts
            .map(|one| (one.record_count, one.of_record_count))
            .collect()
    };
    let mut stream = Stream::open(&client, &platform);
    for (batch, expected) in [
        (vec![february("a"), some_fee("b", 1)], vec![]),
        (vec![february("c"), february("d")], vec![(3, 4)]),
        (vec![some_fee("e", 1), some_fee("f", 1)], vec![]),
    ] {
        stream.send(PERIOD, batch).await;
        let answer = stream.answer().await.unwrap();
        assert_eq!((answer.refused_count, warnings(&answer)), (0, expected));
    }
    let checked = send(&client, &platform, &[february("g")], (1, true))
        .await
        .unwrap();
    assert_eq!(warnings(&checked[0]), [(1, 1)]);
}

#[tokio::test]
async fn an_id_that_another_open_month_has_is_refused_at_once_with_that_month() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let january: Vec<_> = (0..1_000)
        .map(|at| some_fee(&format!("r{at}"), 1))
        .collect();
    report_all(&client, &platform, PERIOD, &january).await;
    // The same file again, for April; then again, as after a lost connection.
    for _ in 0..2 {
        let answer = report(&client, &platform, "2017-04", &january)
            .await
            .unwrap();
        assert_eq!((answer.accepted_count, answer.refused_count), (0, 1_000));
        for outcome in &answer.outcomes {
            let said = (outcome.reason.as_str(), outcome.other_period.as_str());
            assert_eq!(said, ("RECORD_CONFLICT", PERIOD));
        }
    }
    // One among others that are new.
    let mut stream = Stream::open(&client, &platform);
    stream.send("2017-05", vec![some_fee("may", 1)]).await;
    assert_eq!(stream.answer().await.unwrap().outcomes, []);
    stream
        .send("2017-06", vec![some_fee("june", 1), some_fee("may", 1)])
        .await;
    let june = stream.answer().await.unwrap();
    assert_eq!(
        (fate(&june, 0), fate(&june, 1)),
        ("ACCEPTED".into(), "RECORD_CONFLICT".into())
    );
    // Another platform's are its own.
    let other = fresh::platform("mall");
    report_all(&suite.platform(&other), &other, "2017-04", &january).await;
}

#[tokio::test]
async fn of_one_id_in_two_months_that_are_on_their_way_together_the_later_is_refused() {
    const LATER: &str = "2020-12";
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let mut stream = Stream::open(&suite.platform(&platform), &platform);
    stream.send(LATER, vec![some_fee("later", 1)]).await;
    assert_eq!(stream.answer().await.unwrap().outcomes, []);
    for at in 0..20 {
        let id = format!("same-{at}");
        // A kind and a month that nobody asked for yet: the service has to look for them.
        let kind = format!("KIND_{at}_{platform}")
            .to_uppercase()
            .replace('-', "_");
        let same = fee(&id, "shop", &kind, "2017-03-05", 1);
        let period = format!("20{}-{:02}", 18 + at / 10, 1 + at % 10);
        stream.send(&period, vec![same]).await;
        stream.send(LATER, vec![some_fee(&id, 1)]).await;
        let answers = [
            stream.answer().await.unwrap(),
            stream.answer().await.unwrap(),
        ];
        let fates = answers.each_ref().map(|answer| fate(answer, 0));
        assert_eq!(fates, ["ACCEPTED", "RECORD_CONFLICT"]);
        assert_eq!(answers[1].outcomes[0].other_period, period);
    }
}

#[tokio::test]
async fn the_file_of_a_sealed_month_is_refused_for_another_and_so_it_is_after_a_restart() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let client = apart.platform("mall");
    let records: Vec<_> = (0..3).map(|at| some_fee(&format!("r{at}"), 1)).collect();
    report_all(&client, "mall", PERIOD, &records).await;
    state(&client, "mall", PERIOD, 3, 3).await.unwrap();
    seal(&apart.officer(), "mall", PERIOD).await.unwrap();
    let is_refused = |answer: &ReportUsageResponse| {
        let mut outcomes = answer.outcomes.iter();
        answer.refused_count == 3 && outcomes.all(|one| one.other_period == PERIOD)
    };
    let may = |client: &Client, check_only| {
        let mut stream = Stream::open(client, "mall");
        let request = ReportUsageRequest {
            sequence: 1,
            platform_id: "mall".into(),
            period: "2017-05".into(),
            records: records.iter().collect(),
            check_only,
        };
        async move {
            stream.send_raw(request).await;
            is_refused(&stream.answer().await.unwrap())
        }
    };
    assert!(may(&client, true).await);
    assert!(may(&client, false).await);
    drop(client);
    usage.ends_well().await;

    let _usage = apart.serve("usage", &[]).await;
    let client = apart.platform("mall");
    // What came before is read again while the service answers already.
    let read_again = async {
        while !may(&client, true).await {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(30), read_again).await.unwrap();
    assert!(may(&client, false).await);
}

#[tokio::test]
async fn it_warns_of_a_month_that_has_not_begun() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let late = fee("r", "shop", "COMMISSION", "2017-02-28", 1);
    let warned = |answer: &ReportUsageResponse| -> Vec<(WarningKind, i64, i64)> {
        let warnings = answer.warnings.iter();
        warnings
            .map(|one| (one.kind(), one.record_count, one.of_record_count))
            .collect()
    };
    let answer = report(&client, &platform, "2098-12", &[late]).await;
    assert_eq!(
        warned(&answer.unwrap()),
        [
            (WarningKind::DaysOutsidePeriod, 1, 1),
            (WarningKind::PeriodNotBegun, 1, 1)
        ]
    );
    let answer = report(&client, &platform, PERIOD, &[some_fee("s", 1)]).await;
    assert_eq!(warned(&answer.unwrap()), []);
}

/// What a check and a report of a file say became of its rows.
fn told(printed: &Value) -> (Value, BTreeSet<String>) {
    let counts = ["accepted", "duplicates", "rejected"].map(|key| printed[key].clone());
    let rows = printed["rejections"].as_array().unwrap().iter();
    let rows = rows.map(|row| format!("{} {} {}", row["line"], row["record_id"], row["reason"]));
    (counts.into_iter().collect(), rows.collect())
}

#[tokio::test]
async fn a_file_larger_than_what_a_service_remembers_is_checked_in_parts_as_it_would_be_reported() {
    let apart = Apart::new().await;
    let _usage = apart.serve("usage", &[]).await;
    let platform = Principal::Platform(PlatformId::parse("mall").unwrap());
    let home = apart.profile("mall", &platform);
    // More than all checks together may have; what is not optimised takes a minute for each.
    let count = if is_optimised() { 510_000 } else { 40_000 };
    let mut records = fees("r", count);
    for at in 0..300 {
        let fee = records[at * 100].clone();
        records.push(reversal(&format!("back-{at}"), &fee, 1));
        records.push(fee);
    }
    // One id for two reversals, a reversal of one, one too much, and one of nothing.
    let (first, second) = (records[7].clone(), records[8].clone());
    records.push(reversal("back-0", &first, 1));
    records.push(reversal("of-a-reversal", &some_fee("back-1", 1), 1));
    records.push(reversal("too-much", &second, 1_000_000_000));
    records.push(reversal("of-nothing", &some_fee("nobody", 1), 1));
    let desk = Desk::new();
    let content = usage_csv(&records) + "bad,shop,COMMISSION,2017-01-05,much,\n";
    let file = desk.write("january.csv", content);
    let ran = async |check: &str| {
        let report = format!("usage report {check}--platform mall --period 2017-03 {file}");
        let arguments = format!("--output json {report}");
        run(command(&home, "mall", &arguments)).await.json()
    };
    let checked = ran("--check ").await;
    let reported = ran("").await;
    assert_eq!(told(&checked), told(&reported));
    assert_eq!(checked["added"]["digest"], reported["receipt"]["digest"]);
    assert_eq!(checked["rejected"], json!(5));
}

#[tokio::test]
async fn a_check_of_more_than_there_is_room_for_says_so_though_more_was_about_to_be_sent() {
    let apart = Apart::new().await;
    let _usage = apart.serve("usage", &[]).await;
    let batch = fees("o", 1_000);
    // But for some 20,000 all that is checked at a time; no platform alone has that much.
    let mut others = Vec::new();
    for other in ["one", "two"] {
        let mut stream = Stream::open(&apart.platform(other), other);
        for sequence in 1..=240 {
            let request = ReportUsageRequest {
                sequence,
                platform_id: other.into(),
                period: "2017-01".into(),
                records: batch.iter().collect(),
                check_only: true,
            };
            stream.send_raw(request).await;
            stream.answer().await.unwrap();
        }
        others.push(stream);
    }
    let platform = Principal::Platform(PlatformId::parse("mall").unwrap());
    let home = apart.profile("mall", &platform);
    let desk = Desk::new();
    let file = desk.write("january.csv", usage_csv(&fees("r", 60_000)));
    let check = format!("usage report --check --platform mall --period 2017-01 {file}");

    let ran = run(command(&home, "mall", &check)).await;

    ran.refused("OVERLOADED");
}
