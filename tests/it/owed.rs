//! Months that platforms owe: a run waits for them, or says what it was computed without.

use gazelle_proto::settlement::v1::{
    GetReadinessRequest, GetReadinessResponse, OwedPeriod, OwedPeriodReadiness, OwedPeriodState,
};
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::{City, compute_without, program};
use gazelle_tests::fresh;
use gazelle_tests::refusal::{fields_refused, metadata, refused};
use gazelle_tests::report::{fee, report_all, reversal, seal, state};
use gazelle_tests::runs::charged;
use gazelle_tests::suite::Suite;
use tonic::Code;

/// The months, in order, for which a run through `through` waits.
async fn missing(city: &City<'_>, id: &str, through: &str) -> Vec<String> {
    let status = refused(
        city.compute(id, 0, through).await,
        Code::FailedPrecondition,
        "PERIOD_NOT_SEALED",
    );
    let periods = metadata(&status, "periods");
    periods.split(", ").map(str::to_owned).collect()
}

fn owed(platform: &str, period: &str) -> OwedPeriod {
    OwedPeriod {
        platform_id: platform.to_owned(),
        period: period.to_owned(),
    }
}

#[tokio::test]
async fn a_year_of_which_one_month_came_is_not_settled_and_each_other_month_is_named() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-01"], |_| ()).await;
    let later: Vec<_> = (2..=12)
        .map(|number| format!("{platform} 2017-{number:02}"))
        .collect();
    assert_eq!(missing(&city, &id, "2017-03").await, later[..2]);
    let all = missing(&city, &id, "2017-12").await;
    let (named, more) = all.split_at(9);
    assert_eq!(named, &later[..9]);
    assert_eq!(more, [format!("{} and 1 more", later[9])]);
    // Nothing is kept of what was refused, and the month that came can be settled.
    assert_eq!(city.settle(&id, 0, "2017-01").await.number, 1);
}

#[tokio::test]
async fn a_platform_owes_what_the_registry_says_whether_or_not_it_reports() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-03"], |_| ()).await;
    city.reports_over(&platform, ["2017-02", "2017-05"]).await;
    let february = format!("{platform} 2017-02");
    assert_eq!(
        missing(&city, &id, "2017-12").await,
        [february.clone(), format!("{platform} 2017-04")]
    );
    assert_eq!(missing(&city, &id, "2017-03").await, [february]);
    // An earlier first month owes more, and one that is later less.
    city.reports_over(&platform, ["2016-11", "2017-02"]).await;
    assert_eq!(
        missing(&city, &id, "2017-12").await,
        [format!("{platform} 2017-01")]
    );
    city.reports_over(&platform, ["2017-03", "2017-04"]).await;
    city.settle(&id, 0, "2017-12").await;
}

#[tokio::test]
async fn a_month_that_was_left_out_is_part_of_the_run_and_no_fee_of_it_is_shared() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-01", "2017-03"], |_| ()).await;
    let (february, march) = ([(&*platform, "2017-02")], "2017-03");

    let run = compute_without(&city.officer, &id, (0, march), &february).await;

    let run = run.unwrap();
    let left_out = [owed(&platform, "2017-02")];
    assert_eq!(run.left_out, left_out);
    assert_eq!(run.totals.unwrap().granted_fen, 1_000);
    let published = city.publish(&run).await.unwrap();
    assert_eq!(published.left_out, left_out);
    assert_eq!(city.approve(&published).await.unwrap().left_out, left_out);
    assert_eq!(city.run(&run.run_id).await.left_out, left_out);
    // The next run waits for it again.
    assert_eq!(
        missing(&city, &id, march).await,
        [format!("{platform} 2017-02")]
    );
}

#[tokio::test]
async fn what_reverses_a_month_left_out_takes_no_more_than_was_given_until_that_month_is_read() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-01"], |_| ()).await;
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "stall", &uscc).await;
    city.enroll(&id, &uscc, 1).await;
    let late = fee("late", "stall", "COMMISSION", "2017-02-05", 5_000);
    let client = city.suite.platform(&platform);
    // More than all that is read.
    let back = reversal("back", &late, 4_000);
    report_all(&client, &platform, "2017-02", &[late]).await;
    city.seal_period(&platform, "2017-03", &[back]).await;

    let february = [(&*platform, "2017-02")];
    let run = compute_without(&city.officer, &id, (0, "2017-03"), &february).await;

    let run = run.unwrap();
    let totals = run.totals.unwrap();
    let figures = (
        totals.eligible_fen,
        totals.granted_fen,
        totals.clawed_back_fen,
    );
    assert_eq!(figures, (-3_000, 500, 0));
    let published = city.publish(&run).await.unwrap();
    city.approve(&published).await.unwrap();
    state(&client, &platform, "2017-02", 1, 5_000)
        .await
        .unwrap();
    seal(&city.officer, &platform, "2017-02").await.unwrap();
    let totals = city.settle(&id, 0, "2017-03").await.totals.unwrap();
    assert_eq!((totals.eligible_fen, totals.granted_fen), (2_000, 500));
}

