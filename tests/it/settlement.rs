//! A small year by hand, with figures in the margin; `settlement_world` has who and what there is.

use gazelle_proto::settlement::v1::{
    ExplainShareRequest, ExplanationCode, ExplanationFigureCode as Figure, ExplanationRule as Rule,
    ExplanationStep, Run,
};
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::world::World;
use tonic::Code;

/// Fees in scope, eligible and excluded.
fn fees(run: &Run) -> [i64; 3] {
    let totals = run.totals.unwrap();
    [
        totals.in_scope_fen,
        totals.eligible_fen,
        totals.excluded_fen,
    ]
}

/// What was released, and what of it could still be granted.
fn released(run: &Run) -> [i64; 2] {
    let totals = run.totals.unwrap();
    [totals.released_fen, totals.available_fen]
}

/// `share` through January and through February.
async fn two_periods_of_share(world: &World) {
    world.january().await;

    // Released: 20,000 / 12 = 1,666. e1 has 3,000 + 500 (of 500.5) + 2,333 (of 2,333.1), e2 has
    // 3,000 (of 3,000.3) + 6,000. e2 applied first and takes it all; in proportion of 3,000 to
    // 6,000 that is 555 1/3 to 1,110 2/3, and the odd fen goes to the larger remainder.
    let first = world.city.settle(&world.share, 0, "2017-01").await;
    world
        .expect(
            &first,
            &[
                "e1,5833,5833,0,5833,0,5833",
                "e2,9000,9000,0,9000,1666,7334",
            ],
            &[
                "e1,one,COMMISSION,10000,0,2000,8000",
                "e1,one,MEMBERSHIP,1001,0,0,1001",
                "e1,two,COMMISSION,7777,0,1555,6222",
                "e2,one,COMMISSION,10001,555,2000,7446",
                "e2,two,COMMISSION,20000,1111,4000,14889",
            ],
            &["NOT_ENROLLED,3333", "UNBOUND_MERCHANT,500"],
        )
        .await;
    assert_eq!(fees(&first), [52_612, 48_779, 3_833]);
    assert_eq!(released(&first), [1_666, 1_666]);

    // e1 now has 4,500 + 500 + 11,333 = 16,333, more than the cap. e2 has nothing on `one` any
    // more, so 555 come back from there, and with the 1,667 that are left of 3,333 they make
    // 2,222 on `two`, of 4,889 that are open.
    world.february().await;
    let second = world.city.settle(&world.share, 0, "2017-02").await;
    world
        .expect(
            &second,
            &[
                "e1,16333,10000,0,10000,0,10000",
                "e2,6000,6000,1666,4334,1667,2667",
            ],
            &[
                "e1,one,COMMISSION,5000,0,1000,4000",
                "e1,two,COMMISSION,30000,0,6000,24000",
                "e2,one,COMMISSION,-10001,-555,-2000,-7446",
                "e2,two,COMMISSION,0,2222,0,-2222",
            ],
            &["NOT_ENROLLED,3334", "UNBOUND_MERCHANT,500"],
        )
        .await;
    assert_eq!(fees(&second)[0], 77_612);
    assert_eq!(released(&second), [3_333, 1_667]);
}

#[tokio::test]
async fn first_come_first_served_month_by_month_and_again_after_the_end_of_the_year() {
    let world = World::found().await;
    two_periods_of_share(&world).await;

    // After the year all is released. e2 is left with 30 + 1,500, and got 3,333: 1,803 are taken
    // back. e1 gets its cap, spread over 4,500, 500 and 11,333: 2,755.16, 306.13 and 6,938.71.
    world.january_after().await;
    let third = world.city.settle(&world.share, 2017, "2018-01").await;
    world
        .expect(
            &third,
            &[
                "e1,16333,10000,0,10000,10000,0",
                "e2,1530,1530,3333,-1803,-1803,0",
            ],
            &[
                "e1,one,COMMISSION,0,2755,0,-2755",
                "e1,one,MEMBERSHIP,0,306,0,-306",
                "e1,two,COMMISSION,0,6939,0,-6939",
                "e2,one,COMMISSION,100,30,20,50",
                "e2,two,COMMISSION,-15000,-1833,-3000,-10167",
            ],
            &["NOT_ENROLLED,3334", "UNBOUND_MERCHANT,500"],
        )
        .await;
    assert_eq!(fees(&third)[0], 62_712);
    assert_eq!(released(&third), [20_000, 16_667]);
    let totals = third.totals.unwrap();
    let granted = [totals.granted_fen, totals.clawed_back_fen];
    assert_eq!((granted, totals.unfunded_fen), ([10_000, -1_803], 0));
    let shares = [totals.line_fee_fen, totals.line_government_fen];
    assert_eq!(shares, [-14_900, 8_197]);
    let shares = [totals.line_platform_fen, totals.line_enterprise_fen];
    assert_eq!(shares, [-2_980, -20_117]);
    assert_eq!(
        (third.number, third.year, third.through_period.as_str()),
        (3, 2017, "2018-01")
    );
    assert_eq!(third.seals.len(), 6);

    // The same again grants nothing and has no line.
    let again = world.city.settle(&world.share, 2017, "2018-01").await;
    world
        .expect(
            &again,
            &[],
            &[],
            &["NOT_ENROLLED,3334", "UNBOUND_MERCHANT,500"],
        )
        .await;
}

