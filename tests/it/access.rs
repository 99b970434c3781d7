//! Who gets in: by the token alone, and as far as the contract lets them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gazelle_cli::profile::{AUDIENCE, issuer_name};
use gazelle_kernel::PlatformId;
use gazelle_proto::access::{Caller, RULES, Rule};
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::Kind;
use gazelle_tests::raw::Raw;
use gazelle_tests::refusal::{reason, refused};
use gazelle_tests::suite::{Suite, person};
use time::Duration;
use tonic::{Code, Status};

/// Calls an RPC with an empty message and that `authorization`, and waits for its first word.
async fn call(
    suite: &Suite,
    path: &'static str,
    authorization: Option<&str>,
) -> Result<(), Status> {
    Raw::new(&suite.endpoints).call(path, authorization).await
}

fn token(suite: &Suite, principal: &Principal) -> String {
    let issuer = suite.home.open_issuer(principal.kind(), Clock::system());
    let token = issuer.unwrap().mint(principal, Duration::hours(1));
    format!("Bearer {}", token.unwrap())
}

/// A principal for each kind of caller.
const CALLERS: [Caller; 6] = [
    Caller::Registrar,
    Caller::Officer,
    Caller::Approver,
    Caller::Auditor,
    Caller::Platform,
    Caller::Service,
];

fn principal(caller: Caller) -> Principal {
    match caller {
        Caller::Registrar => person("somebody", &[Role::Registrar]),
        Caller::Officer => person("somebody", &[Role::Officer]),
        Caller::Approver => person("somebody", &[Role::Approver]),
        Caller::Auditor => person("somebody", &[Role::Auditor]),
        Caller::Platform => Principal::Platform(PlatformId::parse("somebody").unwrap()),
        Caller::Service => Principal::Service("somebody".to_owned()),
    }
}

#[tokio::test]
async fn every_rpc_takes_the_callers_of_its_rule_and_nobody_else() {
    let suite = Suite::shared();
    assert!(RULES.len() > 30, "the contract has lost its rules");
    for rule in RULES {
        for caller in CALLERS {
            let authorization = token(suite, &principal(caller));
            let status = call(suite, rule.path, Some(&authorization)).await.err();
            let denied = status.as_ref().is_some_and(|status| {
                (status.code(), reason(status).as_str())
                    == (Code::PermissionDenied, "PERMISSION_DENIED")
            });
            // Nobody serves it: then letting somebody in proves nothing.
            let absent = status.is_some_and(|status| status.code() == Code::Unimplemented);
            assert!(!absent, "{} is not served", rule.path);
            assert_eq!(
                denied,
                !rule.callers.contains(&caller),
                "{} by {caller:?}",
                rule.path
            );
        }
    }
}

#[tokio::test]
async fn a_person_without_a_role_may_do_nothing() {
    let suite = Suite::shared();
    let nobody = token(suite, &person("nobody", &[]));
    for rule in RULES {
        let result = call(suite, rule.path, Some(&nobody)).await;
        refused(result, Code::PermissionDenied, "PERMISSION_DENIED");
    }
}

#[tokio::test]
async fn an_rpc_that_the_contract_does_not_have_is_served_to_nobody() {
    let suite = Suite::shared();
    let paths = [
        "/gazelle.usage.v1.UsageService/DeletePeriod",
        "/gazelle.registry.v1.RegistryService/",
        "/gazelle.settlement.v2.RunService/ApproveRun",
        "/somebody.else.v1.Service/Do",
        "/gazelle.usage.v1.UsageService/ListRecords/",
        "/gazelle.usage.v1.UsageService/listrecords",
        "/gazelle.usage.v1.UsageService/List%52ecords",
        "//gazelle.usage.v1.UsageService/ListRecords",
        "/gazelle.usage.v1.UsageService/../UsageService/ListRecords",
    ];
    for path in paths {
        for caller in CALLERS {
            let authorization = token(suite, &principal(caller));
            let result = call(suite, path, Some(&authorization)).await;
            refused(result, Code::Unimplemented, "RPC_NOT_SERVED");
        }
        refused(
            call(suite, path, None).await,
            Code::Unauthenticated,
            "UNAUTHENTICATED",
        );
    }
}

#[tokio::test]
async fn what_is_open_to_all_leads_nowhere_else() {
    let suite = Suite::shared();
    let auditor = token(suite, &principal(Caller::Auditor));
    for path in [
        "/grpc.health.v1.Health/../gazelle.usage.v1.UsageService/ListPeriods",
        "/grpc.health.v1.Health/%2e%2e/gazelle.usage.v1.UsageService/ListPeriods",
        "/grpc.reflection.v1.ServerReflection/ListPeriods",
        "/grpc.health.v1.Health/",
    ] {
        for shown in [None, Some(&*auditor)] {
            let answer = call(suite, path, shown).await.unwrap_err();
            assert_eq!(answer.code(), Code::Unimplemented, "{path}: {answer:?}");
        }
    }
}

