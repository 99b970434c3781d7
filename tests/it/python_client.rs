//! A client that is not ours: gRPC's own for Python, with stubs from the proto files alone
//! (`tests/python`). Each scenario checks for itself what it gets, and keeps its own receipt.

use std::process::Stdio;
use std::time::Duration;

use gazelle_cli::minted::minted;
use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_tests::fresh;
use gazelle_tests::python::{python, root};
use gazelle_tests::suite::Suite;
use sqlx::Executor as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Longest wait for a scenario's end.
const WAIT: Duration = Duration::from_mins(5);

/// Starts a scenario as a platform of its own.
async fn start(suite: &Suite, scenario: &str) -> Child {
    let platform = fresh::platform("mall");
    let issuer = suite.home.open_issuer(Clock::system()).unwrap();
    let principal = Principal::Platform(PlatformId::parse(&platform).unwrap());
    let bearer = minted(issuer, principal, Clock::system());
    let address = suite.endpoints.usage.strip_prefix("https://").unwrap();
    Command::new(python().await)
        .arg("-B")
        .arg(root().join("tests/python/scenarios.py"))
        .arg(scenario)
        .env("PROTO", root().join("proto"))
        .env("ADDRESS", address)
        .env("CA", suite.home.ca_file())
        .env("PLATFORM", platform)
        .env("TOKEN", bearer.lasting(time::Duration::hours(1)).unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
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
