//! `gazelle up` as a process: it survives being killed, and ends when it is told.

use std::collections::BTreeSet;

use gazelle_client::Client;
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_tests::binary::{command, run};
use gazelle_tests::held::{get_period, list_records};
use gazelle_tests::machine::{Machine, servers_of, terminate};
use gazelle_tests::receipt::receipt;
use gazelle_tests::report::{Stream, counts, fate, fee, report, seal, state};

const PLATFORM: &str = "mall";
const PERIOD: &str = "2017-03";

fn batch(round: usize, number: usize) -> Vec<UsageRecord> {
    let one = |at: i64| {
        fee(
            &format!("{round}/{number}/{at}"),
            "shop",
            "COMMISSION",
            "2017-03-05",
            1 + at,
        )
    };
    (0_i64..100).map(one).collect()
}

/// The ids of what is held: each once, all that was acknowledged, and only what was sent.
async fn held_once(
    client: &Client,
    acknowledged: &[UsageRecord],
    sent: &[UsageRecord],
) -> BTreeSet<String> {
    let ids = |records: &[UsageRecord]| -> BTreeSet<String> {
        let ids = records.iter().map(|record| record.record_id.clone());
        ids.collect()
    };
    let held = match get_period(client, PLATFORM, PERIOD).await {
        Ok(_) => list_records(client, PLATFORM, PERIOD).await,
        Err(status) => {
            assert_eq!(
                (status.code(), acknowledged.len()),
                (tonic::Code::NotFound, 0)
            );
            vec![]
        }
    };
    let held_ids = ids(&held);
    assert_eq!(held_ids.len(), held.len(), "once");
    assert!(held_ids.is_superset(&ids(acknowledged)));
    assert!(held_ids.is_subset(&ids(sent)));
    held_ids
}

