//! Every RPC of the contract, by each of its callers, with everything that can be wrong with what
//! they show.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gazelle_kernel::PlatformId;
use gazelle_proto::access::{Caller, RULES};
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::refusal::reason;
use gazelle_tests::suite::person;
use serde_json::{Value, json};
use tonic::{Code, Status};

const REVOKED: &str =
    "subject gone\nsubject platform:gone\nsubject service:gone\ntoken taken-back\n";

fn principal(caller: Caller) -> Principal {
    let with = |role| person("somebody", &[role]);
    match caller {
        Caller::Registrar => with(Role::Registrar),
        Caller::Officer => with(Role::Officer),
        Caller::Approver => with(Role::Approver),
        Caller::Auditor => with(Role::Auditor),
        Caller::Platform => Principal::Platform(PlatformId::parse("somebody").unwrap()),
        Caller::Service => Principal::Service("somebody".to_owned()),
    }
}

/// Who signs what: the two issuers of the samples, and a stranger who calls itself like the first.
struct Signers {
    own: Issuer,
    other: Issuer,
    stranger: Issuer,
}

impl Signers {
    fn of(apart: &Apart, caller: &Principal) -> Self {
        let workload = Principal::Service("any".to_owned());
        let other = match caller {
            Principal::Person { .. } => workload,
            Principal::Platform(_) | Principal::Service(_) => person("any", &[]),
        };
        let key = apart.file("stranger.der");
        let stranger = Issuer::open(&key, "stranger", "gazelle", Clock::system());
        Self {
            own: apart.issuer(caller),
            other: apart.issuer(&other),
            stranger: stranger.unwrap(),
        }
    }
}

fn issuers(caller: &Principal) -> (&'static str, &'static str) {
    const PEOPLE: &str = "https://identity.example";
    const WORKLOADS: &str = "https://workloads.example";
    match caller {
        Principal::Person { .. } => (PEOPLE, WORKLOADS),
        Principal::Platform(_) | Principal::Service(_) => (WORKLOADS, PEOPLE),
    }
}

/// The claims of a token that is believed, with some of them changed; null drops one.
fn claims(caller: &Principal, changed: &Value) -> Value {
    let now = Clock::system().now().unix_timestamp();
    let mut claims = json!({
        "iss": issuers(caller).0, "aud": "gazelle", "iat": now, "exp": now + 3_600, "amr": ["otp"],
    });
    match caller {
        Principal::Person { subject, roles } => {
            claims["sub"] = json!(subject);
            claims["roles"] = roles.iter().map(|role| role.as_str()).collect();
        }
        Principal::Platform(_) | Principal::Service(_) => {
            claims["sub"] = json!(caller.actor().as_str());
        }
    }
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, it| !it.is_null());
    claims
}

/// A token without a signature, which says so or not.
fn unsigned(token: &str, says_none: bool) -> String {
    let mut parts = token.split('.');
    let (header, claims) = (parts.next().unwrap(), parts.next().unwrap());
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    format!("{}.{claims}.", if says_none { &none } else { header })
}

/// What is shown, and the reason that it is refused with.
type WrongToken = (&'static str, Option<String>, &'static str);

/// Claims with something wrong, under a signature that is right.
fn wrong_claims(caller: &Principal, now: i64) -> Vec<(&'static str, Value, &'static str)> {
    const NO: &str = "UNAUTHENTICATED";
    let gone = match caller {
        Principal::Person { .. } => "gone",
        Principal::Platform(_) => "platform:gone",
        Principal::Service(_) => "service:gone",
    };
    let other = issuers(caller).1;
    let taken_back = json!({"jti": "taken-back"});
    vec![
        ("expired", json!({"exp": now - 31}), "TOKEN_EXPIRED"),
        ("revoked", taken_back, "TOKEN_REVOKED"),
        ("of who is revoked", json!({"sub": gone}), "TOKEN_REVOKED"),
        ("not valid yet", json!({"nbf": now + 60}), NO),
        ("for others", json!({"aud": "gazette"}), NO),
        ("for nobody", json!({"aud": null}), NO),
        ("without an end", json!({"exp": null}), NO),
        ("without a subject", json!({"sub": null}), NO),
        ("without an issuer", json!({"iss": null}), NO),
        (
            "of a strange issuer",
            json!({"iss": "https://a.example"}),
            NO,
        ),
        ("in another issuer's name", json!({"iss": other}), NO),
    ]
}

