//! `gazelle up` where it is hard to go on: without room on the disk, and killed while it starts.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gazelle_client::Client;
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::WAIT;
use gazelle_tests::binary::{command, run};
use gazelle_tests::disk::Disk;
use gazelle_tests::held::get_period;
use gazelle_tests::machine::{Machine, kill_servers, terminate};
use gazelle_tests::receipt::receipt;
use gazelle_tests::report::{counts, fee, report};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;
use tokio::time::{sleep, timeout};
use tonic::Code;

const PLATFORM: &str = "mall";
const PERIOD: &str = "2017-03";

/// How often a disk is filled again on which a suite starts.
const REFILL: Duration = Duration::from_millis(50);

fn batch(number: i64) -> Vec<UsageRecord> {
    let one = |at: i64| {
        let id = format!("{number}/{at}");
        fee(&id, "shop", "COMMISSION", "2017-03-05", 1 + at)
    };
    (0..1_000).map(one).collect()
}

/// Reports batches from the second on until some were refused, each with a code on which a client
/// tries again. Returns by batch whether it was acknowledged.
async fn until_refused(mall: &Client) -> Vec<bool> {
    // The first one was reported before.
    let mut acknowledged = vec![true];
    let refused = |acknowledged: &[bool]| acknowledged.iter().filter(|it| !**it).count();
    while refused(&acknowledged) < 3 {
        let number = i64::try_from(acknowledged.len()).unwrap();
        assert!(number < 1_000, "the disk is not full");
        match report(mall, PLATFORM, PERIOD, &batch(number)).await {
            Ok(answer) => {
                assert_eq!(counts(&answer), (1_000, 0, 0));
                acknowledged.push(true);
            }
            Err(status) => {
                assert_eq!(status.code(), Code::Unavailable, "{status:?}");
                acknowledged.push(false);
            }
        }
    }
    acknowledged
}

