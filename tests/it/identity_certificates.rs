//! Every RPC of the contract, with everything that can be wrong with a client certificate, alone
//! and beside a token that would be believed without it.

use std::collections::BTreeMap;
use std::error::Error as _;

use gazelle_client::Endpoints;
use gazelle_kernel::PlatformId;
use gazelle_proto::access::{Caller, RULES, Rule};
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_tests::apart::{Apart, SERVICES};
use gazelle_tests::authority::{Authority, Certified, DOMAIN, workload, write};
use gazelle_tests::raw::Raw;
use gazelle_tests::refusal::reason;
use gazelle_tests::running::Running;
use gazelle_tests::suite::person;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    SanType,
};
use time::Duration;
use tokio::time::sleep;
use tonic::{Code, Status};

const ALPHA: &str = "platform/alpha";

/// What is shown, what is wrong with it, and the outcome that its handshakes are counted as.
type WrongCertificate = (&'static str, Certified, &'static str);

fn platform(id: &str) -> Principal {
    Principal::Platform(PlatformId::parse(id).unwrap())
}

fn service(name: &str) -> Principal {
    Principal::Service(name.to_owned())
}

/// The three services, and clients of them that show a certificate.
struct ThreeServices {
    apart: Apart,
    running: Vec<Running>,
}

impl ThreeServices {
    async fn new() -> Self {
        let apart = Apart::new().await;
        let running = Vec::new();
        Self { apart, running }
    }

    /// Starts the services, again where they run.
    async fn serve(&mut self, settings: &[(&str, &str)]) {
        for running in self.running.drain(..) {
            running.ends_well().await;
        }
        for service in SERVICES {
            let running = self.apart.serve(service, settings).await;
            self.running.push(running);
        }
    }

    fn certify(&self, change: impl FnOnce(&mut CertificateParams)) -> Certified {
        let mut params = workload(ALPHA);
        change(&mut params);
        self.apart.clients.certify(params)
    }

    /// Calls with that certificate, kept in a file of that name.
    fn showing(&self, name: &str, certified: &Certified) -> Raw {
        let file = self.apart.file(&format!("{name}.pem"));
        certified.write(&file);
        Raw::new(&Endpoints {
            certificate_file: Some(file.clone()),
            key_file: Some(file),
            ..self.apart.all_endpoints()
        })
    }

    fn token(&self, principal: &Principal) -> String {
        let issuer = self.apart.issuer(principal);
        let token = issuer.mint(principal, Duration::HOUR);
        format!("Bearer {}", token.unwrap())
    }

    /// How many handshakes of all services came to each outcome.
    async fn handshakes(&self) -> BTreeMap<String, u64> {
        let mut counted = BTreeMap::new();
        for running in &self.running {
            let text = running.get("/metrics").await.unwrap().1;
            for line in text.lines() {
                let Some(rest) = line.strip_prefix("gazelle_tls_handshakes_total{") else {
                    continue;
                };
                let outcome = rest.split("outcome=\"").nth(1).unwrap();
                let outcome = outcome.split('"').next().unwrap().to_owned();
                let times = line.rsplit(' ').next().unwrap();
                *counted.entry(outcome).or_default() += times.parse::<u64>().unwrap();
            }
        }
        counted
    }
}

/// In its chain or its time.
fn wrong_chains(place: &ThreeServices) -> Vec<WrongCertificate> {
    let now = Clock::system().now();
    let clients = &place.apart.clients;
    let revoked = place.certify(|_| {});
    let list = clients.revoked(&[&revoked]);
    write(&place.apart.file("clients-crl.pem"), &list);
    let by = |name| Authority::new(name).certify(workload(ALPHA));
    let expired = place.certify(|it| it.not_after = now - Duration::SECOND);
    let not_yet = place.certify(|it| it.not_before = now + Duration::HOUR);
    let beta = clients.below(workload("platform/beta"));
    let mut by_beta = beta.certify(workload(ALPHA));
    by_beta.certificate.push_str(&beta.pem);
    vec![
        ("of another authority", by("others"), "UNKNOWN_AUTHORITY"),
        ("of a namesake", by("clients"), "UNKNOWN_AUTHORITY"),
        ("of another platform", by_beta, "CERTIFICATE_INVALID"),
        ("expired", expired, "CERTIFICATE_EXPIRED"),
        ("not yet valid", not_yet, "CERTIFICATE_NOT_YET_VALID"),
        ("revoked", revoked, "CERTIFICATE_REVOKED"),
    ]
}

