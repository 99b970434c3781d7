//! Stating and sealing a month, and what a sealed month still answers.

use gazelle_client::Client;
use gazelle_kernel::{Period, day_in_shanghai};
use gazelle_proto::usage::v1::PeriodState;
use gazelle_runtime::clock::Clock;
use gazelle_tests::fresh;
use gazelle_tests::held::{get_period, list_records, list_refused};
use gazelle_tests::receipt::{receipt, seal_digest};
use gazelle_tests::refusal::{by_database, fields_refused, metadata, refused};
use gazelle_tests::report::{
    counts, fate, fee, report, report_all, reversal, seal, some_fee, state,
};
use gazelle_tests::suite::Suite;
use sqlx::AssertSqlSafe;
use time::Duration;
use tonic::Code;

const PERIOD: &str = "2017-03";

/// Of 3 records of 705 fen and one that was refused, states something else, and tries to seal.
async fn refuse_other_statements(client: &Client, officer: &Client, platform: &str) {
    for (count, total) in [
        (3, 704),
        (2, 705),
        (4, 705),
        (3, -705),
        (0, 0),
        (i64::MAX, i64::MAX),
        (3, i64::MIN),
    ] {
        let period = state(client, platform, PERIOD, count, total).await.unwrap();
        let stated = period.statement.unwrap();
        assert_eq!((stated.record_count, stated.total_fen), (count, total));
        let sealed = seal(officer, platform, PERIOD).await;
        let status = refused(sealed, Code::FailedPrecondition, "STATEMENT_MISMATCH");
        let figures = [
            "stated_record_count",
            "stated_total_fen",
            "received_record_count",
            "received_total_fen",
            "refused_count",
        ];
        let expected = [count, total, 3, 705, 1].map(|figure| figure.to_string());
        assert_eq!(figures.map(|figure| metadata(&status, figure)), expected);
    }
}

#[tokio::test]
async fn a_month_is_sealed_when_what_was_stated_is_what_was_received() {
    let suite = Suite::shared();
    let (platform, officer) = (fresh::platform("mall"), suite.officer());
    let client = suite.platform(&platform);
    let seal = async || seal(&officer, &platform, PERIOD).await;
    refused(seal().await, Code::NotFound, "PERIOD_NOT_FOUND");

    let original = some_fee("r", 1_000);
    let records = [
        original.clone(),
        reversal("v", &original, 300),
        some_fee("s", 5),
    ];
    report_all(&client, &platform, PERIOD, &records).await;
    assert_eq!(
        counts(
            &report(&client, &platform, PERIOD, &[some_fee("bad", 0)])
                .await
                .unwrap()
        ),
        (0, 0, 1)
    );
    refused(seal().await, Code::FailedPrecondition, "NOT_STATED");

    refuse_other_statements(&client, &officer, &platform).await;
    assert_eq!(
        get_period(&client, &platform, PERIOD)
            .await
            .unwrap()
            .state(),
        PeriodState::Open
    );

    state(&client, &platform, PERIOD, 3, 705).await.unwrap();
    let sealed = seal().await.unwrap();

    assert_eq!(sealed.state(), PeriodState::Sealed);
    assert_eq!(sealed.received, Some(receipt(&platform, PERIOD, &records)));
    let its_seal = sealed.seal.clone().unwrap();
    assert_eq!((its_seal.record_count, its_seal.total_fen), (3, 705));
    assert_eq!(its_seal.sealed_by, "person:officer");
    assert_eq!(its_seal.digest, seal_digest(&platform, PERIOD, &records));
    assert_eq!(
        seal().await.unwrap(),
        sealed,
        "sealing again returns the same seal"
    );
    assert_eq!(
        get_period(&client, &platform, PERIOD).await.unwrap(),
        sealed
    );
}

#[tokio::test]
async fn a_month_is_sealed_once_it_is_over_by_the_databases_clock() {
    let now = Clock::system().now();
    let present = Period::of(day_in_shanghai(now)).unwrap();
    let before = Period::from_index(present.index() - 1).unwrap();
    let next = present.next().unwrap();
    let last_day = present.last_day().to_string();
    let (before, present) = (before.to_string(), present.to_string());
    // Two months ahead of its database.
    let suite = Suite::start(Clock::fixed(now + Duration::days(62))).await;
    let (client, officer) = (suite.platform("mall"), suite.officer());
    for period in [&before, &present] {
        state(&client, "mall", period, 0, 0).await.unwrap();
    }

    let stated = state(&client, "mall", &next.to_string(), 0, 0).await;
    let status = refused(stated, Code::FailedPrecondition, "PERIOD_NOT_OVER");
    let first_day = metadata(&status, "first_day");
    assert_eq!(first_day, next.first_day().to_string());

    let early = seal(&officer, "mall", &present).await;
    let status = refused(early, Code::FailedPrecondition, "PERIOD_NOT_OVER");
    let said = ["platform_id", "period", "last_day"].map(|key| metadata(&status, key));
    assert_eq!(said, ["mall", &present, &last_day]);
    let mut session = suite.database("usage", "gazelle_usage_writer").await;
    for moment in ["clock_timestamp()", "clock_timestamp() + interval '62 d'"] {
        let statement = format!(
            "update period set sealed_at = {moment}, sealed_by = 'person:officer', \
             seal_digest = digest where sealed_at is null and period % 12 + 1 = {}",
            &present[5..]
        );
        let result = sqlx::query(AssertSqlSafe(statement)).execute(&mut session);
        let refused = by_database(&result.await.unwrap_err());
        assert_eq!(refused, ("23514".into(), "period_clock".into()));
    }

    let sealed = seal(&officer, "mall", &before).await.unwrap();
    assert_eq!(sealed.state(), PeriodState::Sealed);
    suite.stop().await;
}

