//! What a caller must show, and what must agree.

use axum::{Router, body::Body, extract::Request, middleware::from_fn_with_state};
use gazelle_kernel::PlatformId;
use gazelle_proto::access::{Caller, Rule};
use http::header::AUTHORIZATION;
use serde_json::json;
use time::macros::datetime;
use tonic::Status;
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::{
    auth::{
        Certificate, CertificateEnded, Principal,
        fixture::{Suite, suite_with},
    },
    clock::Clock,
    config::{AuthConfig, PlatformProof, SecondFactorConfig},
    tls::workload::Workload,
};

const RULES: &[Rule] = &[
    Rule {
        path: "/gazelle.test.v1.Test/Read",
        callers: &[Caller::Approver, Caller::Platform, Caller::Service],
        second_factor: false,
        streaming: false,
        client_streaming: false,
    },
    Rule {
        path: "/gazelle.test.v1.Test/Release",
        callers: &[Caller::Approver, Caller::Service],
        second_factor: true,
        streaming: false,
        client_streaming: false,
    },
];
const READ: &str = RULES[0].path;
const RELEASE: &str = RULES[1].path;

fn suite(change: impl FnOnce(&mut AuthConfig)) -> Suite {
    suite_with(&Clock::fixed(datetime!(2017-11-11 0:00 UTC)), change)
}

fn platform(id: &str) -> Principal {
    Principal::Platform(PlatformId::parse(id).unwrap())
}

