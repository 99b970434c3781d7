//! Streams of batches: numbered, in flight, from several sides at once, and refused as a whole.

use gazelle_kernel::PlatformId;
use gazelle_proto::batch::ReportUsageRequest;
use gazelle_proto::usage::v1::{ReportUsageResponse, UsageRecord};
use gazelle_runtime::auth::Principal;
use gazelle_tests::fresh;
use gazelle_tests::held::get_period;
use gazelle_tests::raw::Raw;
use gazelle_tests::receipt::receipt;
use gazelle_tests::refusal::{fields, metadata, reason, refused};
use gazelle_tests::report::{Stream, counts, fee, report, reversal};
use gazelle_tests::suite::Suite;
use prost::Message as _;
use tonic::{Code, codec::CompressionEncoding};

const PERIOD: &str = "2017-03";

fn fees(prefix: &str, count: usize) -> Vec<UsageRecord> {
    let one = |at| {
        fee(
            &format!("{prefix}{at}"),
            "shop",
            "COMMISSION",
            "2017-03-05",
            100 + at,
        )
    };
    (0..i64::try_from(count).unwrap()).map(one).collect()
}

#[tokio::test]
async fn receipts_are_the_client_s_own_sums_after_each_batch_whatever_the_order() {
    let mut records = fees("r", 90);
    let back: Vec<_> = records
        .iter()
        .step_by(3)
        .map(|one| reversal(&format!("-{}", one.record_id), one, 7))
        .collect();
    records.extend(back);
    // 7 and 120 have no common divisor, so each step gives another order; reversals come with or
    // after what they reverse, as 90 fees are all sent first.
    for step in [1, 7, 13] {
        let platform = fresh::platform("mall");
        let client = Suite::shared().platform(&platform);
        let (fees, reversals) = records.split_at(90);
        let order = |part: &[UsageRecord]| -> Vec<UsageRecord> {
            (0..part.len())
                .map(|at| part[at * step % part.len()].clone())
                .collect()
        };
        let sent = [order(fees), order(reversals)].concat();
        let mut stream = Stream::open(&client, &platform);
        for (number, batch) in sent.chunks(17).enumerate() {
            stream.send(PERIOD, batch.to_vec()).await;
            let answer = stream.answer().await.unwrap();
            assert_eq!(answer.outcomes, []);
            let so_far = &sent[..(number * 17 + batch.len())];
            assert_eq!(answer.receipt, Some(receipt(&platform, PERIOD, so_far)));
            assert_eq!(answer.added, Some(receipt(&platform, PERIOD, batch)));
        }
        let held = get_period(&client, &platform, PERIOD)
            .await
            .unwrap()
            .received;
        assert_eq!(held, Some(receipt(&platform, PERIOD, &records)));
    }
}

#[tokio::test]
async fn batches_in_flight_are_answered_in_order_with_reversals_right_behind_their_originals() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let batches: Vec<Vec<UsageRecord>> = (0..12)
        .map(|number| {
            let mut batch = fees(&format!("{number}/"), 200);
            // Half of this batch is taken back in it, the rest of the batch before in this one.
            let own: Vec<_> = batch[..100]
                .iter()
                .map(|one| reversal(&format!("-{}", one.record_id), one, 60))
                .collect();
            batch.extend(own);
            if number > 0 {
                let before = fees(&format!("{}/", number - 1), 200);
                batch.extend(
                    before[100..]
                        .iter()
                        .map(|one| reversal(&format!("-{}", one.record_id), one, 70)),
                );
            }
            batch
        })
        .collect();
    let mut stream = Stream::open(&client, &platform);
    for batch in &batches {
        stream.send(PERIOD, batch.clone()).await;
    }
    for (sequence, batch) in (1..).zip(&batches) {
        let answer = stream.answer().await.unwrap();
        assert_eq!((answer.sequence, answer.outcomes.len()), (sequence, 0));
        assert_eq!(counts(&answer), (batch.len().try_into().unwrap(), 0, 0));
        // Whatever else is under way, this is what the batch itself added.
        assert_eq!(answer.added, Some(receipt(&platform, PERIOD, batch)));
    }
    let held = get_period(&client, &platform, PERIOD)
        .await
        .unwrap()
        .received;
    assert_eq!(
        held,
        Some(receipt(&platform, PERIOD, batches.iter().flatten()))
    );
}

