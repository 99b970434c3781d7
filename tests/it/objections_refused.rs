//! What can't be objected to, and who can't decide what.

use gazelle_proto::settlement::v1::{CancelRunRequest, RaiseObjectionRequest, Run, RunState};
use gazelle_runtime::auth::Role;
use gazelle_tests::city::{City, approve};
use gazelle_tests::fresh;
use gazelle_tests::refusal::{fields_refused, refused};
use gazelle_tests::report::{fee, reversal};
use gazelle_tests::runs::{decide, raise, short_run};
use gazelle_tests::suite::Suite;
use tonic::Code;

#[tokio::test]
async fn only_a_grant_can_be_objected_to() {
    let city = City::on(Suite::shared());
    let (platform, id, [one, other], run) = short_run(&city).await;
    let run = city.publish(&run).await.unwrap();
    city.approve(&run).await.unwrap();
    // The first gives all back; the second is due 200 more, and there is nothing left for it.
    let back = reversal(
        "back",
        &fee(&one, &one, "COMMISSION", "2017-02-05", 1_600),
        1_600,
    );
    city.seal_period(&platform, "2017-02", &[back]).await;
    let run = city.compute(&id, 0, "2017-02").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    assert_eq!(
        city.enterprises(&run).await,
        [
            format!("{one},0,0,800,-800,-800,0"),
            format!("{other},400,400,200,200,0,200")
        ]
    );
    for uscc in [&one, &other] {
        refused(
            raise(&city.officer, &run, uscc).await,
            Code::FailedPrecondition,
            "NOTHING_GRANTED",
        );
    }
    let request = RaiseObjectionRequest {
        run_id: run.run_id.clone(),
        uscc: one,
        statement: " ".to_owned(),
    };
    fields_refused(
        city.officer.runs.clone().raise_objection(request).await,
        &[("statement", "TEXT_INVALID")],
    );
}

#[tokio::test]
async fn an_objection_is_decided_once_and_before_the_run_is_closed() {
    let city = City::on(Suite::shared());
    let (_, _, [one, other], run) = short_run(&city).await;
    let run = city.publish(&run).await.unwrap();
    let none = decide(&city.officer, &run, &one, true).await;
    refused(none, Code::NotFound, "OBJECTION_NOT_FOUND");
    let nowhere = Run {
        run_id: uuid::Uuid::nil().to_string(),
        ..run.clone()
    };
    refused(
        raise(&city.officer, &nowhere, &one).await,
        Code::NotFound,
        "RUN_NOT_FOUND",
    );
    refused(
        decide(&city.officer, &nowhere, &one, true).await,
        Code::NotFound,
        "RUN_NOT_FOUND",
    );

    raise(&city.officer, &run, &one).await.unwrap();
    decide(&city.officer, &run, &one, false).await.unwrap();
    for uphold in [true, false] {
        let again = decide(&city.officer, &run, &one, uphold).await;
        refused(again, Code::NotFound, "OBJECTION_NOT_FOUND");
    }
    refused(
        raise(&city.officer, &run, &one).await,
        Code::AlreadyExists,
        "OBJECTION_EXISTS",
    );
    raise(&city.officer, &run, &other).await.unwrap();
    let request = CancelRunRequest {
        run_id: run.run_id.clone(),
    };
    city.officer.runs.clone().cancel_run(request).await.unwrap();
    refused(
        decide(&city.officer, &run, &other, true).await,
        Code::FailedPrecondition,
        "RUN_CLOSED",
    );
    refused(
        raise(&city.officer, &run, &other).await,
        Code::FailedPrecondition,
        "RUN_NOT_PUBLISHED",
    );
}

#[tokio::test]
async fn whoever_decided_an_objection_does_not_approve_the_run() {
    let city = City::on(Suite::shared());
    let (_, _, [one, _], run) = short_run(&city).await;
    let run = city.publish(&run).await.unwrap();
    let judge = city
        .suite
        .person(&fresh::person("judge"), &[Role::Officer, Role::Approver]);
    raise(&judge, &run, &one).await.unwrap();
    decide(&judge, &run, &one, false).await.unwrap();
    refused(
        approve(&judge, &run).await,
        Code::PermissionDenied,
        "SELF_APPROVAL",
    );
    assert_eq!(
        city.approve(&run).await.unwrap().state(),
        RunState::Approved
    );
}