#[tokio::test]
async fn in_proportion_with_odd_fen_and_what_is_taken_back_is_there_for_the_next_run() {
    let world = World::found().await;
    world.january().await;

    // Due are 1,000, 1,000 and 333 of 1,000: 428.63, 428.63 and 142.73. Two odd fen: the largest
    // remainder is e3's, then e2 stands before e1.
    let first = world.city.settle(&world.relief, 0, "2017-01").await;
    world
        .expect(
            &first,
            &[
                "e1,1000,1000,0,1000,428,572",
                "e2,1000,1000,0,1000,429,571",
                "e3,333,333,0,333,143,190",
            ],
            &[
                "e1,one,COMMISSION,10000,428,0,9572",
                "e2,one,COMMISSION,10001,429,0,9572",
                "e3,one,COMMISSION,3333,143,0,3190",
            ],
            &["UNBOUND_MERCHANT,500"],
        )
        .await;

    // The budget is spent; what e2 returns now is available to the next run only.
    world.february().await;
    let second = world.city.settle(&world.relief, 0, "2017-02").await;
    world
        .expect(
            &second,
            &[
                "e1,1500,1500,428,1072,0,1072",
                "e2,0,0,429,-429,-429,0",
                "e3,333,333,143,190,0,190",
            ],
            &[
                "e1,one,COMMISSION,5000,0,0,5000",
                "e2,one,COMMISSION,-10001,-429,0,-9572",
                "e3,one,COMMISSION,1,0,0,1",
            ],
            &["UNBOUND_MERCHANT,500"],
        )
        .await;
    assert_eq!(second.totals.unwrap().available_fen, 0);

    // 429 for 1,072 and 190: 364.41 and 64.59.
    let third = world.city.settle(&world.relief, 0, "2017-02").await;
    world
        .expect(
            &third,
            &["e1,1500,1500,428,1072,364,708", "e3,333,333,143,190,65,125"],
            &[
                "e1,one,COMMISSION,0,364,0,-364",
                "e3,one,COMMISSION,0,65,0,-65",
            ],
            &["UNBOUND_MERCHANT,500"],
        )
        .await;
    assert_eq!(third.totals.unwrap().available_fen, 429);
}

#[tokio::test]
async fn what_another_program_shares_is_left_to_it_whatever_that_one_grants() {
    let world = World::found().await;
    world.january().await;

    // Nothing of `share` was ever computed here. 20 % of 3,333 are 666 (of 666.6).
    let first = world.city.settle(&world.extra, 0, "2017-01").await;
    world
        .expect(
            &first,
            &["e3,666,666,0,666,666,0"],
            &["e3,one,COMMISSION,3333,666,0,2667"],
            &[
                "COVERED_BY_OTHER_PROGRAM,10000",
                "NOT_ENROLLED,10001",
                "UNBOUND_MERCHANT,500",
            ],
        )
        .await;

    // Of 3,334 they are still 666. What e2 was charged is taken back, and still listed.
    world.february().await;
    let second = world.city.settle(&world.extra, 0, "2017-02").await;
    world
        .expect(
            &second,
            &[],
            &["e3,one,COMMISSION,1,0,0,1"],
            &[
                "COVERED_BY_OTHER_PROGRAM,15000",
                "NOT_ENROLLED,0",
                "UNBOUND_MERCHANT,500",
            ],
        )
        .await;
}

#[tokio::test]
async fn an_explanation_has_the_figures_that_the_run_came_to() {
    let world = World::found().await;
    world.january().await;
    world.city.settle(&world.share, 0, "2017-01").await;
    world.february().await;
    let run = world.city.settle(&world.share, 0, "2017-02").await;
    let explain = async |uscc: &str| {
        let request = ExplainShareRequest {
            run_id: run.run_id.clone(),
            uscc: uscc.to_owned(),
        };
        let answer = world.city.auditor.runs.clone().explain_share(request).await;
        answer.map(|answer| answer.into_inner().explanation.unwrap())
    };

    let explanation = explain(&world.e[1]).await.unwrap();

    assert_eq!(explanation.uscc, world.e[1]);
    let rules = explanation.steps.iter().map(ExplanationStep::rule);
    let mut rules: Vec<_> = rules.collect();
    rules.dedup();
    assert_eq!(
        rules,
        [
            Rule::Eligibility,
            Rule::Entitlement,
            Rule::Budget,
            Rule::Split
        ]
    );
    let figures = |kind: Figure| -> Vec<i64> {
        let figures = explanation.steps.iter().flat_map(|step| &step.figures);
        let named = figures.filter(|figure| figure.code() == kind);
        named.map(|figure| figure.amount_fen).collect()
    };
    let eligible = explanation.steps.iter();
    let eligible = eligible.filter(|step| step.code() == ExplanationCode::FeesEligible);
    let eligible = eligible.flat_map(|step| &step.figures);
    assert_eq!(
        eligible.map(|figure| figure.amount_fen).sum::<i64>(),
        20_000
    );
    assert_eq!(figures(Figure::Uncapped), [6_000]);
    assert_eq!(figures(Figure::GrantedBefore), [1_666]);
    assert_eq!(figures(Figure::Due), [4_334]);
    assert_eq!(figures(Figure::Granted), [1_667]);
    assert_eq!(figures(Figure::Unfunded), [2_667]);
    assert_eq!(figures(Figure::Government), [-555, 2_222]);
    let none = explain(&fresh::uscc()).await;
    refused(none, Code::NotFound, "ENTERPRISE_NOT_IN_RUN");
}