#[tokio::test]
async fn streams_of_one_platform_at_once_lose_nothing_and_count_nothing_twice() {
    let platform = fresh::platform("mall");
    let suite = Suite::shared();
    let tasks: Vec<_> = (0..6)
        .map(|number| {
            let (client, platform) = (suite.platform(&platform), platform.clone());
            tokio::spawn(async move {
                let mut stream = Stream::open(&client, &platform);
                // Each shares half of its records with the next.
                let records = [
                    fees(&format!("{}/", number / 2), 500),
                    fees(&format!("own {number}/"), 500),
                ]
                .concat();
                for batch in records.chunks(100) {
                    stream.send(PERIOD, batch.to_vec()).await;
                }
                let mut accepted = 0;
                for _ in 0..10 {
                    let answer = stream.answer().await.unwrap();
                    assert_eq!(answer.refused_count, 0);
                    accepted += answer.accepted_count;
                }
                accepted
            })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        accepted += task.await.unwrap();
    }
    let shared = (0..3).flat_map(|number| fees(&format!("{number}/"), 500));
    let own = (0..6).flat_map(|number| fees(&format!("own {number}/"), 500));
    let all: Vec<_> = shared.chain(own).collect();
    assert_eq!(accepted, 4_500);
    let held = get_period(&suite.auditor(), &platform, PERIOD)
        .await
        .unwrap()
        .received;
    assert_eq!(held, Some(receipt(&platform, PERIOD, &all)));
}

fn request(platform: &str, sequence: i64, records: &[UsageRecord]) -> ReportUsageRequest {
    ReportUsageRequest {
        sequence,
        platform_id: platform.into(),
        period: PERIOD.into(),
        records: records.iter().collect(),
        check_only: false,
    }
}

#[tokio::test]
async fn batches_that_are_not_numbered_on_end_the_stream_and_what_was_answered_stands() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    for start in [0, 2, -1, i64::MAX] {
        let mut stream = Stream::open(&client, &platform);
        stream
            .send_raw(request(&platform, start, &fees("never", 1)))
            .await;
        refused(
            stream.answer().await,
            Code::InvalidArgument,
            "SEQUENCE_BROKEN",
        );
    }
    for (number, next) in [1, 3, 0].into_iter().enumerate() {
        let mut stream = Stream::open(&client, &platform);
        let prefix = format!("{number}/");
        stream
            .send_raw(request(&platform, 1, &fees(&prefix, 3)))
            .await;
        assert_eq!(counts(&stream.answer().await.unwrap()), (3, 0, 0));
        stream
            .send_raw(request(&platform, next, &fees("never", 1)))
            .await;
        refused(
            stream.answer().await,
            Code::InvalidArgument,
            "SEQUENCE_BROKEN",
        );
    }
    let held = get_period(&client, &platform, PERIOD)
        .await
        .unwrap()
        .received
        .unwrap();
    assert_eq!(held.record_count, 9);
}

#[tokio::test]
async fn a_batch_has_1_to_1000_records() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    for count in [0, 1_001] {
        let result = report(&client, &platform, PERIOD, &fees("never", count)).await;
        refused(result, Code::InvalidArgument, "BATCH_SIZE");
    }
    let most = report(&client, &platform, PERIOD, &fees("r", 1_000))
        .await
        .unwrap();
    assert_eq!(counts(&most), (1_000, 0, 0));
}

/// Makes a batch one that is refused as a whole; beside it the id of another platform.
type Spoil = fn(&mut ReportUsageRequest, &str);

#[tokio::test]
async fn what_ends_a_stream_names_the_batch_that_is_not_acknowledged() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let other = fresh::platform("mall");
    let bad: [(Spoil, &str); 4] = [
        (|batch, _| batch.records = [].iter().collect(), "BATCH_SIZE"),
        (|batch, _| batch.period = "2017-13".into(), "INVALID_FIELD"),
        (
            |batch, other| batch.platform_id = other.into(),
            "NOT_YOUR_PLATFORM",
        ),
        (|batch, _| batch.check_only = true, "CHECK_MIXED"),
    ];
    for (number, (spoil, expected)) in bad.into_iter().enumerate() {
        let mut stream = Stream::open(&client, &platform);
        for sequence in 1..=4 {
            let records = fees(&format!("{number}/{sequence}/"), 1);
            let mut batch = request(&platform, sequence, &records);
            if sequence == 3 {
                spoil(&mut batch, &other);
            }
            stream.send_raw(batch).await;
        }
        for sequence in 1..=2 {
            assert_eq!(stream.answer().await.unwrap().sequence, sequence);
        }
        let status = stream.answer().await.unwrap_err();
        assert_eq!(reason(&status), expected);
        assert_eq!(metadata(&status, "sequence"), "3", "{expected}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_message_end_a_stream_by_the_number_that_they_stand_for() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let authorization =
        suite.authorization(&Principal::Platform(PlatformId::parse(&platform).unwrap()));
    let raw = Raw::new(&suite.endpoints);
    let good = request(&platform, 1, &fees("r", 1)).encode_to_vec();
    for bad in [b"{}".to_vec(), good[..good.len() - 1].to_vec()] {
        let path = "/gazelle.usage.v1.UsageService/ReportUsage";
        let messages = vec![good.clone(), bad];
        let answers = raw.stream(path, Some(&authorization), messages).await;
        let mut answers = answers.unwrap();
        let first = answers.message().await.unwrap().unwrap();
        let first = ReportUsageResponse::decode(&*first).unwrap();
        assert_eq!((first.sequence, first.refused_count), (1, 0));
        let status = answers.message().await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        assert_eq!(reason(&status), "MESSAGE_UNREADABLE");
        assert_eq!(metadata(&status, "sequence"), "2");
    }
}

#[tokio::test]
async fn a_message_beyond_its_limit_is_refused_and_nothing_of_it_kept() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    assert_eq!(
        counts(
            &report(&client, &platform, PERIOD, &fees("r", 1))
                .await
                .unwrap()
        ),
        (1, 0, 0)
    );
    let mut records = fees("large", 1_000);
    for record in &mut records {
        record.merchant_id = "x".repeat(600);
    }
    let large = report(&client, &platform, PERIOD, &records).await;
    refused(large, Code::InvalidArgument, "BATCH_SIZE");
    let held = get_period(&client, &platform, PERIOD).await.unwrap();
    assert_eq!(
        (held.received.unwrap().record_count, held.refused_count),
        (1, 0)
    );
}

