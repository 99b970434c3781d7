//! A record counts once, and is judged by itself.

use gazelle_proto::usage::v1::{ListRecordsRequest, RefusedRecord, UsageRecord};
use gazelle_tests::fresh;
use gazelle_tests::held::{get_period, list_records, list_refused};
use gazelle_tests::receipt::{receipt, sha256};
use gazelle_tests::refusal::refused;
use gazelle_tests::report::{Stream, counts, fate, fee, report, reversal};
use gazelle_tests::suite::Suite;
use tonic::Code;

const PERIOD: &str = "2017-03";
const DAY: &str = "2017-03-05";

fn some_fee(id: &str) -> UsageRecord {
    fee(id, "shop", "COMMISSION", DAY, 100)
}

/// Records that differ from one in everything but their id, one thing at a time.
fn others_under_the_id_of(record: &UsageRecord) -> [UsageRecord; 5] {
    [
        UsageRecord {
            merchant_id: "other".to_owned(),
            ..record.clone()
        },
        UsageRecord {
            fee_kind: "MEMBERSHIP".to_owned(),
            ..record.clone()
        },
        UsageRecord {
            occurred_on: "2017-03-06".to_owned(),
            ..record.clone()
        },
        UsageRecord {
            amount_fen: 101,
            ..record.clone()
        },
        reversal(&record.record_id, &some_fee("s"), 100),
    ]
}

#[tokio::test]
async fn the_same_record_is_a_duplicate_and_another_under_its_id_a_conflict() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let record = some_fee("r");
    let others = others_under_the_id_of(&record);
    let once = receipt(&platform, PERIOD, [&record]);

    // In one batch, then from batch to batch, then on another stream.
    let batch = [
        record.clone(),
        record.clone(),
        others[0].clone(),
        record.clone(),
    ];
    let mut stream = Stream::open(&client, &platform);
    stream.send(PERIOD, batch.to_vec()).await;
    let answer = stream.answer().await.unwrap();
    assert_eq!(counts(&answer), (1, 2, 1));
    let fates: Vec<_> = (0..4).map(|at| fate(&answer, at)).collect();
    assert_eq!(
        fates,
        ["ACCEPTED", "DUPLICATE", "RECORD_CONFLICT", "DUPLICATE"]
    );
    assert_eq!(answer.receipt, Some(once.clone()));

    for conflicting in &others {
        for answer in [
            {
                stream
                    .send(PERIOD, vec![record.clone(), conflicting.clone()])
                    .await;
                stream.answer().await
            },
            report(
                &client,
                &platform,
                PERIOD,
                &[record.clone(), conflicting.clone()],
            )
            .await,
        ] {
            let answer = answer.unwrap();
            assert_eq!(counts(&answer), (0, 1, 1));
            assert_eq!(
                (fate(&answer, 0), fate(&answer, 1)),
                ("DUPLICATE".into(), "RECORD_CONFLICT".into())
            );
            assert_eq!(answer.receipt, Some(once.clone()));
        }
    }
    assert_eq!(list_records(&client, &platform, PERIOD).await, [record]);
}

#[tokio::test]
async fn the_same_batch_twice_at_once_counts_each_record_once() {
    let platform = fresh::platform("mall");
    // Connections of their own, and batches in each other's order.
    let clients = [(); 2].map(|()| Suite::shared().platform(&platform));
    let mut all = Vec::new();
    for round in 0..40 {
        let batch: Vec<_> = (0..100)
            .map(|at| some_fee(&format!("{round}/{at}")))
            .collect();
        let reversed: Vec<_> = batch.iter().rev().cloned().collect();
        let (one, other) = tokio::join!(
            report(&clients[0], &platform, PERIOD, &batch),
            report(&clients[1], &platform, PERIOD, &reversed)
        );
        let (one, other) = (counts(&one.unwrap()), counts(&other.unwrap()));
        assert_eq!(
            (one.0 + other.0, one.1 + other.1, one.2 + other.2),
            (100, 100, 0)
        );
        all.extend(batch);
    }
    let held = get_period(&clients[0], &platform, PERIOD)
        .await
        .unwrap()
        .received
        .unwrap();
    assert_eq!(held, receipt(&platform, PERIOD, &all));
}