#[tokio::test]
async fn only_what_is_owed_and_missing_is_left_out() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-01", "2017-03"], |_| ()).await;
    let other = fresh::platform("mall");
    let not_missing = [
        ((&*platform, "2017-01"), "SEALED"),
        ((&*platform, "2017-04"), "OUTSIDE_RUN"),
        ((&*platform, "2016-12"), "OUTSIDE_RUN"),
        ((&*other, "2017-02"), "PLATFORM_NOT_COVERED"),
    ];
    for (owed, why) in not_missing {
        let left_out = [(&*platform, "2017-02"), owed];
        let computed = compute_without(&city.officer, &id, (0, "2017-03"), &left_out).await;
        let status = refused(computed, Code::FailedPrecondition, "PERIOD_NOT_OWED");
        let periods = metadata(&status, "periods");
        assert_eq!(periods, format!("{} {}", owed.0, owed.1));
        assert_eq!(metadata(&status, "causes"), why);
    }
    let wrong = [("No!", "2017-02"), (&*platform, "2017-13")];
    fields_refused(
        compute_without(&city.officer, &id, (0, "2017-03"), &wrong).await,
        &[
            ("left_out[0]", "ID_INVALID"),
            ("left_out[1]", "PERIOD_INVALID"),
        ],
    );
}

#[tokio::test]
async fn a_month_that_is_not_over_is_not_settled_even_if_all_else_is_there() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &[], |_| ()).await;
    let today = Clock::system().now().date();
    // The next month: not over, whatever the hour is in Shanghai.
    let (year, month) = match u8::from(today.month()) {
        12 => (today.year() + 1, 1),
        month => (today.year(), month + 1),
    };
    let next = format!("{year}-{month:02}");
    city.reports_to(&platform, "2017-01").await;
    refused(
        city.compute(&id, 0, &next).await,
        Code::FailedPrecondition,
        "PERIOD_NOT_OVER",
    );
}

async fn readiness(city: &City<'_>, id: &str, through: &str) -> GetReadinessResponse {
    let request = GetReadinessRequest {
        program_id: id.to_owned(),
        through_period: through.to_owned(),
        year: 0,
    };
    let asked = city.auditor.runs.clone().get_readiness(request).await;
    asked.unwrap().into_inner()
}

#[tokio::test]
async fn readiness_says_where_each_month_stands_until_the_run_can_be_computed() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-01"], |_| ()).await;
    let reported = fee("r", "shop", "COMMISSION", "2017-02-05", 1_000);
    let client = city.suite.platform(&platform);
    let records = std::slice::from_ref(&reported);
    report_all(&client, &platform, "2017-02", records).await;
    state(&client, &platform, "2017-03", 0, 0).await.unwrap();

    let found = readiness(&city, &id, "2017-04").await;

    let states: Vec<_> = found
        .periods
        .iter()
        .map(OwedPeriodReadiness::state)
        .collect();
    assert_eq!(
        states,
        [
            OwedPeriodState::Sealed,
            OwedPeriodState::NotStated,
            OwedPeriodState::NotSealed,
            OwedPeriodState::NotReported,
        ]
    );
    assert!(found.period_over && found.open_run_id.is_empty());
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    assert_eq!(
        readiness(&city, &id, "2017-01").await.open_run_id,
        run.run_id
    );
}

#[tokio::test]
async fn a_covered_platform_that_owes_and_reported_nothing_is_named_in_the_run() {
    let city = City::on(Suite::shared());
    let (platform, id) = charged(&city, &["2017-01"], |_| ()).await;
    let (silent, ended) = (fresh::platform("mall"), fresh::platform("mall"));
    let mut both = program(&id, &[&platform, &silent, &ended]);
    both.name = "Fee share of three".to_owned();
    city.apply(both).await.unwrap();
    city.reports_over(&ended, ["2016-01", "2017-01"]).await;
    let mut expected = vec![silent, ended];
    expected.sort();

    let run = city.settle(&id, 0, "2017-01").await;

    assert_eq!(run.silent_platform_ids, expected);
    assert_eq!(city.run(&run.run_id).await.silent_platform_ids, expected);
    assert_eq!(
        readiness(&city, &id, "2017-01").await.silent_platform_ids,
        expected
    );
}
