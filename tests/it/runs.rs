//! The life of a run: computed, published, approved by somebody else, or cancelled.

use gazelle_proto::settlement::v1::{ListRunsRequest, Run, RunState};
use gazelle_runtime::auth::Role;
use gazelle_tests::city::{City, approve, compute, publish};
use gazelle_tests::fresh;
use gazelle_tests::refusal::{fields_refused, metadata, refused};
use gazelle_tests::runs::{cancel, settled_city};
use gazelle_tests::suite::Suite;
use tonic::Code;

#[tokio::test]
async fn a_run_goes_from_computed_to_approved_and_says_who_did_what() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;

    let computed = city.compute(&id, 0, "2017-01").await.unwrap();
    assert_eq!(
        (computed.state(), computed.computed_by.as_str()),
        (RunState::Computed, "person:officer")
    );
    refused(
        city.approve(&computed).await,
        Code::FailedPrecondition,
        "RUN_NOT_PUBLISHED",
    );

    let published = city.publish(&computed).await.unwrap();
    assert_eq!(
        (published.state(), published.published_by.as_str()),
        (RunState::Published, "person:officer")
    );
    assert_eq!(published.digest, computed.digest);
    assert_eq!(
        city.publish(&computed).await.unwrap(),
        published,
        "by the same person again"
    );
    let deputy = city.suite.person("deputy", &[Role::Officer]);
    refused(
        publish(&deputy, &computed).await,
        Code::FailedPrecondition,
        "RUN_NOT_COMPUTED",
    );

    let approved = city.approve(&published).await.unwrap();
    assert_eq!(
        (approved.state(), approved.decided_by.as_str()),
        (RunState::Approved, "person:approver")
    );
    assert_eq!(
        city.approve(&published).await.unwrap(),
        approved,
        "by the same person again"
    );
    assert_eq!(city.run(&approved.run_id).await, approved);
    refused(
        city.publish(&approved).await,
        Code::FailedPrecondition,
        "RUN_NOT_COMPUTED",
    );
    refused(
        cancel(&city.officer, &approved).await,
        Code::FailedPrecondition,
        "RUN_CLOSED",
    );
}

#[tokio::test]
async fn nobody_approves_what_they_computed_or_published_whatever_their_roles() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;
    let all = [Role::Officer, Role::Approver];
    let [one, other] = ["one", "other"].map(|name| city.suite.person(&fresh::person(name), &all));
    let run = compute(&one, &id, 0, "2017-01").await.unwrap();
    let run = publish(&other, &run).await.unwrap();
    for own in [&one, &other] {
        refused(
            approve(own, &run).await,
            Code::PermissionDenied,
            "SELF_APPROVAL",
        );
    }
    // Who is an approver only to the token is none to the service.
    refused(
        approve(&city.officer, &run).await,
        Code::PermissionDenied,
        "PERMISSION_DENIED",
    );
    assert_eq!(
        city.approve(&run).await.unwrap().state(),
        RunState::Approved
    );
}

#[tokio::test]
async fn only_the_digest_that_was_published_is_approved() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;
    let run = city.compute(&id, 0, "2017-01").await.unwrap();
    let run = city.publish(&run).await.unwrap();
    let digest = |digest: String| Run {
        digest,
        ..run.clone()
    };
    let other = city.approve(&digest("0".repeat(64))).await;
    refused(other, Code::FailedPrecondition, "DIGEST_MISMATCH");
    for none in [
        "",
        "x",
        &run.digest[1..],
        &run.digest.replace(|_| true, "g"),
    ] {
        fields_refused(
            city.approve(&digest(none.to_owned())).await,
            &[("digest", "DIGEST_INVALID")],
        );
    }
    assert_eq!(city.run(&run.run_id).await.state(), RunState::Published);
    assert_eq!(
        city.approve(&run).await.unwrap().state(),
        RunState::Approved
    );
}

/// A run of a program, and the token of the page after it.
async fn page_of_one(city: &City<'_>, program: &str, page_token: &str) -> (Vec<Run>, String) {
    let request = ListRunsRequest {
        program_id: program.to_owned(),
        page_size: 1,
        page_token: page_token.to_owned(),
    };
    let page = city.auditor.runs.clone().list_runs(request).await;
    let page = page.unwrap().into_inner();
    (page.runs, page.next_page_token)
}

#[tokio::test]
async fn one_run_of_a_program_is_open_at_a_time_until_it_is_approved_or_cancelled() {
    let city = City::on(Suite::shared());
    let id = settled_city(&city, &["2017-01"], |_| ()).await;
    let first = city.compute(&id, 0, "2017-01").await.unwrap();
    for run in [&first, &city.publish(&first).await.unwrap()] {
        let status = refused(
            city.compute(&id, 0, "2017-01").await,
            Code::FailedPrecondition,
            "RUN_OPEN",
        );
        assert_eq!(metadata(&status, "run_id"), run.run_id);
    }

    let cancelled = cancel(&city.officer, &first).await.unwrap();
    assert_eq!(
        (cancelled.state(), cancelled.decided_by.as_str()),
        (RunState::Cancelled, "person:officer")
    );
    let deputy = city.suite.person("deputy", &[Role::Officer]);
    assert_eq!(
        cancel(&deputy, &first).await.unwrap(),
        cancelled,
        "again changes nothing"
    );
    refused(
        city.approve(&first).await,
        Code::FailedPrecondition,
        "RUN_NOT_PUBLISHED",
    );
    refused(
        city.publish(&first).await,
        Code::FailedPrecondition,
        "RUN_NOT_COMPUTED",
    );

    // The next one is decided from the same and comes to the same.
    let second = city.settle(&id, 0, "2017-01").await;
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(second.digest, first.digest);
    let (page, next) = page_of_one(&city, &id, "").await;
    let without_seals = |run: Run| Run {
        seals: vec![],
        ..run
    };
    assert_eq!(page, [without_seals(cancelled)]);
    let last = (vec![without_seals(second)], String::new());
    assert_eq!(page_of_one(&city, &id, &next).await, last);
}
