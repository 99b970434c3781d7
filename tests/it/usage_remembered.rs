//! What a service remembers of ids that came, and what it knows without.

use std::collections::BTreeSet;
use std::time::Duration;

use gazelle_client::Client;
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::{ReportUsageResponse, UsageRecord};
use gazelle_tests::apart::Apart;
use gazelle_tests::report::{Stream, fate, report, report_all, some_fee, withdraw};
use tokio::time::{sleep, timeout};

async fn check(client: &Client, period: &str, records: &[UsageRecord]) -> ReportUsageResponse {
    let mut stream = Stream::open(client, "mall");
    let request = ReportUsageRequest {
        sequence: 1,
        platform_id: "mall".into(),
        period: period.into(),
        records: records.iter().collect(),
        check_only: true,
    };
    stream.send_raw(request).await;
    stream.answer().await.unwrap()
}

fn some_fees(prefix: &str, count: usize) -> Vec<UsageRecord> {
    let fee = |at| some_fee(&format!("{prefix}-{at}"), 1);
    (0..count).map(fee).collect()
}

#[tokio::test]
async fn a_check_refuses_an_id_of_another_open_month_that_reporting_has_forgotten() {
    let apart = Apart::new().await;
    let forgets = [("INGEST__REMEMBERED_RECORDS", "0")];
    let _usage = apart.serve("usage", &forgets).await;
    let client = apart.platform("mall");
    let records = some_fees("r", 2);
    report_all(&client, "mall", "2017-03", &records).await;
    let checked = check(&client, "2017-04", &records[..1]).await;
    assert_eq!(fate(&checked, 0), "RECORD_CONFLICT");
    assert_eq!(checked.outcomes[0].other_period, "2017-03");
    let reported = report(&client, "mall", "2017-04", &records[..1]).await;
    assert_eq!(fate(&reported.unwrap(), 0), "ACCEPTED");
}

