//! The totals that settlement reads.

use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::city::City;
use gazelle_tests::fresh;
use gazelle_tests::held::totals;
use gazelle_tests::report::{fee, report_all, reversal, state};
use gazelle_tests::suite::Suite;

/// What is told of these: the first periods, and all else.
fn expected(one: &str, other: &str) -> ([String; 2], [String; 10]) {
    let firsts = [
        format!("{one} first 2017-03"),
        format!("{other} first 2017-04"),
    ];
    let rest = [
        format!("{one} 2017-03 sealed"),
        "Shop COMMISSION 2016-12-31 9 in 1".to_owned(),
        "shop COMMISSION 2017-03-05 100 in 3".to_owned(),
        "shop MEMBERSHIP 2017-03-05 7 in 1".to_owned(),
        "店 COMMISSION 2017-03-06 1 in 1".to_owned(),
        format!("{one} 2017-04 sealed"),
        "shop COMMISSION 2017-03-05 -30 in 1".to_owned(),
        "shop COMMISSION 2017-04-09 4 in 1".to_owned(),
        format!("{one} 2017-05 open"),
        format!("{other} 2017-04 open"),
    ];
    (firsts, rest)
}

#[tokio::test]
async fn sealed_totals_count_a_reversal_on_the_day_of_what_it_reverses() {
    let suite = Suite::shared();
    let (one, other) = (fresh::platform("mall"), fresh::platform("mall"));
    let (city, auditor) = (City::on(suite), suite.auditor());
    let client = suite.platform(&one);
    let first = fee("a", "shop", "COMMISSION", "2017-03-05", 100);
    let second = fee("b", "shop", "COMMISSION", "2017-03-05", 50);
    let march = [
        first.clone(),
        second.clone(),
        fee("c", "shop", "MEMBERSHIP", "2017-03-05", 7),
        fee("d", "Shop", "COMMISSION", "2016-12-31", 9),
        fee("e", "店", "COMMISSION", "2017-03-06", 1),
        UsageRecord {
            occurred_on: "2017-03-31".into(),
            ..reversal("f", &second, 50)
        },
    ];
    city.seal_period(&one, "2017-03", &march).await;
    let april = [
        UsageRecord {
            occurred_on: "2017-04-09".into(),
            ..reversal("g", &first, 30)
        },
        fee("h", "shop", "COMMISSION", "2017-04-09", 4),
    ];
    city.seal_period(&one, "2017-04", &april).await;
    report_all(
        &client,
        &one,
        "2017-05",
        &[fee("i", "shop", "COMMISSION", "2017-05-01", 8)],
    )
    .await;
    state(&suite.platform(&other), &other, "2017-04", 0, 0)
        .await
        .unwrap();

    let (firsts, expected) = expected(&one, &other);
    let both = [other.as_str(), one.as_str()];
    assert_eq!(
        totals(&auditor, &both, "2017-01", "2017-12").await,
        [&firsts[..], &expected].concat()
    );
    assert_eq!(
        totals(&auditor, &both, "2017-04", "2017-04").await,
        [&firsts[..], &expected[5..8], &expected[9..]].concat()
    );
    assert_eq!(
        totals(&auditor, &[&fresh::platform("mall")], "2017-01", "2017-12").await,
        [""; 0]
    );
    let all = totals(&auditor, &[], "2017-05", "2017-05").await;
    assert!(all.contains(&expected[8]));
    // Before and after what was asked for.
    assert!(firsts.iter().all(|first| all.contains(first)));
    let early = totals(&auditor, &both, "2016-01", "2016-12").await;
    assert_eq!(early, firsts);
}

#[tokio::test]
async fn totals_of_very_many_merchants_arrive_whole() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let one = |at: i64| {
        fee(
            &format!("r{at}"),
            &format!("shop {at:05}"),
            "COMMISSION",
            "2017-03-05",
            1 + at,
        )
    };
    let records: Vec<_> = (0..3_500).map(one).collect();
    City::on(suite)
        .seal_period(&platform, "2017-03", &records)
        .await;

    let lines = totals(&suite.auditor(), &[&platform], "2017-03", "2017-03").await;

    assert_eq!(lines.len(), 3_502);
    let expected =
        (0..3_500).map(|at| format!("shop {at:05} COMMISSION 2017-03-05 {} in 1", 1 + at));
    assert!(lines[2..].iter().eq(&expected.collect::<Vec<_>>()));
}
