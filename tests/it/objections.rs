//! Objections hold an enterprise's grant, not the money of the others.

use gazelle_proto::settlement::v1::{
    ListObjectionsRequest, ObjectionState, Program, Run, RunState,
};
use gazelle_tests::city::{City, program, share};
use gazelle_tests::fresh;
use gazelle_tests::refusal::refused;
use gazelle_tests::report::{fee, reversal};
use gazelle_tests::runs::{decide, raise, short_run};
use gazelle_tests::suite::Suite;
use tonic::Code;

async fn agrees(city: &City<'_>, run: &Run) -> bool {
    let verified = city.verify(run).await;
    assert_eq!(verified.stored_digest, run.digest);
    verified.agrees
}

#[tokio::test]
async fn an_upheld_objection_leaves_the_enterprise_with_nothing_until_the_next_run() {
    let city = City::on(Suite::shared());
    let (platform, id, [one, other], run) = short_run(&city).await;
    let early = raise(&city.officer, &run, &one).await;
    refused(early, Code::FailedPrecondition, "RUN_NOT_PUBLISHED");
    let run = city.publish(&run).await.unwrap();

    let raised = raise(&city.officer, &run, &one).await.unwrap();
    assert_eq!(
        (raised.state(), raised.raised_by.as_str()),
        (ObjectionState::Open, "person:officer")
    );
    let undecided = city.approve(&run).await;
    refused(undecided, Code::FailedPrecondition, "OBJECTION_OPEN");
    let again = raise(&city.officer, &run, &one).await;
    refused(again, Code::AlreadyExists, "OBJECTION_EXISTS");

    let decided = decide(&city.officer, &run, &one, true).await.unwrap();
    assert_eq!(decided.objection.unwrap().state(), ObjectionState::Upheld);
    let changed = decided.run.unwrap();
    assert_ne!(changed.digest, run.digest);
    assert!(agrees(&city, &changed).await);
    // What it leaves is nobody else's in this run; its fee is still on its line.
    assert_eq!(
        city.enterprises(&changed).await,
        [
            format!("{one},800,800,0,800,0,800"),
            format!("{other},400,400,0,400,200,200")
        ]
    );
    assert_eq!(
        city.lines(&changed).await,
        [
            format!("{one},{platform},COMMISSION,1600,0,160,1440"),
            format!("{other},{platform},COMMISSION,800,200,80,520"),
        ]
    );
    let totals = changed.totals.unwrap();
    assert_eq!((totals.granted_fen, totals.unfunded_fen), (200, 1_000));
    assert_eq!(totals.line_government_fen, 200);

    let outdated = city.approve(&run).await;
    refused(outdated, Code::FailedPrecondition, "DIGEST_MISMATCH");
    city.approve(&changed).await.unwrap();
    let next = city.settle(&id, 0, "2017-01").await;
    assert_eq!(
        city.enterprises(&next).await,
        [
            format!("{one},800,800,0,800,800,0"),
            format!("{other},400,400,200,200,0,200")
        ]
    );
    assert_eq!(
        city.lines(&next).await,
        [format!("{one},{platform},COMMISSION,0,800,0,-800")]
    );
}

#[tokio::test]
async fn a_dismissed_objection_leaves_everything_as_it_was() {
    let city = City::on(Suite::shared());
    let (_, _, [one, other], run) = short_run(&city).await;
    let run = city.publish(&run).await.unwrap();
    let before = (city.enterprises(&run).await, city.lines(&run).await);
    raise(&city.officer, &run, &other).await.unwrap();
    raise(&city.officer, &run, &one).await.unwrap();

    let decided = decide(&city.officer, &run, &other, false).await.unwrap();
    let objection = decided.objection.unwrap();
    assert_eq!(
        (objection.state(), objection.decision.as_str()),
        (ObjectionState::Dismissed, "已核实")
    );
    refused(
        city.approve(&run).await,
        Code::FailedPrecondition,
        "OBJECTION_OPEN",
    );
    let decided = decide(&city.officer, &run, &one, false).await.unwrap();

    assert_eq!(decided.run.unwrap().digest, run.digest);
    assert_eq!(
        (city.enterprises(&run).await, city.lines(&run).await),
        before
    );
    let mut request = ListObjectionsRequest {
        run_id: run.run_id.clone(),
        page_size: 1,
        page_token: String::new(),
    };
    for uscc in [&one, &other] {
        let page = city
            .auditor
            .runs
            .clone()
            .list_objections(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!((page.objections.len(), &page.objections[0].uscc), (1, uscc));
        request.page_token = page.next_page_token;
    }
    assert_eq!(request.page_token, "");
    assert_eq!(
        city.approve(&run).await.unwrap().state(),
        RunState::Approved
    );
}

#[tokio::test]
async fn an_upheld_objection_moves_nothing_between_an_enterprise_s_components() {
    let city = City::on(Suite::shared());
    let (platform, id) = (fresh::platform("mall"), fresh::program("share"));
    let shares = [("COMMISSION", 1_000), ("MEMBERSHIP", 0)];
    let kinds = Program {
        shares: shares.map(|(kind, bps)| share(kind, 5_000, bps)).into(),
        ..program(&id, &[&platform])
    };
    city.apply(kinds).await.unwrap();
    let uscc = city.micro_enterprise().await;
    city.bind(&platform, "shop", &uscc).await;
    city.enroll(&id, &uscc, 0).await;
    let commission = fee("r", "shop", "COMMISSION", "2017-01-05", 1_000);
    city.seal_period(&platform, "2017-01", std::slice::from_ref(&commission))
        .await;
    city.settle(&id, 0, "2017-01").await;
    // Commissions return 500, memberships are due 700: without the objection 200 are granted.
    let february = [
        reversal("v", &commission, 1_000),
        fee("m", "shop", "MEMBERSHIP", "2017-02-05", 1_400),
    ];
    city.seal_period(&platform, "2017-02", &february).await;
    let run = city.compute(&id, 0, "2017-02").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    let line = |kind: &str, rest: &str| format!("{uscc},{platform},{kind},{rest}");
    assert_eq!(
        city.lines(&run).await,
        [
            line("COMMISSION", "-1000,-500,-100,-400"),
            line("MEMBERSHIP", "1400,700,0,700")
        ]
    );
    raise(&city.officer, &run, &uscc).await.unwrap();

    let decided = decide(&city.officer, &run, &uscc, true).await;
    let run = decided.unwrap().run.unwrap();

    assert_eq!(
        city.enterprises(&run).await,
        [format!("{uscc},700,700,500,200,0,200")]
    );
    assert_eq!(
        city.lines(&run).await,
        [
            line("COMMISSION", "-1000,0,-100,-900"),
            line("MEMBERSHIP", "1400,0,0,1400")
        ]
    );
    assert!(agrees(&city, &run).await);
    city.approve(&run).await.unwrap();
    let next = city.settle(&id, 0, "2017-02").await;
    assert_eq!(
        city.lines(&next).await,
        [
            line("COMMISSION", "0,-500,0,500"),
            line("MEMBERSHIP", "0,700,0,-700")
        ]
    );
}
