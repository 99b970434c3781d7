//! A provider of identities that is not ours (`PyPI` `oidc-provider-mock`): people log in there,
//! and the registry finds its keys by discovery.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use gazelle_tests::apart::{Apart, free_address};
use gazelle_tests::python::{python, root};
use gazelle_tests::refusal::reason;
use gazelle_tests::running::Running;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status};

/// Bounds what would otherwise hang; nothing waits this long.
const WAIT: Duration = Duration::from_mins(2);

const LIST: &str = "/gazelle.registry.v1.RegistryService/ListPlatforms";
const CONFIRM: &str = "/gazelle.registry.v1.RegistryService/ConfirmPaymentAccounts";

/// A provider that runs; each has a key of its own.
struct Provider {
    address: SocketAddr,
    process: Child,
}

impl Provider {
    async fn start(address: SocketAddr) -> Self {
        let process = Command::new(python().await)
            .args([
                "-m",
                "oidc_provider_mock",
                "--host",
                &address.ip().to_string(),
            ])
            .args(["--port", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let answers = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(WAIT, answers).await.expect("a provider in time");
        Self { address, process }
    }

    async fn stop(mut self) {
        self.process.kill().await.unwrap();
    }

    /// The ID token of somebody who logs in.
    async fn log_in(&self, subject: &str, claims: &Value) -> String {
        let output = Command::new(python().await)
            .arg(root().join("tests/python/log_in.py"))
            .arg(format!("http://{}", self.address))
            .args(["gazelle", subject])
            .arg(claims.to_string())
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let token = String::from_utf8(output.stdout).unwrap();
        format!("Bearer {}", token.trim())
    }
}

/// The registry believes of people whom the provider at that address vouches for.
async fn registry(address: SocketAddr) -> (Apart, Running) {
    let apart = Apart::new().await;
    let file = apart.file("registry.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let keys = format!("jwks_file = \"{}\"", apart.file("jwks.json").display());
    let text = text
        .replace("https://identity.example", &format!("http://{address}"))
        .replace(&keys, "discovery = true")
        .replace(
            "roles_claim = \"roles\"",
            "roles_claim = \"realm_access.roles\"",
        );
    assert!(text.contains("discovery = true\n") && text.contains("realm_access.roles\""));
    std::fs::write(&file, text + "\n[auth.second_factor]\namr = [\"otp\"]\n").unwrap();
    let registry = apart.serve("registry", &[]).await;
    (apart, registry)
}

fn claims(role: &str, amr: &[&str]) -> Value {
    json!({"realm_access": {"roles": ["offline_access", role]}, "amr": amr})
}

/// Whether the access layer let it in, or why not.
fn answered(answer: Result<(), Status>) -> Result<(), String> {
    match answer {
        Err(status) if status.code() == Code::Unauthenticated => Err(reason(&status)),
        Err(status) if status.code() == Code::PermissionDenied => Err(reason(&status)),
        _ => Ok(()),
    }
}

/// Calls until it is believed: keys are asked for again after a moment.
async fn believed(apart: &Apart, token: &str) {
    let raw = apart.raw();
    let tries = async {
        while let Err(why) = answered(raw.call(LIST, Some(token)).await) {
            assert_eq!(why, "UNAUTHENTICATED");
            sleep(Duration::from_millis(250)).await;
        }
    };
    timeout(WAIT, tries).await.expect("to be believed in time");
}

#[tokio::test]
async fn people_are_believed_while_their_provider_is_away_and_after_it_has_new_keys() {
    let address = free_address();
    let (apart, registry) = registry(address).await;
    apart
        .logged("registry", "none of its tokens is believed yet")
        .await;
    registry.readyz(200).await;

    let provider = Provider::start(address).await;
    let old = provider.log_in("alice", &claims("officer", &["pwd"])).await;
    believed(&apart, &old).await;

    provider.stop().await;
    believed(&apart, &old).await;
    registry.readyz(200).await;

    // Another process, another key.
    let provider = Provider::start(address).await;
    let new = provider.log_in("alice", &claims("officer", &["pwd"])).await;
    believed(&apart, &new).await;
    let answer = apart.raw().call(LIST, Some(&old)).await;
    assert_eq!(answered(answer), Err("UNAUTHENTICATED".to_owned()));
}

#[tokio::test]
async fn a_provider_vouches_for_people_and_their_factors_and_for_no_platform() {
    let address = free_address();
    let provider = Provider::start(address).await;
    let (apart, _registry) = registry(address).await;
    let raw = apart.raw();
    let ask = async |path, subject: &str, claims: &Value| {
        let token = provider.log_in(subject, claims).await;
        answered(raw.call(path, Some(&token)).await)
    };
    let one = claims("approver", &["pwd"]);
    assert_eq!(ask(LIST, "carol", &one).await, Ok(()));
    let refused = ask(CONFIRM, "carol", &one).await;
    assert_eq!(refused, Err("SECOND_FACTOR_REQUIRED".to_owned()));
    let two = claims("approver", &["pwd", "otp"]);
    assert_eq!(ask(CONFIRM, "carol", &two).await, Ok(()));
    let none = claims("janitor", &["otp"]);
    assert_eq!(
        ask(LIST, "dave", &none).await,
        Err("PERMISSION_DENIED".to_owned())
    );
    for workload in ["platform:alpha-mall", "service:settlement"] {
        let refused = ask(LIST, workload, &json!({})).await;
        assert_eq!(refused, Err("UNAUTHENTICATED".to_owned()), "{workload}");
    }
}