/// In what it is for.
fn wrong_uses(place: &ThreeServices) -> Vec<WrongCertificate> {
    let server = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = place.certify(|it| it.extended_key_usages = server);
    let enciphers = vec![KeyUsagePurpose::KeyEncipherment];
    let enciphers = place.certify(|it| it.key_usages = enciphers);
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = place.certify(|it| it.is_ca = authority);
    let signer = place.certify(|it| it.key_usages.push(KeyUsagePurpose::KeyCertSign));
    vec![
        ("not for clients", server, "CERTIFICATE_USAGE"),
        ("not for signatures", enciphers, "CERTIFICATE_USAGE"),
        ("of an authority", authority, "CERTIFICATE_OF_AUTHORITY"),
        ("may sign others", signer, "CERTIFICATE_OF_AUTHORITY"),
    ]
}

/// In whom it names.
fn wrong_names(place: &ThreeServices) -> Vec<WrongCertificate> {
    let uri = |text: String| SanType::URI(text.try_into().unwrap());
    let named = |text: String| place.certify(|it| it.subject_alt_names = vec![uri(text)]);
    let beta = uri(format!("spiffe://{DOMAIN}/platform/beta"));
    let two = place.certify(|it| it.subject_alt_names.push(beta));
    let subject = place.certify(|it| {
        it.subject_alt_names.clear();
        it.distinguished_name
            .push(DnType::CommonName, "platform:alpha");
    });
    let foreign = named(format!("spiffe://foreign.example/{ALPHA}"));
    let person = named(format!("spiffe://{DOMAIN}/person/alice"));
    let page = named(format!("https://{DOMAIN}/{ALPHA}"));
    [
        ("of two names", two),
        ("of another domain", foreign),
        ("of a person", person),
        ("of a page", page),
        ("of no name but its subject", subject),
    ]
    .map(|(what, certified)| (what, certified, "CERTIFICATE_NAME"))
    .into()
}

/// A token of each caller that the rule has.
fn tokens(place: &ThreeServices, rule: &Rule) -> Vec<String> {
    let caller = |caller: &Caller| match caller {
        Caller::Registrar => person("somebody", &[Role::Registrar]),
        Caller::Officer => person("somebody", &[Role::Officer]),
        Caller::Approver => person("somebody", &[Role::Approver]),
        Caller::Auditor => person("somebody", &[Role::Auditor]),
        Caller::Platform => platform("alpha"),
        Caller::Service => service("settlement"),
    };
    let callers = rule.callers.iter().map(caller);
    callers.map(|caller| place.token(&caller)).collect()
}

/// Whether there was no connection: an error of the client's own, not an answer.
fn is_unconnected(answer: &Result<(), Status>) -> bool {
    let status = answer.as_ref().err();
    status.is_some_and(|it| it.source().is_some() && reason(it).is_empty())
}

fn told(answer: &Result<(), Status>) -> Option<(Code, String)> {
    let status = answer.as_ref().err();
    status.map(|status| (status.code(), reason(status)))
}

/// Calls every RPC with that certificate, without a token and with every good one, and sees that
/// no call of them was connected, and why.
async fn nobody_is_connected(place: &ThreeServices, raw: &Raw, what: &str, outcome: &str) -> u64 {
    let before = place.handshakes().await;
    let mut tried = 0;
    for rule in RULES {
        let tokens = tokens(place, rule);
        let tokens = tokens.iter().map(|it| Some(it.as_str()));
        for token in [None].into_iter().chain(tokens) {
            let answer = raw.call(rule.path, token).await;
            let path = rule.path;
            assert!(is_unconnected(&answer), "{path}, {what}: {answer:?}");
            tried += 1;
        }
    }
    let mut after = place.handshakes().await;
    // A client hears of its failure before the service has counted it.
    for _ in 0..100 {
        if after[outcome] - before[outcome] >= tried {
            break;
        }
        sleep(std::time::Duration::from_millis(100)).await;
        after = place.handshakes().await;
    }
    let counted = |outcome| after[outcome] - before[outcome];
    assert_eq!(counted("OK"), 0, "{what}");
    assert!(counted(outcome) >= tried, "{what}: {before:?}, {after:?}");
    tried
}

/// Calls every RPC with that certificate and token, and sees that each is refused so.
async fn all_are_refused(raw: &Raw, token: Option<&str>, what: &str, expected: &str) {
    for rule in RULES {
        let answer = raw.call(rule.path, token).await;
        let expected = Some((Code::Unauthenticated, expected.to_owned()));
        assert_eq!(told(&answer), expected, "{}, {what}", rule.path);
    }
}