/// A record for each reason that a record by itself can be refused for, after one that is good.
fn bad_records() -> Vec<(UsageRecord, &'static str)> {
    let long = "x".repeat(129);
    let id = |id: &str| (some_fee(id), "RECORD_ID_INVALID");
    let merchant = |id: &str| (fee("m", id, "COMMISSION", DAY, 1), "MERCHANT_ID_INVALID");
    let mut bad = vec![
        id(""),
        id(&long),
        id("a\0b"),
        id("a\nb"),
        id(" a"),
        id("a "),
        // Nobody sees these: a mark of byte order where two files were joined, a space of no width,
        // what shows text from right to left, a blank of braille, a filler; and an accent alone.
        id("\u{feff}a"),
        id("a\u{200b}"),
        id("a\u{202e}b"),
        id("a\u{2800}"),
        id("\u{3164}"),
        id("\u{301}"),
        // And these look like others: blanks of other widths, what is no character, an accent
        // apart.
        id("a\u{a0}b"),
        id("a\u{3000}b"),
        id("a\u{fffe}"),
        id("a\u{301}"),
        merchant(""),
        merchant(&long),
        merchant("a\tb"),
        merchant(" "),
        merchant("shop\u{200b}"),
        merchant("shop\u{2800}"),
        merchant("shop\u{2003}7"),
        merchant("e\u{301}"),
    ];
    bad.extend(bad_contents());
    bad
}

/// The same of what is no id.
fn bad_contents() -> Vec<(UsageRecord, &'static str)> {
    let good = some_fee("good");
    let kind = |kind: &str| (fee("k", "shop", kind, DAY, 1), "FEE_KIND_INVALID");
    let day = |day: &str| (fee("d", "shop", "COMMISSION", day, 1), "DATE_INVALID");
    let amount = |fen| {
        (
            fee("a", "shop", "COMMISSION", DAY, fen),
            "AMOUNT_NOT_POSITIVE",
        )
    };
    let back = |fen| (reversal("v", &good, fen), "REVERSAL_NOT_NEGATIVE");
    vec![
        kind(""),
        kind("commission"),
        kind("1A"),
        kind("_A"),
        kind("A B"),
        kind("佣金"),
        kind(&"A".repeat(41)),
        day(""),
        day("2017-02-29"),
        day("2017-3-5"),
        day("20170305"),
        day("2017-03-05T00:00:00Z"),
        day("1899-12-31"),
        day("3000-01-01"),
        (
            fee("o", "shop", "COMMISSION", "2017-04-01", 1),
            "OCCURRED_AFTER_PERIOD",
        ),
        amount(0),
        amount(-1),
        amount(i64::MIN),
        back(0),
        back(-1),
        back(-i64::MAX),
        (
            reversal("n", &some_fee("nothing"), 1),
            "REVERSED_RECORD_NOT_FOUND",
        ),
        (
            reversal("i", &some_fee("\u{feff}good"), 1),
            "REVERSED_RECORD_NOT_FOUND",
        ),
    ]
}

#[tokio::test]
async fn bad_records_are_refused_each_with_its_reason_beside_good_ones_and_are_listed() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let good = some_fee("good");
    let bad = bad_records();
    let bad_count = i32::try_from(bad.len()).unwrap();
    let mut batch = vec![good.clone()];
    batch.extend(bad.iter().map(|(record, _)| record.clone()));
    batch.push(some_fee("also good"));

    for times in 1..=2 {
        let answer = report(&client, &platform, PERIOD, &batch).await.unwrap();

        let expected = if times == 1 {
            (2, 0, bad_count)
        } else {
            (0, 2, bad_count)
        };
        assert_eq!(counts(&answer), expected);
        for (at, (record, reason)) in bad.iter().enumerate() {
            assert_eq!(fate(&answer, at + 1), *reason, "{record:?}");
        }
        let listed = list_refused(&client, &platform, PERIOD).await;
        assert!(listed.is_sorted_by_key(|refused| {
            let at = refused.first_received_at.unwrap();
            (at.seconds, at.nanos)
        }));
        for (record, reason) in &bad {
            let about = |refused: &&RefusedRecord| {
                refused.reason == *reason && refused.record.as_ref() == Some(record)
            };
            // No database text holds this one.
            if !record.record_id.contains('\0') {
                let found: Vec<_> = listed.iter().filter(about).collect();
                assert_eq!(found.len(), 1, "{record:?}");
                assert_eq!(found[0].times, times);
            }
        }
        let period = get_period(&client, &platform, PERIOD).await.unwrap();
        assert_eq!(
            (listed.len(), period.refused_count),
            (bad.len(), bad_count.into())
        );
        assert_eq!(period.received.unwrap().record_count, 2);
    }
}

