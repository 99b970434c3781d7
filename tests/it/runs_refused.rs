//! Runs that can't be computed, and names that are none.

use gazelle_proto::settlement::v1::{GetRunRequest, Run, VerifyRunRequest};
use gazelle_tests::city::{City, program};
use gazelle_tests::fresh;
use gazelle_tests::refusal::{fields_refused, metadata, refused};
use gazelle_tests::report::{fee, report_all, seal, state};
use gazelle_tests::runs::{cancel, settled_city};
use gazelle_tests::suite::Suite;
use tonic::Code;

#[tokio::test]
async fn a_month_that_was_reported_or_stated_is_sealed_before_a_run_reads_it() {
    let city = City::on(Suite::shared());
    let (platform, other, id) = (
        fresh::platform("mall"),
        fresh::platform("mall"),
        fresh::program("share"),
    );
    city.apply(program(&id, &[&platform, &other]))
        .await
        .unwrap();
    // They owe what they report or state, and nothing else.
    for platform in [&platform, &other] {
        city.reports_to(platform, "2016-12").await;
    }
    let (client, its) = (city.suite.platform(&platform), city.suite.platform(&other));
    report_all(
        &client,
        &platform,
        "2017-02",
        &[fee("r", "shop", "COMMISSION", "2017-02-05", 1)],
    )
    .await;
    state(&its, &other, "2017-03", 0, 0).await.unwrap();
    report_all(
        &client,
        &platform,
        "2016-12",
        &[fee("s", "shop", "COMMISSION", "2016-12-05", 1)],
    )
    .await;
    let periods = async |through: &str| {
        let status = refused(
            city.compute(&id, 0, through).await,
            Code::FailedPrecondition,
            "PERIOD_NOT_SEALED",
        );
        let periods = metadata(&status, "periods");
        let mut periods: Vec<_> = periods.split(", ").map(str::to_owned).collect();
        periods.sort();
        periods
    };
    let (february, march) = (format!("{platform} 2017-02"), format!("{other} 2017-03"));
    assert_eq!(periods("2017-12").await, [february.clone(), march.clone()]);
    assert_eq!(periods("2017-02").await, [february]);

    state(&client, &platform, "2017-02", 1, 1).await.unwrap();
    seal(&city.officer, &platform, "2017-02").await.unwrap();
    assert_eq!(periods("2017-03").await, [march]);
    let january = city.compute(&id, 0, "2017-02").await.unwrap();
    assert_eq!(city.exclusions(&january).await, ["UNBOUND_MERCHANT,1"]);
}

#[tokio::test]
async fn a_run_reads_from_january_of_its_year_and_never_goes_back() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01", "2017-02"], |_| ()).await;
    for (year, through) in [(2018, "2017-12"), (2017, "2016-12")] {
        let result = city.compute(&id, year, through).await;
        refused(result, Code::FailedPrecondition, "PERIOD_BEFORE_YEAR");
    }
    city.settle(&id, 0, "2017-02").await;
    let back = city.compute(&id, 0, "2017-01").await;
    refused(back, Code::FailedPrecondition, "PERIOD_BEFORE_LAST_RUN");
    // Another year has its own; the same month may be settled again.
    city.settle(&id, 2016, "2016-12").await;
    city.settle(&id, 0, "2017-02").await;
}

#[tokio::test]
async fn what_is_not_there_or_no_name_is_refused() {
    let city = City::on(Suite::shared());
    let unknown = fresh::program("share");
    refused(
        city.compute(&unknown, 0, "2017-01").await,
        Code::NotFound,
        "PROGRAM_NOT_FOUND",
    );
    let run = Run {
        run_id: uuid::Uuid::nil().to_string(),
        digest: "0".repeat(64),
        ..Run::default()
    };
    refused(city.publish(&run).await, Code::NotFound, "RUN_NOT_FOUND");
    refused(city.approve(&run).await, Code::NotFound, "RUN_NOT_FOUND");
    refused(
        cancel(&city.officer, &run).await,
        Code::NotFound,
        "RUN_NOT_FOUND",
    );
    let request = VerifyRunRequest {
        run_id: run.run_id.clone(),
    };
    let verified = city.auditor.runs.clone().verify_run(request).await;
    refused(verified, Code::NotFound, "RUN_NOT_FOUND");
    let request = GetRunRequest {
        run_id: "7".to_owned(),
        ..GetRunRequest::default()
    };
    fields_refused(
        city.auditor.runs.clone().get_run(request).await,
        &[("run_id", "ID_INVALID")],
    );
    fields_refused(
        city.compute("No!", 1, "2017-13").await,
        &[
            ("program_id", "ID_INVALID"),
            ("through_period", "PERIOD_INVALID"),
            ("year", "YEAR_INVALID"),
        ],
    );
}