/// Reports a batch as often as it takes.
async fn in_the_end(mall: &Client, number: i64) -> (i32, i32, i32) {
    let reported = async {
        loop {
            match report(mall, PLATFORM, PERIOD, &batch(number)).await {
                Ok(answer) => return counts(&answer),
                Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status:?}"),
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let reported = timeout(WAIT, reported).await;
    reported.expect("it is taken in the end")
}

#[tokio::test]
async fn a_full_disk_loses_nothing_acknowledged_and_once_there_is_room_it_goes_on() {
    let machine = Machine::new();
    let Some(disk) = Disk::mount(machine.folder.path(), 400) else {
        return;
    };
    let up = machine.up().await;
    let mall = machine.platform(PLATFORM);
    assert_eq!(in_the_end(&mall, 0).await, (1_000, 0, 0));

    disk.fill_but(4);
    let acknowledged = until_refused(&mall).await;
    machine
        .logged("the database does not write: its disk is full")
        .await;
    let status = async |arguments| {
        let status = command(&machine.folder.home(), "auditor", arguments);
        run(status).await
    };
    status("status").await.refused("NOT_SERVING");
    disk.free();
    let _ = status("status --wait 50").await.done();

    let mut sent = Vec::new();
    for (number, acknowledged) in (0..).zip(acknowledged) {
        let (accepted, duplicates, refused) = in_the_end(&mall, number).await;
        assert_eq!((accepted + duplicates, refused), (1_000, 0));
        assert!(!acknowledged || accepted == 0, "batch {number} was lost");
        sent.extend(batch(number));
    }
    let received = get_period(&mall, PLATFORM, PERIOD).await.unwrap().received;
    assert_eq!(received, Some(receipt(PLATFORM, PERIOD, &sent)));
    assert_eq!(terminate(up).await.code, 0);
    machine.wait_for_servers(0).await;
}

/// Whether a line says that there is no room: a start that needs some, or a service that began with
/// what the database's own start had made free. A database that fails again and again for want of
/// room has no chance to say so.
fn lacks_room(line: &str) -> bool {
    line.contains("no room to start")
        || line.contains("the database does not write: its disk is full")
        || line.contains("the database does not answer")
}

/// Starts a suite on a disk that has room for so many MiB until it says that this is too little.
async fn starts_once_there_is_room(home: &Path, disk: &Disk, left_mib: u64) -> Child {
    disk.fill_but(left_mib);
    let mut up = command(home, "admin", "up")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(up.stderr.take().unwrap()).lines();
    let mut heard = Vec::new();
    let says_so = async {
        loop {
            // What a server removes when it starts is room, too.
            let Ok(line) = timeout(REFILL, log.next_line()).await else {
                disk.fill_but(left_mib);
                continue;
            };
            heard.push(line.unwrap().expect("it goes on"));
            if heard.last().is_some_and(|line| lacks_room(line)) {
                return;
            }
        }
    };
    let said = timeout(WAIT, says_so).await;
    said.unwrap_or_else(|_| panic!("it does not say that there is no room: {heard:#?}"));
    disk.free();

    // The log is read on, so that nobody waits for it to be.
    tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
    for _ in 0..300 {
        // A new home has no profile to ask as for a while.
        if run(command(home, "auditor", "status")).await.code == 0 {
            return up;
        }
        sleep(Duration::from_millis(200)).await;
    }
    panic!("it does not go on");
}

#[tokio::test]
async fn a_first_start_on_a_disk_with_too_little_room_waits_for_more() {
    let machine = Machine::new();
    let Some(disk) = Disk::mount(machine.folder.path(), 400) else {
        return;
    };
    // With the one the data does not fit, and with the other not even its folder.
    for left_mib in [34, 0] {
        let home = machine.folder.path().join(format!("new/{left_mib}"));
        let up = starts_once_there_is_room(&home, &disk, left_mib).await;
        assert_eq!(terminate(up).await.code, 0);
        fs::remove_dir_all(&home).unwrap();
    }
}

#[tokio::test]
async fn a_start_on_a_full_disk_waits_for_room_and_then_has_all_that_was_kept() {
    let machine = Machine::new();
    let Some(disk) = Disk::mount(machine.folder.path(), 400) else {
        return;
    };
    let up = machine.up().await;
    let mall = machine.platform(PLATFORM);
    assert_eq!(in_the_end(&mall, 0).await, (1_000, 0, 0));
    kill(up, &machine).await;

    let up = starts_once_there_is_room(&machine.folder.home(), &disk, 0).await;
    let (accepted, duplicates, refused) = in_the_end(&mall, 0).await;
    assert_eq!((accepted, duplicates, refused), (0, 1_000, 0));
    assert_eq!(terminate(up).await.code, 0);
}

/// Kills a suite with its servers.
async fn kill(mut up: Child, machine: &Machine) {
    up.start_kill().unwrap();
    kill_servers(&machine.folder.home());
    up.wait().await.unwrap();
    machine.wait_for_servers(0).await;
}

#[tokio::test]
async fn a_server_that_is_killed_while_its_suite_starts_is_started_again() {
    let machine = Machine::new();
    let home = machine.folder.home();
    for _ in 0..3 {
        let up = command(&home, "admin", "up").spawn().unwrap();
        let served = home.join("data/postmaster.pid");
        let starts = async {
            while !served.exists() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(WAIT, starts).await.expect("its server starts");
        kill_servers(&home);
        let status = command(&home, "auditor", "status --wait 50");
        let _ = run(status).await.done();
        assert_eq!(terminate(up).await.code, 0);
        machine.wait_for_servers(0).await;
    }
}

#[tokio::test]
async fn a_suite_that_was_killed_again_and_again_while_it_started_starts() {
    let machine = Machine::new();
    // The first of these are killed before there is a database, the last ones after.
    let moments = [20, 300, 1_000, 2_000, 40, 120, 250, 500, 900, 1_500];
    for (number, moment) in moments.into_iter().enumerate() {
        let mut up = command(&machine.folder.home(), "admin", "up")
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(moment)).await;
        up.start_kill().unwrap();
        // With its server every other time; the next start comes at once.
        if number % 2 == 1 {
            kill_servers(&machine.folder.home());
        }
        up.wait().await.unwrap();
    }

    let up = machine.up().await;

    let mall = machine.platform(PLATFORM);
    let answer = report(&mall, PLATFORM, PERIOD, &batch(0)).await.unwrap();
    assert_eq!(counts(&answer), (1_000, 0, 0));
    assert_eq!(terminate(up).await.code, 0);
}
