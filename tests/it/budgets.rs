//! Budgets, and the version of a program that a year is settled by.

use gazelle_proto::settlement::v1::{Budget, GetProgramRequest, Program, Release};
use gazelle_tests::city::{City, at_once, program, share};
use gazelle_tests::fresh;
use gazelle_tests::report::fee;
use gazelle_tests::runs::cancel;
use gazelle_tests::suite::Suite;

/// An enterprise with a shop on a platform that charged 1,000 fen on the fifth of January and of
/// February 2017, and of January 2018.
async fn one_shop(city: &City<'_>) -> (String, String) {
    let platform = fresh::platform("mall");
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.reports_to(&platform, "2017-03").await;
    for period in ["2017-01", "2017-02", "2018-01"] {
        let record = fee(period, "shop", "COMMISSION", &format!("{period}-05"), 1_000);
        city.seal_period(&platform, period, &[record]).await;
    }
    (platform, uscc)
}

/// This much for 2017, and 10,000 for 2018.
fn of_two_years(fen: i64) -> Vec<Budget> {
    let next = Budget {
        year: 2018,
        ..at_once(10_000)
    };
    vec![at_once(fen), next]
}

/// A version of a program, without what was added when it was applied.
async fn as_applied(city: &City<'_>, id: &str, version: i32) -> Program {
    let request = GetProgramRequest {
        program_id: id.to_owned(),
        version,
    };
    let kept = city.auditor.programs.clone().get_program(request).await;
    Program {
        version: 0,
        applied_by: String::new(),
        applied_at: None,
        ..kept.unwrap().into_inner().program.unwrap()
    }
}

fn granted(line: &str) -> &str {
    line.rsplit(',').nth(1).unwrap()
}

#[tokio::test]
async fn a_year_is_settled_by_the_program_of_its_first_approved_run_and_only_its_budget_changes() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = one_shop(&city).await;
    let id = fresh::program("share");
    let first_version = Program {
        budgets: of_two_years(700),
        ..program(&id, &[&platform])
    };
    city.apply(first_version.clone()).await.unwrap();
    city.enroll(&id, &uscc, 0).await;

    // A run that is not approved settles no year yet.
    let dropped = city.compute(&id, 0, "2017-01").await.unwrap();
    cancel(&city.officer, &dropped).await.unwrap();
    let second_version = Program {
        shares: vec![share("COMMISSION", 6_000, 0)],
        ..first_version.clone()
    };
    assert_eq!(city.apply(second_version).await.unwrap().version, 2);
    let first = city.settle(&id, 0, "2017-01").await;
    assert_eq!(
        (first.program_version, city.enterprises(&first).await),
        (2, vec![format!("{uscc},600,600,0,600,600,0")])
    );

    // From now on 2017 keeps its 60 %, but not its budget: 1,200 are due of 1,150.
    let third_version = Program {
        shares: vec![share("COMMISSION", 9_000, 0)],
        budgets: of_two_years(1_150),
        ..first_version.clone()
    };
    assert_eq!(city.apply(third_version).await.unwrap().version, 3);
    let second = city.settle(&id, 0, "2017-02").await;
    assert_eq!(second.program_version, 2);
    assert_eq!(
        city.enterprises(&second).await,
        [format!("{uscc},1200,1200,600,600,550,50")]
    );

    // 2018 has no approved run, and so the newest.
    let next_year = city.settle(&id, 0, "2018-01").await;
    assert_eq!(next_year.program_version, 3);
    assert_eq!(
        city.enterprises(&next_year).await,
        [format!("{uscc},900,900,0,900,900,0")]
    );

    assert_eq!(as_applied(&city, &id, 1).await, first_version);
}

#[tokio::test]
async fn a_budget_that_is_cut_takes_nothing_back_and_one_that_is_raised_goes_on() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = one_shop(&city).await;
    let id = fresh::program("share");
    let with_budget = |fen| Program {
        budgets: vec![at_once(fen)],
        ..program(&id, &[&platform])
    };
    city.apply(with_budget(400)).await.unwrap();
    city.enroll(&id, &uscc, 0).await;
    let first = city.settle(&id, 0, "2017-01").await;
    assert_eq!(
        city.enterprises(&first).await,
        [format!("{uscc},500,500,0,500,400,100")]
    );

    city.apply(with_budget(100)).await.unwrap();
    let second = city.settle(&id, 0, "2017-02").await;
    assert_eq!(
        city.enterprises(&second).await,
        [format!("{uscc},1000,1000,400,600,0,600")]
    );
    let totals = second.totals.unwrap();
    assert_eq!((totals.released_fen, totals.available_fen), (100, 0));

    city.apply(with_budget(401)).await.unwrap();
    let third = city.settle(&id, 0, "2017-02").await;
    assert_eq!(
        city.enterprises(&third).await,
        [format!("{uscc},1000,1000,400,600,1,599")]
    );
}

#[tokio::test]
async fn a_year_without_a_budget_has_nothing_to_give() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = one_shop(&city).await;
    let id = fresh::program("share");
    city.apply(program(&id, &[&platform])).await.unwrap();
    city.enroll(&id, &uscc, 0).await;
    let run = city.settle(&id, 0, "2018-01").await;
    assert_eq!(
        city.enterprises(&run).await,
        [format!("{uscc},500,500,0,500,0,500")]
    );
    assert_eq!(
        city.lines(&run).await,
        [format!("{uscc},{platform},COMMISSION,1000,0,0,1000")]
    );
}

#[tokio::test]
async fn a_monthly_budget_counts_from_january_and_is_all_released_with_december() {
    let city = City::on(Suite::shared());
    let (platform, uscc) = one_shop(&city).await;
    for (through, released) in [
        ("2017-02", 166),
        ("2017-11", 916),
        ("2017-12", 1_000),
        ("2018-01", 1_000),
    ] {
        let id = fresh::program("share");
        let monthly = Program {
            valid_from: "2017-02-01".to_owned(),
            budgets: vec![Budget {
                year: 2017,
                amount_fen: 1_000,
                release: Release::Monthly.into(),
            }],
            // The other programs of the loop share the same fees.
            shares: vec![share("COMMISSION", 2_500, 0)],
            ..program(&id, &[&platform])
        };
        city.apply(monthly).await.unwrap();
        city.enroll(&id, &uscc, 0).await;
        let run = city.settle(&id, 2017, through).await;
        assert_eq!(run.totals.unwrap().released_fen, released, "{through}");
        // The fee of February alone: 250 are due.
        let enterprises = city.enterprises(&run).await;
        assert_eq!(granted(&enterprises[0]), released.min(250).to_string());
    }
}