/// What is answered: `Ok`, or the reason; and whom layers outside see that it is answered to.
async fn call(
    suite: &Suite,
    path: &str,
    certificate: Option<Principal>,
    token: Option<&serde_json::Value>,
) -> (Result<(), String>, Option<String>) {
    let mut request = Request::builder().uri(path);
    if let Some(changed) = token {
        let now = datetime!(2017-11-11 0:00 UTC).unix_timestamp();
        let mut claims = json!({
            "iss": "https://issuer.test", "aud": "gazelle", "iat": now, "exp": now + 60,
        });
        claims
            .as_object_mut()
            .unwrap()
            .extend(changed.as_object().unwrap().clone());
        let token = suite.issuer.sign(&claims).unwrap();
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some(principal) = certificate {
        request = request.extension(workload(principal));
    }
    answered(suite, request).await
}

/// Whom a certificate names that holds for a day.
fn workload(principal: Principal) -> Workload {
    let tomorrow = Clock::system().now() + time::Duration::DAY;
    Workload {
        principal,
        certificate: Certificate::until(tomorrow.unix_timestamp()),
    }
}

async fn answered(
    suite: &Suite,
    request: http::request::Builder,
) -> (Result<(), String>, Option<String>) {
    let layer = Access::new(suite.verifier.clone(), |path| {
        RULES.iter().find(|rule| rule.path == path)
    });
    let router = Router::new()
        .fallback(async || ())
        .layer(from_fn_with_state(layer, access));
    let answer = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let seen = answer.extensions().get::<Principal>();
    let seen = seen.map(|principal| principal.actor().to_string());
    let refused = Status::from_header_map(answer.headers()).map(|status| {
        let info = status.get_details_error_info().unwrap();
        match info.metadata.get("cause") {
            Some(cause) => format!("{}, {cause}", info.reason),
            None => info.reason,
        }
    });
    (refused.map_or(Ok(()), Err), seen)
}

fn refused(reason: &str, actor: &str) -> (Result<(), String>, Option<String>) {
    (Err(reason.to_owned()), Some(actor.to_owned()))
}

fn allowed(actor: &str) -> (Result<(), String>, Option<String>) {
    (Ok(()), Some(actor.to_owned()))
}

#[tokio::test]
async fn a_certificate_needs_no_token_and_with_one_both_name_the_same() {
    let suite = suite(|_| {});
    let alpha = || Some(platform("alpha"));
    let subject = |sub: &str| json!({"sub": sub});
    assert_eq!(
        call(&suite, READ, alpha(), None).await,
        allowed("platform:alpha")
    );
    let same = call(&suite, READ, alpha(), Some(&subject("platform:alpha"))).await;
    assert_eq!(same, allowed("platform:alpha"));
    for other in ["platform:beta", "service:alpha", "alpha"] {
        let (answer, _) = call(&suite, READ, alpha(), Some(&subject(other))).await;
        assert_eq!(answer, Err("IDENTITY_MISMATCH".to_owned()), "{other}");
    }
    let garbage = json!({"sub": "platform:alpha", "aud": "others"});
    let (answer, _) = call(&suite, READ, alpha(), Some(&garbage)).await;
    assert_eq!(answer, Err("UNAUTHENTICATED, NOT_BELIEVED".to_owned()));
    assert_eq!(
        call(&suite, READ, None, None).await,
        (Err("UNAUTHENTICATED, NOTHING_SHOWN".to_owned()), None)
    );
    for header in ["Basic YTpi", "", "Bearer", "Bearer x"] {
        let request = Request::builder().uri(READ).header(AUTHORIZATION, header);
        let request = request.extension(workload(platform("alpha")));
        let (answer, _) = answered(&suite, request).await;
        let malformed = Err("UNAUTHENTICATED, NOT_BELIEVED".to_owned());
        assert_eq!(answer, malformed, "{header:?}");
    }
}

#[tokio::test]
async fn a_certificate_that_has_ended_is_refused_whatever_is_shown_beside_it() {
    let suite = suite(|_| {});
    let token = suite.issuer.mint(&platform("alpha"), time::Duration::DAY);
    let token = format!("Bearer {}", token.unwrap());
    let revoked = workload(platform("alpha"));
    assert!(revoked.certificate.end(CertificateEnded::Revoked));
    assert!(!revoked.certificate.end(CertificateEnded::Authority));
    let expired = Workload {
        certificate: Certificate::until(Clock::system().now().unix_timestamp() - 1),
        ..revoked.clone()
    };
    for (ended, reason) in [
        (revoked, "CERTIFICATE_REVOKED"),
        (expired, "CERTIFICATE_EXPIRED"),
    ] {
        let request = || Request::builder().uri(READ).extension(ended.clone());
        let alpha = refused(reason, "platform:alpha");
        assert_eq!(answered(&suite, request()).await, alpha);
        let both = request().header(AUTHORIZATION, &token);
        assert_eq!(answered(&suite, both).await, alpha);
    }
}

#[tokio::test]
async fn a_platform_shows_what_the_configuration_asks_for() {
    let certificate = suite(|config| config.platforms = PlatformProof::Certificate);
    let token = suite(|config| config.platforms = PlatformProof::Token);
    let alpha = json!({"sub": "platform:alpha"});
    let actor = "platform:alpha";
    let by_token = call(&certificate, READ, None, Some(&alpha)).await;
    assert_eq!(by_token, refused("CERTIFICATE_REQUIRED", actor));
    let by_certificate = call(&token, READ, Some(platform("alpha")), None).await;
    assert_eq!(by_certificate, refused("TOKEN_REQUIRED", actor));
    for suite in [&certificate, &token] {
        let both = call(suite, READ, Some(platform("alpha")), Some(&alpha)).await;
        assert_eq!(both, allowed(actor));
        let service = json!({"sub": "service:usage"});
        let (answer, _) = call(suite, READ, None, Some(&service)).await;
        assert_eq!(answer, Ok(()), "only platforms are asked");
        let service = Principal::Service("usage".to_owned());
        assert_eq!(call(suite, READ, Some(service), None).await.0, Ok(()));
    }
}

#[tokio::test]
async fn a_person_shows_a_second_factor_where_the_rule_and_the_configuration_ask_for_it() {
    let asked = || SecondFactorConfig {
        acr: Vec::new(),
        amr: vec!["otp".to_owned()],
    };
    let asking = suite(|config| config.second_factor = Some(asked()));
    let not_asking = suite(|_| {});
    let one = json!({"sub": "carol", "roles": ["approver"], "amr": ["pwd"]});
    let two = json!({"sub": "carol", "roles": ["approver"], "amr": ["pwd", "otp"]});
    let answer = call(&asking, RELEASE, None, Some(&one)).await;
    assert_eq!(answer, refused("SECOND_FACTOR_REQUIRED", "person:carol"));
    assert_eq!(call(&asking, RELEASE, None, Some(&two)).await.0, Ok(()));
    assert_eq!(call(&asking, READ, None, Some(&one)).await.0, Ok(()));
    assert_eq!(call(&not_asking, RELEASE, None, Some(&one)).await.0, Ok(()));
    let service = Principal::Service("usage".to_owned());
    assert_eq!(call(&asking, RELEASE, Some(service), None).await.0, Ok(()));
}

#[tokio::test]
async fn what_is_revoked_is_refused_by_token_and_by_certificate_and_those_outside_see_whose_it_is()
{
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("revoked");
    std::fs::write(&list, "subject platform:alpha\ntoken 7").unwrap();
    let suite = suite(|config| config.revoked_file = Some(list));
    let alpha = refused("TOKEN_REVOKED", "platform:alpha");
    assert_eq!(
        call(&suite, READ, Some(platform("alpha")), None).await,
        alpha
    );
    let token = json!({"sub": "platform:alpha"});
    assert_eq!(call(&suite, READ, None, Some(&token)).await, alpha);
    let one = json!({"sub": "platform:beta", "jti": "7"});
    let beta = refused("TOKEN_REVOKED", "platform:beta");
    assert_eq!(call(&suite, READ, None, Some(&one)).await, beta);
    let expired = json!({"sub": "platform:beta", "exp": 1});
    let (answer, _) = call(&suite, READ, None, Some(&expired)).await;
    assert_eq!(answer, Err("TOKEN_EXPIRED".to_owned()));
}