/// Sends a round's batches again: what was there is a duplicate, and the rest is accepted.
async fn send_again(client: &Client, round: usize, held: &BTreeSet<String>) {
    let (mut accepted, mut duplicates) = (0, 0);
    for number in 0..60 {
        let batch = batch(round, number);
        let answer = report(client, PLATFORM, PERIOD, &batch).await.unwrap();
        for (at, record) in batch.iter().enumerate() {
            let was_held = held.contains(&record.record_id);
            let expected = if was_held { "DUPLICATE" } else { "ACCEPTED" };
            assert_eq!(fate(&answer, at), expected);
        }
        accepted += answer.accepted_count;
        duplicates += answer.duplicate_count;
    }
    assert_eq!(accepted + duplicates, 6_000);
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_in_the_middle_of_a_stream_exactly_once() {
    let machine = Machine::new();
    let mut acknowledged: Vec<UsageRecord> = Vec::new();
    let mut sent: Vec<UsageRecord> = Vec::new();
    for round in 0..3 {
        let mut up = machine.up().await;
        assert_eq!(servers_of(&machine.folder.home()), 1);
        let client = machine.platform(PLATFORM);
        let mut stream = Stream::open(&client, PLATFORM);
        for number in 0..60 {
            stream.send(PERIOD, batch(round, number)).await;
            sent.extend(batch(round, number));
        }
        // A few are answered, others are on their way.
        for number in 0..60 {
            if number == 5 * round {
                up.start_kill().unwrap();
            }
            let Ok(answer) = stream.answer().await else {
                break;
            };
            assert_eq!(answer.refused_count, 0);
            acknowledged.extend(batch(round, number));
        }
        up.wait().await.unwrap();
        // The database ends with it.
        machine.wait_for_servers(0).await;

        let again = machine.up().await;
        let client = machine.platform(PLATFORM);
        let held = held_once(&client, &acknowledged, &sent).await;
        send_again(&client, round, &held).await;
        let received = get_period(&client, PLATFORM, PERIOD)
            .await
            .unwrap()
            .received;
        assert_eq!(received, Some(receipt(PLATFORM, PERIOD, &sent)));
        acknowledged.clone_from(&sent);
        assert_eq!(terminate(again).await.code, 0);
        machine.wait_for_servers(0).await;
    }
}

#[tokio::test]
async fn a_seal_and_an_open_month_are_as_they_were_after_a_kill() {
    let machine = Machine::new();
    let mut up = machine.up().await;
    let client = machine.platform(PLATFORM);
    assert_eq!(
        counts(
            &report(&client, PLATFORM, PERIOD, &batch(0, 0))
                .await
                .unwrap()
        ),
        (100, 0, 0)
    );
    assert_eq!(
        counts(
            &report(&client, PLATFORM, "2017-04", &batch(0, 1))
                .await
                .unwrap()
        ),
        (100, 0, 0)
    );
    state(&client, PLATFORM, PERIOD, 100, 5_050).await.unwrap();
    let sealed = seal(&machine.officer(), PLATFORM, PERIOD).await.unwrap();
    let open = get_period(&client, PLATFORM, "2017-04").await.unwrap();
    up.kill().await.unwrap();

    let up = machine.up().await;

    let client = machine.platform(PLATFORM);
    assert_eq!(get_period(&client, PLATFORM, PERIOD).await.unwrap(), sealed);
    assert_eq!(
        seal(&machine.officer(), PLATFORM, PERIOD).await.unwrap(),
        sealed
    );
    assert_eq!(
        get_period(&client, PLATFORM, "2017-04").await.unwrap(),
        open
    );
    assert_eq!(servers_of(&machine.folder.home()), 1);
    assert_eq!(terminate(up).await.code, 0);
}

#[tokio::test]
async fn what_a_shell_says_of_another_database_reaches_no_suite() {
    let machine = Machine::new();
    let elsewhere = [
        ("PGHOST", "/nowhere"),
        ("PGPORT", "1"),
        ("PGUSER", "nobody"),
        ("PGDATABASE", "nothing"),
        ("PGSSLMODE", "verify-full"),
        ("PGOPTIONS", "-c no_such_setting=1"),
        ("PGDATA", "/nowhere"),
    ];
    let up = machine.up_with(&elsewhere).await;
    let mall = machine.platform(PLATFORM);
    let answer = report(&mall, PLATFORM, PERIOD, &batch(0, 0)).await;
    assert_eq!(counts(&answer.unwrap()), (100, 0, 0));
    assert_eq!(terminate(up).await.code, 0);
}

#[tokio::test]
async fn a_second_suite_on_a_home_is_refused_and_the_first_goes_on() {
    let machine = Machine::new();
    let up = machine.up().await;

    let second = run(command(&machine.folder.home(), "admin", "up")).await;

    assert_eq!(second.code, 1, "{second:?}");
    assert!(
        second.stderr.lines().last().unwrap().starts_with("error: "),
        "{second:?}"
    );
    assert_eq!(servers_of(&machine.folder.home()), 1);
    let answer = report(&machine.platform(PLATFORM), PLATFORM, PERIOD, &batch(0, 0))
        .await
        .unwrap();
    assert_eq!(counts(&answer), (100, 0, 0));
    assert_eq!(terminate(up).await.code, 0);
    machine.wait_for_servers(0).await;
}

#[tokio::test]
async fn a_suite_that_is_told_to_end_ends_though_a_stream_is_open() {
    let machine = Machine::new();
    let up = machine.up().await;
    let client = machine.platform(PLATFORM);
    let mut stream = Stream::open(&client, PLATFORM);
    stream.send(PERIOD, batch(0, 0)).await;
    assert_eq!(counts(&stream.answer().await.unwrap()), (100, 0, 0));

    assert_eq!(terminate(up).await.code, 0);

    stream.answer().await.expect_err("the stream has ended");
    machine.wait_for_servers(0).await;
    let up = machine.up().await;
    let held = get_period(&machine.platform(PLATFORM), PLATFORM, PERIOD)
        .await
        .unwrap()
        .received;
    assert_eq!(held, Some(receipt(PLATFORM, PERIOD, &batch(0, 0))));
    assert_eq!(terminate(up).await.code, 0);
}