/// Faults of anybody's token.
fn faults(apart: &Apart, caller: &Principal) -> Vec<WrongToken> {
    let signers = Signers::of(apart, caller);
    let now = Clock::system().now().unix_timestamp();
    let by = |issuer: &Issuer, changed: &Value| issuer.sign(&claims(caller, changed)).unwrap();
    let own = |changed: Value| by(&signers.own, &changed);
    let as_itself = json!({"iss": issuers(caller).1});
    let good = own(json!({}));
    let signed = [
        ("by another issuer", by(&signers.other, &as_itself)),
        ("by another issuer's key", by(&signers.other, &json!({}))),
        ("by a stranger's key", by(&signers.stranger, &json!({}))),
        ("by no key", unsigned(&good, false)),
        ("of algorithm none", unsigned(&good, true)),
        ("garbage", "a.b.c".to_owned()),
    ];
    let signed = signed.map(|(what, token)| (what, token, "UNAUTHENTICATED"));
    let claimed = wrong_claims(caller, now).into_iter();
    let claimed = claimed.map(|(what, changed, reason)| (what, own(changed), reason));
    let mut faults: Vec<WrongToken> = claimed
        .chain(signed)
        .map(|(what, token, reason)| (what, Some(format!("Bearer {token}")), reason))
        .collect();
    let basic = Some(format!("Basic {good}"));
    faults.push(("nothing", None, "UNAUTHENTICATED"));
    faults.push(("another scheme", basic, "UNAUTHENTICATED"));
    if matches!(caller, Principal::Person { .. }) {
        faults.extend(faults_of_people(&own, now));
    }
    faults
}

/// Faults that only a person's token can have.
fn faults_of_people(own: &dyn Fn(Value) -> String, now: i64) -> Vec<WrongToken> {
    let fault = |what, changed| {
        (
            what,
            Some(format!("Bearer {}", own(changed))),
            "UNAUTHENTICATED",
        )
    };
    vec![
        fault("too long-lived", json!({"exp": now + 3_660})),
        fault("without a beginning", json!({"iat": null})),
        fault(
            "issued in the future",
            json!({"iat": now + 60, "exp": now + 120}),
        ),
        fault(
            "with roles of no known form",
            json!({"roles": {"all": true}}),
        ),
    ]
}

fn told(status: &Status) -> (Code, String) {
    (status.code(), reason(status))
}

async fn started() -> Apart {
    let apart = Apart::new().await;
    std::fs::write(apart.file("revoked"), REVOKED).unwrap();
    for service in SERVICES {
        let file = apart.file(&format!("{service}.toml"));
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str("\n[auth.second_factor]\namr = [\"otp\"]\n");
        std::fs::write(file, text).unwrap();
    }
    apart
}

#[tokio::test]
async fn whatever_is_wrong_with_what_a_caller_shows_no_rpc_lets_them_in() {
    let apart = started().await;
    let revoked = apart.file("revoked").display().to_string();
    let settings = [("AUTH__REVOKED_FILE", revoked.as_str())];
    let mut running = Vec::new();
    for service in SERVICES {
        running.push(apart.serve(service, &settings).await);
    }
    let raw = apart.raw();
    let mut tried = 0;
    let mut wrong = Vec::new();
    for rule in RULES {
        for &caller in rule.callers {
            let caller = principal(caller);
            for (what, shown, expected) in faults(&apart, &caller) {
                let answer = raw.call(rule.path, shown.as_deref()).await;
                let told = answer.as_ref().map_err(told);
                let expected = (Code::Unauthenticated, expected.to_owned());
                tried += 1;
                if told != Err(expected) {
                    wrong.push(format!("{} by {caller:?}, {what}: {told:?}", rule.path));
                }
            }
            let good = apart.issuer(&caller).sign(&claims(&caller, &json!({})));
            let good = format!("Bearer {}", good.unwrap());
            let answer = raw.call(rule.path, Some(&good)).await;
            assert!(
                !is_refused(&answer),
                "{} by {caller:?}: {answer:?}",
                rule.path
            );
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
    assert!(tried > 2_000, "{tried}");
}

/// By the access layer.
fn is_refused(answer: &Result<(), Status>) -> bool {
    let status = answer.as_ref().err();
    status.is_some_and(|status| {
        status.code() == Code::Unauthenticated
            || ["PERMISSION_DENIED", "SECOND_FACTOR_REQUIRED"].contains(&reason(status).as_str())
    })
}

#[tokio::test]
async fn what_moves_money_is_done_with_two_factors_and_the_rest_with_one() {
    let apart = started().await;
    let mut running = Vec::new();
    for service in SERVICES {
        running.push(apart.serve(service, &[]).await);
    }
    let raw = apart.raw();
    assert_eq!(RULES.iter().filter(|rule| rule.second_factor).count(), 3);
    for rule in RULES {
        let people = [
            Caller::Registrar,
            Caller::Officer,
            Caller::Approver,
            Caller::Auditor,
        ];
        for caller in people.into_iter().filter(|it| rule.callers.contains(it)) {
            let caller = principal(caller);
            for amr in [json!(null), json!(["pwd"]), json!(["otp2", "OTP"])] {
                let token = apart
                    .issuer(&caller)
                    .sign(&claims(&caller, &json!({"amr": amr})));
                let shown = format!("Bearer {}", token.unwrap());
                let answer = raw.call(rule.path, Some(&shown)).await;
                let refused = answer.as_ref().err().map(told);
                let expected = (Code::PermissionDenied, "SECOND_FACTOR_REQUIRED".to_owned());
                assert_eq!(
                    refused == Some(expected),
                    rule.second_factor,
                    "{}",
                    rule.path
                );
            }
        }
    }
}