#[tokio::test]
async fn after_a_restart_small_months_are_remembered_beside_a_large_one_and_of_that_a_part() {
    let apart = Apart::new().await;
    let room = [("INGEST__REMEMBERED_RECORDS", "1000")];
    let usage = apart.serve("usage", &room).await;
    let client = apart.platform("mall");
    let (large, small) = (some_fees("large", 3_000), some_fees("small", 100));
    report_all(&client, "mall", "2017-04", &large).await;
    report_all(&client, "mall", "2017-03", &small).await;
    drop(client);
    usage.ends_well().await;

    let _usage = apart.serve("usage", &room).await;
    let client = apart.platform("mall");
    // Late records, whose ids are those of the two months.
    let known = async |records: &[UsageRecord]| {
        let answer = report(&client, "mall", "2017-05", records).await.unwrap();
        let periods = answer.outcomes.iter().map(|one| one.other_period.clone());
        (answer.refused_count, periods.collect::<BTreeSet<_>>())
    };
    // What came before is read again while the service answers already; the large month last.
    let mut fees = large[1_000..].iter();
    let read_again = async {
        for fee in fees.by_ref() {
            if known(std::slice::from_ref(fee)).await.0 == 1 {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing of the large month is remembered");
    };
    timeout(Duration::from_mins(1), read_again).await.unwrap();
    let (count, _) = known(&small).await;
    assert!((90..=100).contains(&count), "{count}");
    let (count, _) = known(&large[..1_000]).await;
    assert!((100..600).contains(&count), "{count}");
}

/// Sixteen months, from March 2017 on.
fn months() -> impl Iterator<Item = String> {
    (2..18).map(|month| format!("{}-{:02}", 2017 + month / 12, month % 12 + 1))
}

/// Reports the same records for one month after the other; returns those that accepted any, and
/// sees that the others name the first of these.
async fn report_in_turn(client: &Client, records: &[UsageRecord]) -> Vec<String> {
    let mut accepted = Vec::new();
    for month in months() {
        let answer = report(client, "mall", &month, records).await.unwrap();
        if answer.accepted_count > 0 {
            accepted.push(month);
            continue;
        }
        let others = answer.outcomes.iter().map(|one| one.other_period.as_str());
        assert!(
            others.eq(vec![accepted[0].as_str(); records.len()]),
            "{answer:?}"
        );
    }
    accepted
}

#[tokio::test]
async fn an_id_that_comes_for_many_months_stands_in_one() {
    let apart = Apart::new().await;
    let _usage = apart.serve("usage", &[]).await;
    let client = apart.platform("mall");
    let records = some_fees("in-turn", 5);
    assert_eq!(report_in_turn(&client, &records).await, ["2017-03"]);

    let again = report(&client, "mall", "2017-03", &records).await.unwrap();
    assert_eq!(again.duplicate_count, 5, "{again:?}");
    withdraw(&client, "mall", "2017-03", again.receipt)
        .await
        .unwrap();
    let next = report(&client, "mall", "2017-04", &records).await.unwrap();
    assert_eq!(next.accepted_count, 5, "{next:?}");
    let rest = months().skip(2).chain(["2017-03".to_owned()]);
    for month in rest {
        let answer = report(&client, "mall", &month, &records).await.unwrap();
        assert_eq!(
            answer.outcomes[0].other_period, "2017-04",
            "{month}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn an_id_that_comes_for_many_months_at_once_stands_in_one() {
    let apart = Apart::new().await;
    let _usage = apart.serve("usage", &[]).await;
    let client = apart.platform("mall");
    for round in 0..5 {
        let records = some_fees(&format!("round-{round}"), 200);
        // The latest first, as nobody would sort them.
        let mut months: Vec<String> = months().collect();
        months.reverse();
        let at_once = months.into_iter().map(|month| {
            let (client, records) = (client.clone(), records.clone());
            async move { report(&client, "mall", &month, &records).await.unwrap() }
        });
        let answers = futures::future::join_all(at_once).await;
        let accepted: i32 = answers.iter().map(|answer| answer.accepted_count).sum();
        assert_eq!(accepted, 200, "round {round}");
    }
}

#[tokio::test]
async fn of_a_stream_the_first_month_of_an_id_holds_it_whatever_was_withdrawn_or_refused_before() {
    let apart = Apart::new().await;
    let _usage = apart.serve("usage", &[]).await;
    let client = apart.platform("mall");
    let mut round = 0;
    for (count, withdrawn) in [(1, true), (100, true), (1, false), (100, false)] {
        for _ in 0..5 {
            round += 1;
            let records = some_fees(&format!("round-{round}"), count);
            if withdrawn {
                let first = report(&client, "mall", "2017-03", &records).await.unwrap();
                let receipt = first.receipt;
                withdraw(&client, "mall", "2017-03", receipt).await.unwrap();
            }
            let mut stream = Stream::open(&client, "mall");
            let batches = ["2017-04", "2017-03", "2017-03", "2017-05", "2017-03"];
            for month in batches {
                stream.send(month, records.clone()).await;
            }
            let mut accepted = Vec::new();
            for _ in batches {
                accepted.push(stream.answer().await.unwrap().accepted_count);
            }
            let all = i32::try_from(count).unwrap();
            assert_eq!(accepted, [all, 0, 0, 0, 0], "round {round}");
        }
    }
}

#[tokio::test]
async fn what_stood_before_a_restart_is_known_to_the_first_who_sends_after_it() {
    let apart = Apart::new().await;
    let client = apart.platform("mall");
    let records = some_fees("r", 1_000);
    let usage = apart.serve("usage", &[]).await;
    report_all(&client, "mall", "2017-03", &records).await;
    for month in ["2017-04", "2017-05"] {
        let others: Vec<_> = (0..40)
            .flat_map(|at| some_fees(&format!("{month}-{at}"), 500))
            .collect();
        report_all(&client, "mall", month, &others).await;
    }
    drop(client);
    usage.ends_well().await;

    let _usage = apart.serve("usage", &[]).await;
    let client = apart.platform("mall");
    let at_once = ["2017-06", "2017-07", "2017-08"].map(|month| {
        let (client, records) = (client.clone(), records.clone());
        async move { report(&client, "mall", month, &records).await.unwrap() }
    });
    let answers = futures::future::join_all(at_once).await;
    let accepted: i32 = answers.iter().map(|answer| answer.accepted_count).sum();
    assert_eq!(accepted, 0);
}
