use std::num::NonZeroUsize;

use axum::{
    Router, body::Body, extract::Request, middleware::from_fn_with_state, response::Response,
};
use gazelle_proto::access::{Caller, Rule};
use http::header::AUTHORIZATION;
use time::{Duration, macros::datetime};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tower::ServiceExt;

use super::*;
use crate::{
    auth::{Principal, Role, fixture::suite},
    clock::Clock,
    port::{newcomers::Newcomers, remote::Remote},
};

const RULES: &[Rule] = &[
    Rule {
        path: "/gazelle.test.v1.Test/Approve",
        callers: &[Caller::Approver, Caller::Service],
        second_factor: false,
        streaming: false,
        client_streaming: false,
    },
    Rule {
        path: "/gazelle.test.v1.Test/Nobody",
        callers: &[],
        second_factor: false,
        streaming: false,
        client_streaming: false,
    },
];

fn person(roles: &[Role]) -> Principal {
    Principal::Person {
        subject: "alice".into(),
        roles: roles.into(),
    }
}

type Answer = Result<Option<String>, (Code, String)>;

/// What a call of `path` by `caller` is answered: who the handler saw, or why it was refused.
async fn call(path: &str, caller: Option<Principal>) -> Answer {
    call_over(None, path, caller).await
}

/// The same over a connection.
async fn call_over(remote: Option<Remote>, path: &str, caller: Option<Principal>) -> Answer {
    let suite = suite(&Clock::fixed(datetime!(2017-11-11 0:00 UTC)));
    let handler = async |request: Request| {
        let caller = request.extensions().get::<Principal>();
        let actor = caller.map(|caller| caller.actor().to_string());
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(actor);
        response
    };
    let layer = Access::new(suite.verifier.clone(), |path| {
        RULES.iter().find(|rule| rule.path == path)
    });
    let router = Router::new()
        .fallback(handler)
        .layer(from_fn_with_state(layer, access));
    let mut request = Request::builder().uri(path);
    if let Some(caller) = caller {
        let token = suite.issuer.mint(&caller, Duration::MINUTE).unwrap();
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let mut request = request.body(Body::empty()).unwrap();
    if let Some(remote) = remote {
        request.extensions_mut().insert(remote);
    }
    let response = router.oneshot(request).await.unwrap();
    match Status::from_header_map(response.headers()) {
        None => Ok(response
            .extensions()
            .get::<Option<String>>()
            .cloned()
            .flatten()),
        Some(status) => {
            let reason = status.get_details_error_info().unwrap().reason;
            Err((status.code(), reason))
        }
    }
}

fn denied() -> Answer {
    Err((Code::PermissionDenied, "PERMISSION_DENIED".into()))
}

fn unauthenticated() -> Answer {
    Err((Code::Unauthenticated, "UNAUTHENTICATED".into()))
}

#[tokio::test]
async fn a_caller_with_one_of_the_declared_roles_reaches_the_handler() {
    let path = "/gazelle.test.v1.Test/Approve";
    let both = person(&[Role::Officer, Role::Approver]);
    assert_eq!(
        call(path, Some(both)).await,
        Ok(Some("person:alice".into()))
    );
    let service = Principal::Service("settlement".into());
    assert_eq!(
        call(path, Some(service)).await,
        Ok(Some("service:settlement".into()))
    );
}

#[tokio::test]
async fn who_shows_two_tokens_shows_none() {
    let suite = suite(&Clock::fixed(datetime!(2017-11-11 0:00 UTC)));
    let token = suite.issuer.mint(&person(&Role::ALL), Duration::MINUTE);
    let token = format!("Bearer {}", token.unwrap());
    let layer = Access::new(suite.verifier.clone(), |_| RULES.first());
    let shown = async |tokens: &[&str]| {
        let mut request = Request::builder().uri(RULES[0].path);
        for token in tokens {
            request = request.header(AUTHORIZATION, *token);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        layer.admit(&parts).await.is_ok()
    };
    assert!(shown(&[&token]).await);
    let comma = format!("{token}, {token}");
    for tokens in [
        &[&*token, &token][..],
        &[&token, "Bearer x"],
        &["Bearer x", &token],
        &[&comma],
    ] {
        assert!(!shown(tokens).await, "{}", tokens.len());
    }
}

#[tokio::test]
async fn others_are_refused_and_strangers_before_that() {
    let path = "/gazelle.test.v1.Test/Approve";
    assert_eq!(call(path, Some(person(&[Role::Officer]))).await, denied());
    assert_eq!(call(path, Some(person(&[]))).await, denied());
    let platform = Principal::Platform(gazelle_kernel::PlatformId::parse("alpha").unwrap());
    assert_eq!(call(path, Some(platform)).await, denied());
    assert_eq!(call(path, None).await, unauthenticated());
}

#[test]
fn who_may_not_is_told_who_may() {
    let told = |callers: &[Caller]| {
        let status = Status::from(refused::denied(callers));
        let may = status.get_details_error_info().unwrap().metadata["may"].clone();
        (status.message().to_owned(), may)
    };
    let said = |message: &str, may: &str| (message.to_owned(), may.to_owned());
    assert_eq!(
        told(&[Caller::Officer, Caller::Approver]),
        said(
            "you may not call this; officer or approver may",
            "officer,approver"
        )
    );
    assert_eq!(
        told(&[Caller::Platform]),
        said("you may not call this; platform may", "platform")
    );
    assert_eq!(told(&[]), said("nobody may call this", ""));
}

#[tokio::test]
async fn an_rpc_that_declares_nothing_is_refused_to_all() {
    let path = "/gazelle.test.v1.Test/Nobody";
    assert_eq!(call(path, Some(person(&Role::ALL))).await, denied());
    assert_eq!(call(path, None).await, unauthenticated());
}

#[tokio::test]
async fn what_is_no_rpc_reaches_no_handler_and_who_is_known_is_told_so() {
    for path in [
        "/gazelle.test.v1.Test/Unknown",
        "/gazelle.test.v2.Test/Approve",
        "/",
        // Nothing is made of a path before its rule is looked for.
        "/gazelle.test.v1.Test/Approve/",
        "/gazelle.test.v1.Test//Approve",
        "//gazelle.test.v1.Test/Approve",
        "/gazelle.test.v1.Test/APPROVE",
        "/gazelle.test.v1.Test/%41pprove",
        "/gazelle.test.v1.Test/Nobody/../Approve",
        "/gazelle.test.v1.Test/./Approve",
        "/gazelle.test.v1.Test/Approve;x",
        "/x/../grpc.health.v1.Health/Check",
    ] {
        let not_served = Err((Code::Unimplemented, "RPC_NOT_SERVED".into()));
        for caller in [person(&Role::ALL), person(&[])] {
            assert_eq!(call(path, Some(caller)).await, not_served, "{path}");
        }
        assert_eq!(call(path, None).await, unauthenticated());
    }
}

#[tokio::test]
async fn health_and_reflection_are_open_and_nothing_that_looks_like_them() {
    assert_eq!(call("/grpc.health.v1.Health/Check", None).await, Ok(None));
    let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    assert_eq!(call(reflection, None).await, Ok(None));
    assert_eq!(
        call("/grpc.health.v1.HealthX/Check", None).await,
        unauthenticated()
    );
}

#[tokio::test]
async fn who_was_let_in_gives_way_to_nobody_and_who_gave_way_before_is_told() {
    let path = "/gazelle.test.v1.Test/Approve";
    let approver = || Some(person(&[Role::Approver]));
    let all = Newcomers::new(NonZeroUsize::new(8).unwrap());
    let arrive = || {
        let (remote, end) = (
            Remote::new(([127, 0, 0, 1], 1).into()),
            CancellationToken::new(),
        );
        let newcomer = all.enter(remote.origin, end.clone());
        remote.activity.arrives(newcomer);
        (remote, end)
    };
    let (known, end) = arrive();
    call_over(Some(known.clone()), path, approver())
        .await
        .unwrap();
    assert!(!all.give_way() && !end.is_cancelled());

    let (refused, end) = arrive();
    let answer = call_over(Some(refused.clone()), path, None).await;
    assert_eq!(answer, unauthenticated());
    assert!(all.give_way() && end.is_cancelled());
    let answer = call_over(Some(refused), path, approver()).await;
    assert_eq!(answer, Err((Code::ResourceExhausted, "OVERLOADED".into())));
}

#[test]
fn whose_client_left_a_certificate_out_is_told_why_where_one_is_missing() {
    for refusal in [refused::nothing_shown(), refused::certificate_required()] {
        let hint = "leave out one that is of no authority which the service asks for";
        assert!(refusal.message.contains(hint), "{}", refusal.message);
    }
}
