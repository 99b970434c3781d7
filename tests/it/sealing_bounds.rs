//! Where sealing meets its bounds: others at the same time, and the end of 64 bits.

use std::time::Duration;

use gazelle_proto::usage::v1::PeriodState;
use gazelle_runtime::auth::Role;
use gazelle_tests::fresh;
use gazelle_tests::held::list_records;
use gazelle_tests::receipt::{receipt, seal_digest};
use gazelle_tests::refusal::refused;
use gazelle_tests::report::{
    counts, fate, fee, report, report_all, reversal, seal, some_fee, state,
};
use gazelle_tests::suite::Suite;
use sqlx::Connection as _;
use tokio::time::sleep;
use tonic::Code;

const PERIOD: &str = "2017-03";

#[tokio::test]
async fn a_month_is_sealed_once_though_several_officers_try_at_once() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    report_all(&client, &platform, PERIOD, &[some_fee("r", 100)]).await;
    state(&client, &platform, PERIOD, 1, 100).await.unwrap();
    let officers = ["one", "two", "three"].map(|name| suite.person(name, &[Role::Officer]));

    let [one, two, three] = officers
        .each_ref()
        .map(|officer| seal(officer, &platform, PERIOD));
    let (one, two, three) = tokio::join!(one, two, three);

    let one = one.unwrap();
    assert_eq!((&two.unwrap(), &three.unwrap()), (&one, &one));
}

#[tokio::test]
async fn records_that_come_while_the_month_is_being_sealed_are_in_the_seal_or_refused() {
    let suite = Suite::shared();
    for round in 0..15 {
        let platform = fresh::platform("mall");
        let clients = [(); 2].map(|()| suite.platform(&platform));
        report_all(&clients[0], &platform, PERIOD, &[some_fee("r", 100)]).await;
        state(&clients[0], &platform, PERIOD, 1, 100).await.unwrap();
        let officer = suite.officer();
        let late: Vec<_> = (0..50)
            .map(|at| some_fee(&format!("late {at}"), 1))
            .collect();

        let (sealed, answer) = tokio::join!(seal(&officer, &platform, PERIOD), async {
            // While a month is being sealed, a batch may be sent back to be sent again.
            for _ in 0..100 {
                match report(&clients[1], &platform, PERIOD, &late).await {
                    Err(status) if status.code() == Code::Unavailable => {
                        sleep(Duration::from_millis(20)).await;
                    }
                    answer => return answer.unwrap(),
                }
            }
            panic!("the batch is never answered");
        });

        let held = list_records(&clients[0], &platform, PERIOD).await;
        match sealed {
            Ok(sealed) => {
                assert_eq!(
                    (counts(&answer), fate(&answer, 0)),
                    ((0, 0, 50), "PERIOD_SEALED".into())
                );
                assert_eq!(
                    sealed.seal.unwrap().digest,
                    seal_digest(&platform, PERIOD, &held)
                );
                assert_eq!(held.len(), 1);
            }
            status @ Err(_) => {
                refused(status, Code::FailedPrecondition, "STATEMENT_MISMATCH");
                assert_eq!(
                    (counts(&answer), held.len()),
                    ((50, 0, 0), 51),
                    "round {round}"
                );
            }
        }
    }
}

#[tokio::test]
async fn amounts_at_the_end_of_64_bits_are_added_without_wrapping() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let most = |id: &str, merchant: &str| fee(id, merchant, "COMMISSION", "2017-03-05", i64::MAX);
    let (one, other) = (most("r", "shop"), most("s", "other"));
    let answer = report(&client, &platform, PERIOD, &[one.clone(), other.clone()])
        .await
        .unwrap();
    assert_eq!(
        answer.receipt,
        Some(receipt(&platform, PERIOD, [&one, &other]))
    );
    assert_eq!(answer.receipt.unwrap().total_fen, i64::MAX);

    // No statement can agree with a sum that has no 64 bits.
    state(&client, &platform, PERIOD, 2, i64::MAX)
        .await
        .unwrap();
    refused(
        seal(&suite.officer(), &platform, PERIOD).await,
        Code::FailedPrecondition,
        "STATEMENT_MISMATCH",
    );

    let back = reversal("v", &other, i64::MAX);
    let answer = report(&client, &platform, PERIOD, std::slice::from_ref(&back))
        .await
        .unwrap();
    assert_eq!(
        answer.receipt,
        Some(receipt(&platform, PERIOD, [&one, &other, &back]))
    );
    state(&client, &platform, PERIOD, 3, i64::MAX)
        .await
        .unwrap();
    let sealed = seal(&suite.officer(), &platform, PERIOD).await.unwrap();
    assert_eq!(sealed.seal.unwrap().total_fen, i64::MAX);
}

#[tokio::test]
async fn a_day_whose_sum_leaves_64_bits_keeps_the_month_open_until_it_is_reversed() {
    let suite = Suite::shared();
    let (platform, officer) = (fresh::platform("mall"), suite.officer());
    let client = suite.platform(&platform);
    let most = |id: &str, day: &str| fee(id, "shop", "COMMISSION", day, i64::MAX);
    let earlier = most("early", "2017-02-01");
    report_all(
        &client,
        &platform,
        "2017-02",
        std::slice::from_ref(&earlier),
    )
    .await;
    // The month's total has 64 bits, since it takes back what February charged; its day has not.
    let (one, other) = (most("r", "2017-03-05"), most("s", "2017-03-05"));
    let records = [one, other.clone(), reversal("v", &earlier, i64::MAX)];
    report_all(&client, &platform, PERIOD, &records).await;
    state(&client, &platform, PERIOD, 3, i64::MAX)
        .await
        .unwrap();

    refused(
        seal(&officer, &platform, PERIOD).await,
        Code::OutOfRange,
        "TOTAL_OVERFLOW",
    );

    report_all(
        &client,
        &platform,
        PERIOD,
        &[reversal("w", &other, i64::MAX)],
    )
    .await;
    state(&client, &platform, PERIOD, 4, 0).await.unwrap();
    assert_eq!(
        seal(&officer, &platform, PERIOD).await.unwrap().state(),
        PeriodState::Sealed
    );
}

#[tokio::test]
async fn other_months_take_reversals_of_a_month_that_is_being_sealed() {
    let suite = Suite::shared();
    let platform = fresh::platform("mall");
    let client = suite.platform(&platform);
    let one = some_fee("r", 100);
    report_all(&client, &platform, PERIOD, std::slice::from_ref(&one)).await;
    // As sealing holds them, however long it takes.
    let mut session = suite.database("usage", "gazelle_usage_writer").await;
    let mut sealing = session.begin().await.unwrap();
    for lock in [
        "select from platform where platform_id = $1 for no key update",
        "select from period where platform = (select platform from platform where platform_id = $1) for update",
    ] {
        sqlx::query(lock)
            .bind(&platform)
            .execute(&mut *sealing)
            .await
            .unwrap();
    }

    let answer = report(&client, &platform, "2017-04", &[reversal("v", &one, 30)]).await;

    assert_eq!(counts(&answer.unwrap()), (1, 0, 0));
    sealing.rollback().await.unwrap();
    state(&client, &platform, PERIOD, 1, 100).await.unwrap();
    seal(&suite.officer(), &platform, PERIOD).await.unwrap();
}