#[tokio::test]
async fn what_is_just_within_the_bounds_is_accepted_as_it_was_sent() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let long = "x".repeat(128);
    let chinese = "订单".repeat(21); // 126 bytes
    let records = vec![
        fee(&long, &long, &"A".repeat(40), "2017-03-31", i64::MAX),
        fee(&chinese, "西湖 茶店", "Z9_", "1900-01-01", 1),
        fee(
            "x\u{301}",
            "'; drop table record; --",
            "ADVERTISING",
            "2016-02-29",
            2,
        ),
        fee("á", "%_\\", "A", "2017-03-01", 3),
    ];
    let answer = report(&client, &platform, PERIOD, &records).await.unwrap();
    assert_eq!(answer.outcomes, []);

    let mut sorted = records.clone();
    sorted.sort_by_key(|record| sha256(record.record_id.as_bytes()));
    assert_eq!(list_records(&client, &platform, PERIOD).await, sorted);
    for record in records {
        let request = ListRecordsRequest {
            platform_id: platform.clone(),
            period: PERIOD.to_owned(),
            record_id: record.record_id.clone(),
            ..ListRecordsRequest::default()
        };
        let found = client
            .usage
            .clone()
            .list_records(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(found.records, [record]);
    }
}

#[tokio::test]
async fn the_worked_example_of_the_contract_holds() {
    // Of all tests, this one alone has the platform of the example.
    let client = Suite::shared().platform("alpha-mall");
    let record = fee("r-1", "shop-7", "COMMISSION", "2017-03-05", 1990);
    let answer = report(&client, "alpha-mall", "2017-03", &[record])
        .await
        .unwrap();
    assert_eq!(
        answer.receipt.unwrap().digest,
        "f31f3920f567a840e1e170d1f5d4667e4c2c7cd77150db7a23a81b0bd934ce77"
    );
}

#[tokio::test]
async fn a_period_of_which_only_refused_records_came_counts_as_not_reported() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let answer = report(&client, &platform, PERIOD, &[some_fee("")])
        .await
        .unwrap();
    assert_eq!(counts(&answer), (0, 0, 1));
    assert_eq!(list_refused(&client, &platform, PERIOD).await.len(), 1);
    refused(
        get_period(&client, &platform, PERIOD).await,
        Code::NotFound,
        "PERIOD_NOT_FOUND",
    );
}

#[tokio::test]
async fn a_refused_record_is_resolved_once_its_id_is_accepted_wherever_it_belongs() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let late = fee("late", "shop", "COMMISSION", "2017-04-01", 100);
    let bad = [
        UsageRecord {
            amount_fen: 0,
            ..some_fee("corrected")
        },
        late.clone(),
        some_fee(""),
        UsageRecord {
            amount_fen: 0,
            ..some_fee("never corrected")
        },
    ];
    let answer = report(&client, &platform, PERIOD, &bad).await.unwrap();
    assert_eq!(counts(&answer), (0, 0, 4));
    let conflicting = [
        some_fee("stands"),
        UsageRecord {
            amount_fen: 1,
            ..some_fee("stands")
        },
    ];
    let answer = report(&client, &platform, PERIOD, &conflicting).await;
    assert_eq!(counts(&answer.unwrap()), (1, 0, 1));
    // What is no id is shown as one that stands, and is none.
    let shown_alike = [some_fee("a\0b"), some_fee("a\u{fffd}b")];
    let answer = report(&client, &platform, PERIOD, &shown_alike).await;
    assert_eq!(counts(&answer.unwrap()), (1, 0, 1));
    let resolved = async || {
        let period = get_period(&client, &platform, PERIOD).await.unwrap();
        let listed = list_refused(&client, &platform, PERIOD).await;
        let resolved = listed.into_iter().filter(|refused| refused.resolved);
        let mut ids: Vec<String> = resolved.map(|one| one.record.unwrap().record_id).collect();
        ids.sort();
        assert_eq!(period.resolved_count, i64::try_from(ids.len()).unwrap());
        (period.refused_count, ids)
    };
    assert_eq!(resolved().await, (6, vec![]));

    let corrected = report(&client, &platform, PERIOD, &[some_fee("corrected")]).await;
    assert_eq!(counts(&corrected.unwrap()), (1, 0, 0));
    let later = report(&client, &platform, "2017-04", &[late]).await;
    assert_eq!(counts(&later.unwrap()), (1, 0, 0));

    let both = vec!["corrected".to_owned(), "late".to_owned()];
    assert_eq!(resolved().await, (6, both));
}