#[tokio::test]
async fn a_seal_covers_every_record_in_the_order_of_the_hashes_of_their_ids() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let one = |at: i64| {
        fee(
            &format!("订单 {at}"),
            &format!("shop {}", at % 7),
            "COMMISSION",
            "2017-02-28",
            1 + at,
        )
    };
    let records: Vec<_> = (0..2_500).map(one).collect();
    report_all(&client, &platform, PERIOD, &records).await;
    let total = records.iter().map(|record| record.amount_fen).sum();
    state(&client, &platform, PERIOD, 2_500, total)
        .await
        .unwrap();

    let sealed = seal(&suite.officer(), &platform, PERIOD)
        .await
        .unwrap()
        .seal
        .unwrap();

    assert_eq!(sealed.digest, seal_digest(&platform, PERIOD, &records));
}

#[tokio::test]
async fn a_sealed_month_takes_nothing_new_and_knows_what_it_has() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let original = some_fee("r", 100);
    report_all(&client, &platform, PERIOD, std::slice::from_ref(&original)).await;
    state(&client, &platform, PERIOD, 1, 100).await.unwrap();
    let sealed = seal(&suite.officer(), &platform, PERIOD).await.unwrap();

    let sent = [
        original.clone(),
        some_fee("new", 1),
        some_fee("r", 101),
        reversal("v", &original, 1),
        some_fee("bad", 0),
    ];
    let answer = report(&client, &platform, PERIOD, &sent).await.unwrap();

    let fates: Vec<_> = (0..5).map(|at| fate(&answer, at)).collect();
    assert_eq!(
        fates,
        [
            "DUPLICATE",
            "PERIOD_SEALED",
            "RECORD_CONFLICT",
            "PERIOD_SEALED",
            "AMOUNT_NOT_POSITIVE"
        ]
    );
    assert_eq!(answer.receipt, sealed.received);
    assert_eq!(
        list_records(&client, &platform, PERIOD).await,
        std::slice::from_ref(&original)
    );
    let mut reasons: Vec<_> = list_refused(&client, &platform, PERIOD)
        .await
        .into_iter()
        .map(|refused| refused.reason)
        .collect();
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "AMOUNT_NOT_POSITIVE",
            "PERIOD_SEALED",
            "PERIOD_SEALED",
            "RECORD_CONFLICT"
        ]
    );
    // What is late goes into an open month, and takes back what is sealed.
    let april = report(
        &client,
        &platform,
        "2017-04",
        &[some_fee("new", 1), reversal("v", &original, 1)],
    )
    .await;
    assert_eq!(counts(&april.unwrap()), (2, 0, 0));
}

#[tokio::test]
async fn a_statement_may_be_corrected_until_the_month_is_sealed_and_then_only_repeated() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    fields_refused(
        state(&client, &platform, PERIOD, -1, 0).await,
        &[("record_count", "COUNT_NEGATIVE")],
    );
    // Nothing to report is stated too, and sealed.
    state(&client, &platform, PERIOD, 1, 5).await.unwrap();
    refused(
        seal(&suite.officer(), &platform, PERIOD).await,
        Code::FailedPrecondition,
        "STATEMENT_MISMATCH",
    );
    let stated = state(&client, &platform, PERIOD, 0, 0).await.unwrap();
    assert_eq!(
        stated.statement.as_ref().unwrap().stated_by,
        format!("platform:{platform}")
    );
    let sealed = seal(&suite.officer(), &platform, PERIOD).await.unwrap();
    assert_eq!(
        sealed.seal.as_ref().unwrap().digest,
        seal_digest(&platform, PERIOD, &[])
    );

    let changed = state(&client, &platform, PERIOD, 0, 1).await;
    refused(changed, Code::FailedPrecondition, "PERIOD_SEALED");
    assert_eq!(
        state(&client, &platform, PERIOD, 0, 0).await.unwrap(),
        sealed
    );
}
