//! `gazelle usage report` over connections that break, services that die, and its own death.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gazelle_cli::minted::minted;
use gazelle_cli::profile::Home;
use gazelle_client::Client;
use gazelle_kernel::PlatformId;
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_tests::WAIT;
use gazelle_tests::binary::{command, finish, run};
use gazelle_tests::desk::{Desk, usage_csv};
use gazelle_tests::fresh;
use gazelle_tests::held::get_period;
use gazelle_tests::machine::{Machine, terminate};
use gazelle_tests::receipt::json_receipt;
use gazelle_tests::report::fees;
use gazelle_tests::suite::Suite;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::ChildStdin;
use tokio::time::{Instant, sleep};

const PERIOD: &str = "2017-01";

/// What a connection carries before it breaks: more than may be on its way unacknowledged, so
/// each gets a little further; and answers for a few batches whose records are all there.
const UP_BYTES: usize = 3_000_000;
const DOWN_BYTES: usize = 100_000;

/// Passes connections on, and breaks each after a while. Returns where it listens, and a count of
/// the broken ones.
async fn breaking_relay(to: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let broken = Arc::new(AtomicUsize::new(0));
    let count = broken.clone();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(&to).await.unwrap();
            let count = count.clone();
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                // What is on its way in either direction is lost with both.
                let worn_out = tokio::select! {
                    worn_out = pass(&mut from_client, &mut to_server, UP_BYTES) => worn_out,
                    worn_out = pass(&mut from_server, &mut to_client, DOWN_BYTES) => worn_out,
                };
                count.fetch_add(usize::from(worn_out), Ordering::Relaxed);
            });
        }
    });
    (address, broken)
}

/// Passes on that many bytes; whether it came to that.
async fn pass(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    most: usize,
) -> bool {
    let (mut passed, mut buffer) = (0, vec![0; 16 * 1024]);
    while passed < most {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => {
                if to.write_all(&buffer[..read]).await.is_err() {
                    return false;
                }
                passed += read;
            }
        }
    }
    true
}

/// What is printed when all the records are there, and nothing else.
fn whole(printed: &Value, platform: &str, records: &[UsageRecord]) {
    let count = |key: &str| printed[key].as_u64().unwrap();
    let taken = count("accepted") + count("duplicates");
    assert_eq!((taken, count("rejected")), (records.len() as u64, 0));
    assert_eq!(printed["receipt"], json_receipt(platform, PERIOD, records));
    assert_eq!(printed["receipt_check"], json!("WHOLE_PERIOD"));
}

/// A home at `desk` with a profile `far` of that platform.
async fn far(desk: &Desk, home: &Home, usage: &str, platform: &str) -> PathBuf {
    let principal = Principal::Platform(PlatformId::parse(platform).unwrap());
    let issuer = home.open_issuer(principal.kind(), Clock::system());
    let token = minted(issuer.unwrap(), principal, Clock::system())
        .lasting(time::Duration::hours(1))
        .unwrap();
    let token = desk.write("token", token);
    let far = desk.folder().join("far");
    let add = format!(
        "profile add far --registry {usage} --usage {usage} --settlement {usage} \
         --token-file {token} --ca-file {}",
        home.ca_file().display()
    );
    let _ = run(command(&far, "auditor", &add)).await.done();
    far
}

fn report(platform: &str, file: &str) -> String {
    format!("--output json usage report --platform {platform} --period {PERIOD} {file}")
}

#[tokio::test]
async fn a_report_over_connections_that_break_again_and_again_needs_no_help() {
    let suite = Suite::shared();
    let (desk, platform) = (Desk::new(), fresh::platform("mall"));
    let usage = suite.endpoints.usage.strip_prefix("https://").unwrap();
    let (relay, broken) = breaking_relay(usage.to_owned()).await;
    let home = far(&desk, &suite.home, &format!("https://{relay}"), &platform).await;
    let records = fees("some-longer-id-of-a-record-", 100_000);
    let file = desk.write("january.csv", usage_csv(&records));

    let printed = run(command(&home, "far", &report(&platform, &file)))
        .await
        .done()
        .json();

    whole(&printed, &platform, &records);
    let broken = broken.load(Ordering::Relaxed);
    assert!(broken >= 5, "{broken} connections broke");
}

/// Waits until a month has that many records.
async fn wait_for_records(client: &Client, platform: &str, count: usize) {
    let started = Instant::now();
    loop {
        // Nothing is there at first.
        let period = get_period(client, platform, PERIOD).await;
        let held = period.map_or(0, |period| period.received.unwrap().record_count);
        if usize::try_from(held).unwrap() >= count {
            return;
        }
        assert!(started.elapsed() < WAIT, "{held} records came");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Writes the file's next lines into a report's input, as fast as it reads them; until it dies.
async fn feed(input: &mut ChildStdin, part: &[UsageRecord], header: bool) {
    let file = usage_csv(part);
    let from = if header {
        0
    } else {
        file.find('\n').unwrap() + 1
    };
    let _ = input.write_all(&file.as_bytes()[from..]).await;
}

#[tokio::test]
async fn a_report_outlives_its_service_that_is_killed_in_the_middle_three_times() {
    const PART: usize = 60_000;
    let machine = Machine::new();
    let mut up = machine.up().await;
    let client = machine.platform("mall");
    let records = fees("r", 4 * i64::try_from(PART).unwrap());
    let home = Home::new(Some(machine.folder.home())).unwrap();
    let usage = home.home_endpoints().unwrap().usage;
    let desk = Desk::new();
    let home = far(&desk, &home, &usage, "mall").await;
    let mut report = command(&home, "far", &report("mall", "-"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = report.stdin.take().unwrap();
    for (number, part) in records.chunks(PART).enumerate() {
        let killed = number < 3;
        // More than one pipe and all batches on their way hold, so it is written while the
        // service dies.
        let feeding = feed(&mut input, part, number == 0);
        let killing = async {
            if killed {
                wait_for_records(&client, "mall", number * PART + PART / 4).await;
                up.kill().await.unwrap();
                machine.wait_for_servers(0).await;
                up = machine.up().await;
            }
        };
        tokio::join!(feeding, killing);
    }
    drop(input);

    whole(&finish(report).await.done().json(), "mall", &records);
    assert_eq!(terminate(up).await.code, 0);
}

#[tokio::test]
async fn a_report_that_was_killed_is_run_again_and_ends_with_the_same_receipt() {
    let suite = Suite::shared();
    let (desk, platform) = (Desk::new(), fresh::platform("mall"));
    let client = suite.platform(&platform);
    let home = far(&desk, &suite.home, &suite.endpoints.usage, &platform).await;
    let records = fees("r", 60_000);
    for (number, enough) in [5_000, 25_000].into_iter().enumerate() {
        let mut killed = command(&home, "far", &report(&platform, "-"))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = killed.stdin.take().unwrap();
        // Its end is not written: it cannot be done.
        let part = &records[..30_000 * (number + 1)];
        let feeding = feed(&mut input, part, true);
        let killing = async {
            wait_for_records(&client, &platform, enough).await;
            killed.kill().await.unwrap();
        };
        tokio::join!(feeding, killing);
    }
    let file = desk.write("january.csv", usage_csv(&records));

    for _ in 0..2 {
        let report = command(&home, "far", &report(&platform, &file));
        let printed = run(report).await.done().json();
        whole(&printed, &platform, &records);
    }
}
