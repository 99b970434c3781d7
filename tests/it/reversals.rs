//! Taking fees back: never more than there was, never from another, never what is not there.

use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::fresh;
use gazelle_tests::held::get_period;
use gazelle_tests::receipt::receipt;
use gazelle_tests::report::{Stream, counts, fate, fee, report, reversal};
use gazelle_tests::suite::Suite;

const PERIOD: &str = "2017-03";

fn hundred(id: &str) -> UsageRecord {
    fee(id, "shop", "COMMISSION", "2017-03-05", 100)
}

/// Reports each record in a batch of its own; what became of it.
async fn one_by_one(platform: &str, period: &str, records: &[UsageRecord]) -> Vec<String> {
    let client = Suite::shared().platform(platform);
    let mut fates = Vec::new();
    for record in records {
        let answer = report(&client, platform, period, std::slice::from_ref(record))
            .await
            .unwrap();
        fates.push(fate(&answer, 0));
    }
    fates
}

/// Reports all records in one batch; what became of each.
async fn at_once(platform: &str, period: &str, records: &[UsageRecord]) -> Vec<String> {
    let client = Suite::shared().platform(platform);
    let answer = report(&client, platform, period, records).await.unwrap();
    (0..records.len()).map(|at| fate(&answer, at)).collect()
}

/// Reports each record in a batch with a new fee, as most reversals come; what became of it.
async fn each_with_a_fee(platform: &str, period: &str, records: &[UsageRecord]) -> Vec<String> {
    let client = Suite::shared().platform(platform);
    let mut fates = Vec::new();
    for (number, record) in records.iter().enumerate() {
        let new = hundred(&format!("beside {number}"));
        let batch = [new, record.clone()];
        let answer = report(&client, platform, period, &batch).await.unwrap();
        assert_eq!(fate(&answer, 0), "ACCEPTED");
        fates.push(fate(&answer, 1));
    }
    fates
}

#[tokio::test]
async fn reversals_take_back_a_part_the_rest_and_never_more() {
    let original = hundred("r");
    let records = [
        original.clone(),
        reversal("part", &original, 40),
        reversal("too much", &original, 61),
        reversal("rest", &original, 60),
        reversal("one more", &original, 1),
        reversal("part", &original, 40),
        reversal("all again", &original, 100),
        reversal("endless", &original, i64::MAX),
    ];
    let expected = [
        "ACCEPTED",
        "ACCEPTED",
        "REVERSAL_EXCEEDS_RECORD",
        "ACCEPTED",
        "REVERSAL_EXCEEDS_RECORD",
        "DUPLICATE",
        "REVERSAL_EXCEEDS_RECORD",
        "REVERSAL_EXCEEDS_RECORD",
    ];
    let [one, other, third] = [(); 3].map(|()| fresh::platform("mall"));
    assert_eq!(one_by_one(&one, PERIOD, &records).await, expected);
    assert_eq!(at_once(&other, PERIOD, &records).await, expected);
    assert_eq!(each_with_a_fee(&third, PERIOD, &records).await, expected);
    let client = Suite::shared().auditor();
    for (platform, held) in [(&one, (3, 0)), (&other, (3, 0)), (&third, (11, 800))] {
        let period = get_period(&client, platform, PERIOD).await.unwrap();
        let received = period.received.unwrap();
        assert_eq!((received.record_count, received.total_fen), held);
    }
}

#[tokio::test]
async fn a_reversal_sent_again_with_other_content_is_a_conflict_whatever_else_is_wrong_with_it() {
    let platform = fresh::platform("mall");
    let original = hundred("r");
    let elsewhere = UsageRecord {
        merchant_id: "another-shop".into(),
        ..reversal("back", &original, 60)
    };
    let records = [
        original.clone(),
        reversal("back", &original, 60),
        reversal("back", &original, 200),
        elsewhere,
        reversal("back", &original, 60),
    ];
    assert_eq!(
        one_by_one(&platform, PERIOD, &records).await,
        [
            "ACCEPTED",
            "ACCEPTED",
            "RECORD_CONFLICT",
            "RECORD_CONFLICT",
            "DUPLICATE"
        ]
    );
}

/// Reversals, good ones and bad ones, and the fee that most of them name.
fn reversals_of_anything() -> [UsageRecord; 12] {
    let original = hundred("r");
    [
        reversal("early", &original, 1),
        original.clone(),
        UsageRecord {
            merchant_id: "other".into(),
            ..reversal("merchant", &original, 1)
        },
        UsageRecord {
            fee_kind: "MEMBERSHIP".into(),
            ..reversal("kind", &original, 1)
        },
        reversal("v", &original, 1),
        reversal("of v", &reversal("v", &original, 1), -1),
        UsageRecord {
            reverses_record_id: "v".into(),
            ..reversal("of v", &original, 1)
        },
        UsageRecord {
            reverses_record_id: "self".into(),
            ..reversal("self", &original, 1)
        },
        UsageRecord {
            reverses_record_id: "no\u{0}id".into(),
            ..reversal("w", &original, 1)
        },
        UsageRecord {
            occurred_on: "2017-03-31".into(),
            ..reversal("later day", &original, 1)
        },
        UsageRecord {
            occurred_on: "2017-01-01".into(),
            ..reversal("earlier day", &original, 1)
        },
        UsageRecord {
            occurred_on: "2017-04-01".into(),
            ..reversal("next month", &original, 1)
        },
    ]
}

