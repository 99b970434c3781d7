//! Connections that break, on either side, and calls that nobody waits for.

use std::time::Duration;

use gazelle_proto::registry::v1::{GetEnterpriseRequest, PutEnterprisesRequest};
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_runtime::clock::Clock;
use gazelle_tests::city::{City, shopkeeper};
use gazelle_tests::fresh;
use gazelle_tests::held::get_period;
use gazelle_tests::receipt::receipt;
use gazelle_tests::report::{counts, fee, report, seal, state};
use gazelle_tests::suite::Suite;
use tokio::time::{sleep, timeout};
use tonic::Code;

const PERIOD: &str = "2017-03";

#[tokio::test]
async fn calls_that_nobody_waits_for_take_nothing_from_those_that_were_answered() {
    let city = City::on(Suite::shared());
    let mut answered = Vec::new();
    for round in 0..120 {
        let [given_up, waited_for] = [fresh::uscc(), fresh::uscc()];
        let put = async |uscc: &str| {
            let request = PutEnterprisesRequest {
                enterprises: vec![shopkeeper(uscc)],
            };
            city.registrar
                .registry
                .clone()
                .put_enterprises(request)
                .await
        };
        // Dropped anywhere between the first byte and the answer.
        let _ = timeout(Duration::from_micros(250 * (round % 20)), put(&given_up)).await;
        put(&waited_for).await.unwrap();
        answered.push(waited_for);
    }
    for uscc in answered {
        let found = city
            .auditor
            .registry
            .clone()
            .get_enterprise(GetEnterpriseRequest { uscc })
            .await;
        assert!(found.is_ok());
    }
}

fn batch(number: i64) -> Vec<UsageRecord> {
    let one = |at: i64| {
        fee(
            &format!("{number}/{at}"),
            "shop",
            "COMMISSION",
            "2017-03-05",
            1 + at,
        )
    };
    (0..50).map(one).collect()
}

#[tokio::test]
async fn a_database_that_drops_its_sessions_loses_nothing_and_doubles_nothing() {
    let suite = Suite::start(Clock::system()).await;
    let client = suite.platform("mall");
    let mut superuser = suite.database("usage", "postgres").await;
    let dropping = tokio::spawn(async move {
        let drop_all = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                        where pid <> pg_backend_pid() and usename = 'gazelle_usage'";
        let mut dropped = 0;
        for _ in 0..40 {
            sleep(Duration::from_millis(25)).await;
            let now: i64 = sqlx::query_scalar(drop_all)
                .fetch_one(&mut superuser)
                .await
                .unwrap();
            dropped += now;
        }
        dropped
    });
    let mut number = 0;
    while !dropping.is_finished() || number < 20 {
        // As a client does: what was not answered is sent again.
        let sent = batch(number);
        for attempt in 0.. {
            match report(&client, "mall", PERIOD, &sent).await {
                Ok(answer) => {
                    let (accepted, duplicates, refused) = counts(&answer);
                    assert_eq!((accepted + duplicates, refused), (50, 0));
                    break;
                }
                Err(status) => {
                    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
                    assert!(attempt < 100, "{status:?}");
                    sleep(Duration::from_millis(10)).await;
                }
            }
        }
        number += 1;
    }
    assert!(dropping.await.unwrap() > 0, "nothing was dropped");

    let all: Vec<_> = (0..number).flat_map(batch).collect();
    let own = receipt("mall", PERIOD, &all);
    let held = get_period(&client, "mall", PERIOD).await.unwrap().received;
    assert_eq!(held.as_ref(), Some(&own));
    state(&client, "mall", PERIOD, own.record_count, own.total_fen)
        .await
        .unwrap();
    assert_eq!(
        seal(&suite.officer(), "mall", PERIOD)
            .await
            .unwrap()
            .received,
        Some(own)
    );
    suite.stop().await;
}
