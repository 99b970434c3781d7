//! A client that is not ours: gRPC's own for Python, with stubs from the proto files alone
//! (`tests/python`). Each scenario checks for itself what it gets, and keeps its own receipt.

use std::process::Stdio;

use gazelle_cli::minted::minted;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_tests::WAIT;
use gazelle_tests::authority::{Authority, workload};
use gazelle_tests::fresh;
use gazelle_tests::partner::{Partner, operator};
use gazelle_tests::python::{python, root};
use gazelle_tests::suite::Suite;
use rcgen::KeyPair;
use sqlx::Executor as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A token of a platform for an hour.
fn token(suite: &Suite, platform: &str) -> String {
    let principal = Principal::Platform(PlatformId::parse(platform).unwrap());
    let issuer = suite.home.open_issuer(principal.kind(), Clock::system());
    let bearer = minted(issuer.unwrap(), principal, Clock::system());
    bearer.lasting(time::Duration::hours(1)).unwrap()
}

/// Starts a scenario as a platform of its own.
async fn start(suite: &Suite, scenario: &str) -> Child {
    let platform = fresh::platform("mall");
    let mut command = command(suite, &platform, scenario).await;
    command.spawn().unwrap()
}

async fn command(suite: &Suite, platform: &str, scenario: &str) -> Command {
    let mut command = Command::new(python().await);
    let address = suite.endpoints.usage.strip_prefix("https://").unwrap();
    command
        .arg("-B")
        .arg(root().join("tests/python/scenarios.py"))
        .arg(scenario)
        .env("PROTO", root().join("proto"))
        .env("ADDRESS", address)
        .env("CA", suite.home.ca_file())
        .env("PLATFORM", platform)
        .env("TOKEN", token(suite, platform))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn finish(scenario: Child) {
    let ended = timeout(WAIT, scenario.wait_with_output()).await;
    let output = ended.expect("an end in time").unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
}

#[tokio::test]
async fn batches_of_every_size_are_taken_from_a_fast_client() {
    finish(start(Suite::shared(), "fast").await).await;
}

#[tokio::test]
async fn batches_of_every_size_are_taken_from_a_slow_client_that_is_never_cut_off() {
    finish(start(Suite::shared(), "slow").await).await;
}

#[tokio::test]
async fn a_client_that_sends_single_records_while_the_database_stands_still_is_not_cut_off() {
    let suite = Suite::start(Clock::system()).await;
    let mut superuser = suite.database("usage", "postgres").await;
    superuser
        .execute("begin; lock table record in share mode")
        .await
        .unwrap();
    let mut scenario = start(&suite, "single_records_while_nothing_is_written").await;

    let mut said = BufReader::new(scenario.stdout.take().unwrap()).lines();
    let waiting = timeout(WAIT, said.next_line()).await.unwrap().unwrap();
    superuser.execute("rollback").await.unwrap();
    if waiting.as_deref() == Some("WAITING") {
        let input = scenario.stdin.as_mut().unwrap();
        input.write_all(b"go on\n").await.unwrap();
    }

    finish(scenario).await;
    suite.stop().await;
}

#[tokio::test]
async fn batches_that_are_too_large_or_no_records_are_refused_by_their_reasons() {
    finish(start(Suite::shared(), "limits").await).await;
}

#[tokio::test]
async fn one_stream_too_many_is_refused_at_once_while_the_others_go_on() {
    finish(start(Suite::shared(), "streams").await).await;
}

#[tokio::test]
async fn calls_that_are_cancelled_or_expire_lose_nothing_that_was_acknowledged() {
    finish(start(Suite::shared(), "given_up").await).await;
}

#[tokio::test]
async fn a_wrong_file_is_withdrawn_and_the_true_one_reported_under_the_same_ids() {
    finish(start(Suite::shared(), "wrong_file").await).await;
}

#[tokio::test]
async fn a_platform_reports_with_its_certificate_and_with_no_other() {
    let suite = Suite::shared();
    let partner = Partner::known().await;
    let platform = partner.platform.as_str();
    partner.asks().await;
    let serial = partner.signed().await;
    let (good, revoked) = (partner.file("certificate.pem"), partner.file("revoked.pem"));
    std::fs::rename(&good, &revoked).unwrap();
    partner.signed().await;
    let revoke = format!("platform revoke-certificate {platform} --serial {serial}");
    let _ = operator(&revoke).await.done();
    // For the key of the partner, by an authority that nobody here knows.
    let key = KeyPair::from_pem(&std::fs::read_to_string(partner.file("key.pem")).unwrap());
    let strangers = Authority::new("strangers");
    let strangers = strangers.certify_key(workload(&format!("platform/{platform}")), &key.unwrap());
    strangers.write(&partner.file("strangers.pem"));

    let mut command = command(suite, platform, "certificates").await;
    let scenario = command
        .env("KEY", partner.file("key.pem"))
        .env("CERTIFICATE", good)
        .env("REVOKED", revoked)
        .env("STRANGERS", partner.file("strangers.pem"))
        .env("OTHER_TOKEN", token(suite, &fresh::platform("other")))
        .spawn();
    finish(scenario.unwrap()).await;
}