#[tokio::test]
async fn a_compressed_batch_is_read_and_bounded_by_what_it_inflates_to() {
    let platform = fresh::platform("mall");
    let mut client = Suite::shared().platform(&platform);
    client.usage = client.usage.send_compressed(CompressionEncoding::Gzip);
    let answer = report(&client, &platform, PERIOD, &fees("r", 1_000)).await;
    assert_eq!(counts(&answer.unwrap()), (1_000, 0, 0));
    let mut records = fees("large", 1_000);
    for record in &mut records {
        record.merchant_id = "x".repeat(600);
    }
    let large = report(&client, &platform, PERIOD, &records).await;
    refused(large, Code::InvalidArgument, "BATCH_SIZE");
}

#[tokio::test]
async fn a_batch_for_no_month_or_for_another_platform_is_refused() {
    let (platform, other) = (fresh::platform("mall"), fresh::platform("mall"));
    let client = Suite::shared().platform(&platform);
    for period in ["", "2017-13", "2017-3", "1999-12", "2100-01", "March"] {
        let status = report(&client, &platform, period, &fees("r", 1))
            .await
            .unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::InvalidArgument, "INVALID_FIELD")
        );
        let fields = fields(&status);
        assert!(
            fields
                .iter()
                .all(|(field, reason)| field == "period" && reason == "PERIOD_INVALID"),
            "{fields:?}"
        );
        assert_eq!(fields.len(), 1, "{period}");
    }
    for named in [other.as_str(), "not an id", ""] {
        let status = report(&client, named, PERIOD, &fees("r", 1))
            .await
            .unwrap_err();
        let refusal = (status.code(), reason(&status));
        let expected = if named == other {
            (Code::PermissionDenied, "NOT_YOUR_PLATFORM".to_owned())
        } else {
            (Code::InvalidArgument, "INVALID_FIELD".to_owned())
        };
        assert_eq!(refusal, expected, "{named:?}");
    }
}

#[tokio::test]
async fn one_stream_more_than_a_platform_may_have_is_refused_and_the_others_go_on() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let mut open = Vec::new();
    loop {
        let number = open.len();
        let mut stream = Stream::open(&client, &platform);
        stream.send(PERIOD, fees(&format!("{number}/"), 1)).await;
        match stream.answer().await {
            Ok(_) => open.push(stream),
            one_more => {
                refused(one_more, Code::ResourceExhausted, "TOO_MANY_STREAMS");
                break;
            }
        }
        assert!(number < 1_000, "there is no end to it");
    }
    assert!(!open.is_empty());
    for (number, stream) in open.iter_mut().enumerate() {
        stream
            .send(PERIOD, fees(&format!("{number}/second/"), 1))
            .await;
        assert_eq!(counts(&stream.answer().await.unwrap()), (1, 0, 0));
    }
}

#[tokio::test]
async fn an_acknowledgement_says_what_its_batch_added_of_what_was_new_and_good() {
    let platform = fresh::platform("mall");
    let client = Suite::shared().platform(&platform);
    let known = fees("known", 9);
    report(&client, &platform, PERIOD, &known).await.unwrap();
    let back = |new: &UsageRecord| reversal(&format!("-{}", new.record_id), new, 30);
    // Little of a batch was there, and then most of it.
    for (prefix, known) in [("a", &known[..2]), ("b", &known)] {
        let new = fees(prefix, 4);
        let bad = UsageRecord {
            amount_fen: 0,
            ..new[0].clone()
        };
        let sent = [known, &new, &[back(&new[0]), new[1].clone(), bad]].concat();
        let added = [&new[..], &[back(&new[0])]].concat();
        let answer = report(&client, &platform, PERIOD, &sent).await.unwrap();
        let there = i32::try_from(known.len()).unwrap() + 1;
        assert_eq!(counts(&answer), (5, there, 1));
        assert_eq!(answer.added, Some(receipt(&platform, PERIOD, &added)));
        let again = report(&client, &platform, PERIOD, &sent).await.unwrap();
        assert_eq!(again.added, Some(receipt(&platform, PERIOD, [])));
        assert_eq!(again.receipt, answer.receipt);
    }
}
