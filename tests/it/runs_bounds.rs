//! Where runs meet their bounds: each other, the end of a notice, the end of 64 bits.

use gazelle_proto::settlement::v1::RunState;
use gazelle_runtime::auth::Role;
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::{City, approve, compute, program};
use gazelle_tests::fresh;
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::{fee, report_all, seal, state};
use gazelle_tests::runs::settled_city;
use gazelle_tests::suite::Suite;
use sqlx::Executor as _;
use tonic::Code;

#[tokio::test]
async fn of_runs_that_are_computed_at_once_one_is_kept() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;
    let officers = [(); 4].map(|()| city.suite.officer());
    let computes = officers
        .iter()
        .map(|officer| compute(officer, &id, 0, "2017-01"));
    let results = futures::future::join_all(computes).await;

    let (kept, others): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);

    assert_eq!((kept.len(), others.len()), (1, 3));
    let run = kept.into_iter().next().unwrap().unwrap();
    for other in others {
        let status = refused(other, Code::FailedPrecondition, "RUN_OPEN");
        assert_eq!(metadata(&status, "run_id"), run.run_id);
    }
    assert_eq!(run.number, 1);
}

#[tokio::test]
async fn of_approvals_at_once_one_counts_and_the_budget_is_posted_once() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    let names = ["one", "one", "two", "two"];
    let approvers = names.map(|name| city.suite.person(name, &[Role::Approver]));
    let results =
        futures::future::join_all(approvers.iter().map(|approver| approve(approver, &run))).await;

    let mut winners = Vec::new();
    for (name, result) in names.into_iter().zip(results) {
        match result {
            Ok(approved) => {
                assert_eq!(approved.decided_by, format!("person:{name}"));
                winners.push(name);
            }
            status @ Err(_) => drop(refused(
                status,
                Code::FailedPrecondition,
                "RUN_NOT_PUBLISHED",
            )),
        }
    }
    assert!(
        winners == ["one", "one"] || winners == ["two", "two"],
        "{winners:?}"
    );
    let mut session = city
        .suite
        .database("settlement", "gazelle_settlement")
        .await;
    let entries: i64 = sqlx::query_scalar(
        "select count(*) from ledger_entry where cause = 'run_approved' and program_id = $1",
    )
    .bind(&id)
    .fetch_one(&mut session)
    .await
    .unwrap();
    assert_eq!(entries, 1);
}

#[tokio::test]
async fn a_program_of_all_platforms_waits_for_one_that_nobody_has_registered() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let id = fresh::program("share");
    city.apply(program(&id, &[])).await.unwrap();
    let (known, unknown) = (fresh::platform("known"), fresh::platform("unknown"));
    let uscc = city.micro_enterprise().await;
    city.bind(&known, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    let record = fee("r", "shop", "COMMISSION", "2017-01-05", 1_000);
    city.seal_period(&known, "2017-01", std::slice::from_ref(&record))
        .await;
    let client = suite.platform(&unknown);
    report_all(&client, &unknown, "2017-01", std::slice::from_ref(&record)).await;

    let status = city.compute(&id, 0, "2017-01").await;

    let status = refused(status, Code::FailedPrecondition, "PERIOD_NOT_SEALED");
    assert_eq!(metadata(&status, "periods"), format!("{unknown} 2017-01"));
    state(&client, &unknown, "2017-01", 1, 1_000).await.unwrap();
    seal(&city.officer, &unknown, "2017-01").await.unwrap();
    let run = city.settle(&id, 0, "2017-01").await;
    assert_eq!(city.exclusions(&run).await, ["UNBOUND_MERCHANT,1000"]);
    assert_eq!(
        city.enterprises(&run).await,
        [format!("{uscc},500,500,0,500,500,0")]
    );
    drop(city);
    suite.stop().await;
}

#[tokio::test]
async fn a_notice_ends_with_its_last_day_in_shanghai_by_the_databases_clock() {
    let suite = Suite::start(Clock::system()).await;
    let city = City::on(&suite);
    let id = settled_city(&city, &["2017-01"], |program| program.notice_days = 7).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    let (published, ends) = (run.published_at.unwrap(), run.notice_ends_at.unwrap());
    // Midnight in Shanghai, after seven whole days and what was left of the day.
    assert_eq!((ends.seconds + 8 * 3_600) % 86_400, 0);
    assert!((7 * 86_400..=8 * 86_400).contains(&(ends.seconds - published.seconds)));
    let early = city.approve(&run).await;
    refused(early, Code::FailedPrecondition, "NOTICE_NOT_OVER");

    // The service's role can't bring its end about; time passes by a superuser's hand.
    let earlier = "update run set published_at = published_at - interval '8 days',
                          notice_ends_at = notice_ends_at - interval '8 days'";
    let mut service = suite.database("settlement", "gazelle_settlement").await;
    assert!(service.execute(earlier).await.is_err());
    let mut superuser = suite.database("settlement", "postgres").await;
    let alone = "set session_replication_role = replica";
    superuser.execute(alone).await.unwrap();
    superuser.execute(earlier).await.unwrap();

    let approved = city.approve(&run).await.unwrap();

    assert_eq!(approved.state(), RunState::Approved);
    drop(city);
    suite.stop().await;
}

#[tokio::test]
async fn a_sum_that_leaves_64_bits_fails_the_run_and_leaves_nothing_behind() {
    let city = City::on(Suite::shared());
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    city.apply(program(&id, &[&platform])).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    for period in ["2017-01", "2017-02"] {
        let most = fee(
            period,
            "shop",
            "COMMISSION",
            &format!("{period}-05"),
            i64::MAX,
        );
        city.seal_period(&platform, period, &[most]).await;
    }
    refused(
        city.compute(&id, 0, "2017-02").await,
        Code::OutOfRange,
        "OVERFLOW",
    );

    // One such fee fits, half of it too; the budget has a million.
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    assert_eq!(run.number, 1);
    let half = i64::MAX / 2;
    let unfunded = half - 1_000_000;
    assert_eq!(
        city.enterprises(&run).await,
        [format!("{uscc},{half},{half},0,{half},1000000,{unfunded}")]
    );
}