#[tokio::test]
async fn a_reversal_is_of_the_same_merchant_and_kind_and_of_a_fee_that_stands() {
    let records = reversals_of_anything();
    let expected = [
        "REVERSED_RECORD_NOT_FOUND",
        "ACCEPTED",
        "REVERSAL_MISMATCH",
        "REVERSAL_MISMATCH",
        "ACCEPTED",
        "REVERSAL_NOT_NEGATIVE",
        "REVERSAL_OF_REVERSAL",
        "REVERSED_RECORD_NOT_FOUND",
        "REVERSED_RECORD_NOT_FOUND",
        "ACCEPTED",
        "ACCEPTED",
        "OCCURRED_AFTER_PERIOD",
    ];
    assert_eq!(
        at_once(&fresh::platform("mall"), PERIOD, &records).await,
        expected
    );
    assert_eq!(
        one_by_one(&fresh::platform("mall"), PERIOD, &records).await,
        expected
    );
}

#[tokio::test]
async fn a_reversal_reaches_into_earlier_periods_not_into_later_ones_nor_other_platforms() {
    let (platform, other) = (fresh::platform("mall"), fresh::platform("mall"));
    let original = hundred("r");
    let april = UsageRecord {
        occurred_on: "2017-04-02".into(),
        ..reversal("v", &original, 70)
    };
    let february = UsageRecord {
        occurred_on: "2017-02-02".into(),
        ..reversal("w", &original, 10)
    };
    assert_eq!(
        one_by_one(&platform, PERIOD, std::slice::from_ref(&original)).await,
        ["ACCEPTED"]
    );

    assert_eq!(
        one_by_one(&other, "2017-04", std::slice::from_ref(&april)).await,
        ["REVERSED_RECORD_NOT_FOUND"]
    );
    assert_eq!(
        one_by_one(&platform, "2017-02", &[february]).await,
        ["REVERSED_RECORD_NOT_FOUND"]
    );
    assert_eq!(
        one_by_one(&platform, "2017-04", &[april]).await,
        ["ACCEPTED"]
    );

    // Over the periods together, too, at most the record.
    let may = |fen| UsageRecord {
        occurred_on: "2017-05-02".into(),
        ..reversal("x", &original, fen)
    };
    assert_eq!(
        one_by_one(&platform, "2017-05", &[may(31), may(30)]).await,
        ["REVERSAL_EXCEEDS_RECORD", "ACCEPTED"]
    );
}

#[tokio::test]
async fn reversals_that_come_before_their_records_are_refused_however_close_they_come() {
    let platform = fresh::platform("mall");
    let mut stream = Stream::open(&Suite::shared().platform(&platform), &platform);
    for round in 0..20 {
        let later: Vec<_> = (0..5)
            .map(|at| hundred(&format!("later {round}/{at}")))
            .collect();
        let back = |fee: &UsageRecord| reversal(&format!("back {}", fee.record_id), fee, 60);
        // The few that come later are written sooner.
        let many = (0..990).map(|at| hundred(&format!("sooner {round}/{at}")));
        let sooner = many.chain(later.iter().map(back)).collect();
        stream.send(PERIOD, sooner).await;
        stream.send(PERIOD, later).await;
        let answer = stream.answer().await.unwrap();
        assert_eq!(counts(&answer), (990, 0, 5));
        assert_eq!(fate(&answer, 994), "REVERSED_RECORD_NOT_FOUND");
        assert_eq!(counts(&stream.answer().await.unwrap()), (5, 0, 0));
    }
}

#[tokio::test]
async fn reversals_of_one_record_from_two_sides_at_once_never_exceed_it() {
    let platform = fresh::platform("mall");
    let clients = [(); 2].map(|()| Suite::shared().platform(&platform));
    let mut kept = Vec::new();
    for round in 0..40 {
        let originals: Vec<_> = (0..20)
            .map(|at| hundred(&format!("{round}/{at}")))
            .collect();
        assert_eq!(
            counts(
                &report(&clients[0], &platform, PERIOD, &originals)
                    .await
                    .unwrap()
            ),
            (20, 0, 0)
        );
        let back = |side: &str| -> Vec<UsageRecord> {
            originals
                .iter()
                .map(|fee| reversal(&format!("{side}{}", fee.record_id), fee, 60))
                .collect()
        };
        let (left, mut right) = (back("l"), back("r"));
        right.reverse();
        let (one, other) = tokio::join!(
            report(&clients[0], &platform, PERIOD, &left),
            report(&clients[1], &platform, PERIOD, &right)
        );
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(
            one.accepted_count + other.accepted_count,
            20,
            "one side of each"
        );
        for (answer, sent) in [(&one, left), (&other, right)] {
            for (at, record) in sent.into_iter().enumerate() {
                match fate(answer, at).as_str() {
                    "ACCEPTED" => kept.push(record),
                    reason => assert_eq!(reason, "REVERSAL_EXCEEDS_RECORD"),
                }
            }
        }
        kept.extend(originals);
    }
    let held = get_period(&clients[0], &platform, PERIOD)
        .await
        .unwrap()
        .received;
    assert_eq!(held, Some(receipt(&platform, PERIOD, &kept)));
}
