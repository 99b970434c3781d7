//! Streams that outlive what they began with.

use std::{convert::Infallible, fs};

use axum::{
    Router, body::Body, extract::Request, middleware::from_fn_with_state, response::Response,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use gazelle_kernel::PlatformId;
use gazelle_proto::access::{Caller, Rule};
use http::header::AUTHORIZATION;
use http_body_util::BodyExt as _;
use time::{Duration, macros::datetime};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::{
    auth::{
        Certificate, CertificateEnded, Principal,
        fixture::{Suite, suite_with},
    },
    clock::Clock,
    tls::workload::Workload,
};

const RULES: &[Rule] = &[Rule {
    path: "/gazelle.test.v1.Test/Stream",
    callers: &[Caller::Platform],
    second_factor: false,
    streaming: true,
    client_streaming: false,
}];

/// Begins a stream with a token of a minute, which `handler` answers.
async fn begin(suite: &Suite, handler: Router) -> Response {
    let layer = Access::new(suite.verifier.clone(), |path| {
        RULES.iter().find(|rule| rule.path == path)
    });
    let router = handler.layer(from_fn_with_state(layer, access));
    let token = suite.issuer.mint(&platform(), Duration::MINUTE).unwrap();
    let request = Request::builder()
        .uri(RULES[0].path)
        .header(AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap()
}

fn platform() -> Principal {
    Principal::Platform(PlatformId::parse("alpha").unwrap())
}

/// Answers something at once, and then nothing for ever.
fn answering() -> Router {
    let said = || stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"acknowledged"))]);
    Router::new().fallback(async move || Body::from_stream(said().chain(stream::pending())))
}

/// Always has something more to answer.
fn never_pausing() -> Router {
    let said = || stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(b"more")));
    Router::new().fallback(async move || Body::from_stream(said()))
}

fn reason(status: &Status) -> (Code, String) {
    let info = status.get_details_error_info().unwrap();
    (status.code(), info.reason)
}

/// Reads on to the end; returns why it ended.
async fn end_of(mut body: Body) -> (Code, String) {
    while let Some(frame) = body.frame().await {
        if let Ok(trailers) = frame.unwrap().into_trailers() {
            assert!(body.frame().await.is_none());
            return reason(&Status::from_header_map(&trailers).unwrap());
        }
    }
    panic!("it ended without a word");
}

fn started() -> Clock {
    Clock::fixed(datetime!(2017-11-11 0:00 UTC))
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_token_and_what_was_answered_before_was_answered() {
    let clock = started();
    let suite = suite_with(&clock, |_| {});
    let mut body = begin(&suite, answering()).await.into_body();
    let first = body.frame().await.unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "acknowledged");
    let soon = tokio::time::timeout(std::time::Duration::from_mins(5), body.frame());
    assert!(soon.await.is_err(), "its token still counts");

    clock.advance(Duration::seconds(90));
    let expired = (Code::Unauthenticated, "TOKEN_EXPIRED".to_owned());
    assert_eq!(end_of(body).await, expired);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_pauses_ends_too() {
    let clock = started();
    let suite = suite_with(&clock, |_| {});
    let mut body = begin(&suite, never_pausing()).await.into_body();
    body.frame().await.unwrap().unwrap();
    clock.advance(Duration::seconds(90));
    // What is always ready leaves the clock of the tests no moment in which to go on.
    tokio::time::advance(std::time::Duration::from_secs(2)).await;
    let expired = (Code::Unauthenticated, "TOKEN_EXPIRED".to_owned());
    assert_eq!(end_of(body).await, expired);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_answered_yet_ends_with_its_subject() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("revoked");
    fs::write(&list, "").unwrap();
    let suite = suite_with(&started(), |config| {
        config.revoked_file = Some(list.clone());
    });
    let silent = Router::new().fallback(std::future::pending::<Response>);
    let mut answer = std::pin::pin!(begin(&suite, silent));
    let soon = tokio::time::timeout(std::time::Duration::from_mins(5), &mut answer);
    assert!(soon.await.is_err(), "its subject is still believed");

    fs::write(&list, "subject platform:alpha").unwrap();
    let answer = answer.await;
    let status = Status::from_header_map(answer.headers()).unwrap();
    let revoked = (Code::Unauthenticated, "TOKEN_REVOKED".to_owned());
    assert_eq!(reason(&status), revoked);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_certificate_of_its_connection() {
    let suite = suite_with(&started(), |_| {});
    let certificate = Certificate::until(i64::MAX);
    let layer = Access::new(suite.verifier.clone(), |path| {
        RULES.iter().find(|rule| rule.path == path)
    });
    let router = answering().layer(from_fn_with_state(layer, access));
    let request = Request::builder().uri(RULES[0].path).extension(Workload {
        principal: platform(),
        certificate: certificate.clone(),
    });
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await;
    let mut body = answer.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    let soon = tokio::time::timeout(std::time::Duration::from_mins(5), body.frame());
    assert!(soon.await.is_err(), "its certificate still counts");

    certificate.end(CertificateEnded::Authority);
    let revoked = (Code::Unauthenticated, "CERTIFICATE_REVOKED".to_owned());
    assert_eq!(end_of(body).await, revoked);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_a_status_alone_stays_one() {
    let suite = suite_with(&started(), |_| {});
    let refusing =
        Router::new().fallback(async || Status::resource_exhausted("full").into_http::<Body>());
    let answer = begin(&suite, refusing).await;
    assert!(answer.headers().contains_key("grpc-status"));
    assert!(hyper::body::Body::is_end_stream(answer.body()));
}

#[tokio::test(start_paused = true)]
async fn nothing_more_is_read_of_a_stream_that_was_ended() {
    let clock = started();
    let suite = suite_with(&clock, |_| {});
    let (hand_over, mut handed) = tokio::sync::mpsc::unbounded_channel();
    let keeping = Router::new().fallback(async move |request: Request| {
        hand_over.send(request.into_body()).unwrap();
        Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())
    });
    let body = begin(&suite, keeping).await.into_body();
    let mut asked = handed.recv().await.unwrap();
    clock.advance(Duration::seconds(90));
    end_of(body).await;
    assert!(asked.frame().await.unwrap().is_err());
}