/// A token with another header or other claims, under the signature that it had.
fn altered(token: &str, part: usize, from: &str, to: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
    assert!(text.contains(from), "{text}");
    parts[part] = BASE64_URL_SAFE_NO_PAD.encode(text.replace(from, to));
    parts.join(".")
}

/// What is no sound token of the home's key, by what is wrong with it: the `authorization` of a
/// call, where there is one.
fn unsound(suite: &Suite, good: &str) -> Vec<(&'static str, Option<String>)> {
    let auditor = principal(Caller::Auditor);
    let (key, name) = (suite.home.key_file(Kind::People), issuer_name(Kind::People));
    let minted = |key: &std::path::Path, issuer: &str, audience: &str, clock: Clock| {
        let issuer = Issuer::open(key, issuer, audience, clock).unwrap();
        issuer.mint(&auditor, Duration::hours(1)).unwrap()
    };
    let yesterday = Clock::fixed(Clock::system().now() - Duration::days(1));
    let folder = tempfile::tempdir().unwrap();
    let unsigned = |token: &str| token.rsplit_once('.').unwrap().0.to_owned() + ".";
    let none = altered(good, 0, "EdDSA", "none");

    vec![
        ("no token", None),
        ("an empty one", Some("Bearer ".to_owned())),
        ("another scheme", Some(format!("Basic {good}"))),
        ("garbage", bearer("garbage")),
        ("garbage in three parts", bearer("a.b.c")),
        ("expired", bearer(&minted(&key, name, AUDIENCE, yesterday))),
        (
            "for another audience",
            bearer(&minted(&key, name, "gazette", Clock::system())),
        ),
        (
            "of another issuer",
            bearer(&minted(&key, "somebody", AUDIENCE, Clock::system())),
        ),
        (
            "by another key",
            bearer(&minted(
                &folder.path().join("key.der"),
                name,
                AUDIENCE,
                Clock::system(),
            )),
        ),
        ("without a signature", bearer(&unsigned(good))),
        ("algorithm none", bearer(&unsigned(&none))),
        ("algorithm none, signed", bearer(&none)),
        (
            "a role more",
            bearer(&altered(
                good,
                1,
                r#"["auditor"]"#,
                r#"["auditor","officer"]"#,
            )),
        ),
        (
            "another subject",
            bearer(&altered(good, 1, "somebody", "approver")),
        ),
    ]
}

#[expect(clippy::unnecessary_wraps, reason = "some cases show nothing")]
fn bearer(token: &str) -> Option<String> {
    Some(format!("Bearer {token}"))
}

#[tokio::test]
async fn only_a_sound_token_of_the_home_s_key_is_believed() {
    let suite = Suite::shared();
    let shown = token(suite, &principal(Caller::Auditor));
    let good = shown.strip_prefix("Bearer ").unwrap();
    let cases = unsound(suite, good);
    for rule in RULES
        .iter()
        .filter(|rule| rule.callers.contains(&Caller::Auditor))
    {
        for (what, authorization) in &cases {
            let result = call(suite, rule.path, authorization.as_deref()).await;
            let status = result.expect_err(what);
            let refusal = (status.code(), reason(&status));
            let expected = match *what {
                "expired" => "TOKEN_EXPIRED",
                _ => "UNAUTHENTICATED",
            };
            let expected = (Code::Unauthenticated, expected.to_owned());
            assert_eq!(refusal, expected, "{what}");
        }
        let answer = call(suite, rule.path, bearer(good).as_deref()).await;
        assert!(!answer.is_err_and(|status| status.code() == Code::Unauthenticated));
    }
}

/// The kinds of callers that a rule has, each with one of them.
fn kinds(rule: &Rule) -> Vec<Principal> {
    let mut kinds: Vec<Principal> = Vec::new();
    for one in rule.callers.iter().copied().map(principal) {
        if kinds.iter().all(|it| it.kind() != one.kind()) {
            kinds.push(one);
        }
    }
    kinds
}

#[tokio::test]
async fn a_home_s_key_signs_for_its_own_kind_of_callers_and_for_no_other() {
    let suite = Suite::shared();
    let signer = |key: Kind, name: Kind| {
        let file = suite.home.key_file(key);
        Issuer::open(&file, issuer_name(name), AUDIENCE, Clock::system()).unwrap()
    };
    let mut refusals = 0;
    for rule in RULES {
        for caller in kinds(rule) {
            let own = caller.kind();
            for other in Kind::ALL.into_iter().filter(|it| *it != own) {
                // In its own name, in the name of who may, and by whose key in the other's name.
                for (key, name) in [(other, other), (other, own), (own, other)] {
                    let token = signer(key, name).mint(&caller, Duration::hours(1));
                    let shown = bearer(&token.unwrap());
                    let result = call(suite, rule.path, shown.as_deref()).await;
                    refused(result, Code::Unauthenticated, "UNAUTHENTICATED");
                    refusals += 1;
                }
            }
            let good = call(suite, rule.path, Some(&token(suite, &caller))).await;
            assert!(!good.is_err_and(|it| it.code() == Code::Unauthenticated));
        }
    }
    assert!(refusals > 6 * RULES.len(), "{refusals}");
}