/// Calls every RPC with a certificate that is in order, and sees that those go through that may.
async fn who_may_goes_through(raw: &Raw, token: Option<&str>, kind: Caller) {
    let denied = Some((Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    for rule in RULES {
        let answer = raw.call(rule.path, token).await;
        let path = rule.path;
        if rule.callers.contains(&kind) {
            assert!(!is_unconnected(&answer), "{path}: {answer:?}");
            let code = told(&answer).map(|it| it.0);
            assert_ne!(code, Some(Code::Unauthenticated), "{path}: {answer:?}");
            assert_ne!(told(&answer), denied, "{path}");
        } else {
            assert_eq!(told(&answer), denied, "{path}");
        }
    }
}

#[tokio::test]
async fn whatever_is_wrong_with_a_certificate_no_rpc_lets_its_bearer_in_for_a_good_token() {
    let mut place = ThreeServices::new().await;
    let faults = [wrong_chains, wrong_uses, wrong_names].map(|wrong| wrong(&place));
    place.serve(&[]).await;
    let mut tried = 0;
    for (what, certified, outcome) in faults.into_iter().flatten() {
        let raw = place.showing("fault", &certified);
        tried += nobody_is_connected(&place, &raw, what, outcome).await;
    }
    assert!(tried > 2_000, "{tried}");
    let required = [("SERVER__TLS__CLIENT_CERTIFICATE", "required")];
    place.serve(&required).await;
    let raw = place.apart.raw();
    nobody_is_connected(&place, &raw, "none", "NO_CERTIFICATE").await;
}

#[tokio::test]
async fn a_certificate_and_a_token_name_the_same_or_no_rpc_lets_their_bearer_in() {
    let mut place = ThreeServices::new().await;
    std::fs::write(place.apart.file("revoked"), "subject platform:gone\n").unwrap();
    let revoked = place.apart.file("revoked").display().to_string();
    let revoked = ("AUTH__REVOKED_FILE", revoked.as_str());
    place.serve(&[revoked]).await;
    let named = |kind: &str, name: &str| {
        let certified = workload(&format!("{kind}/{name}"));
        place.showing(name, &place.apart.clients.certify(certified))
    };
    let alpha = named("platform", "alpha");
    let settlement = named("service", "settlement");
    let others = [
        platform("beta"),
        service("alpha"),
        person("alpha", &Role::ALL),
    ];
    for other in others {
        let token = place.token(&other);
        let what = format!("beside a token of {other:?}");
        all_are_refused(&alpha, Some(&token), &what, "IDENTITY_MISMATCH").await;
    }
    let token = place.token(&platform("alpha"));
    let what = "of a service";
    all_are_refused(&settlement, Some(&token), what, "IDENTITY_MISMATCH").await;
    let gone = named("platform", "gone");
    all_are_refused(&gone, None, "of who is revoked", "TOKEN_REVOKED").await;
    let bad = Some("Bearer a.b.c");
    all_are_refused(&alpha, bad, "beside garbage", "UNAUTHENTICATED").await;

    who_may_goes_through(&alpha, None, Caller::Platform).await;
    who_may_goes_through(&alpha, Some(&token), Caller::Platform).await;
    who_may_goes_through(&settlement, None, Caller::Service).await;
}

#[tokio::test]
async fn a_platform_shows_on_every_rpc_what_is_asked_for() {
    let mut place = ThreeServices::new().await;
    let alpha = place.certify(|_| {});
    let token = place.token(&platform("alpha"));
    place.serve(&[("AUTH__PLATFORMS", "certificate")]).await;
    let (without, with) = (place.apart.raw(), place.showing("alpha", &alpha));
    let what = "a token alone";
    all_are_refused(&without, Some(&token), what, "CERTIFICATE_REQUIRED").await;
    who_may_goes_through(&with, None, Caller::Platform).await;

    place.serve(&[("AUTH__PLATFORMS", "token")]).await;
    let (without, with) = (place.apart.raw(), place.showing("alpha", &alpha));
    let what = "a certificate alone";
    all_are_refused(&with, None, what, "TOKEN_REQUIRED").await;
    who_may_goes_through(&without, Some(&token), Caller::Platform).await;
    who_may_goes_through(&with, Some(&token), Caller::Platform).await;
}
