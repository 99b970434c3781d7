//! Whether a service should be sent calls, as it tells those who run it.

use std::time::Duration;

use gazelle_proto::registry::v1::{ListPlatformsRequest, PutEnterprisesRequest};
use gazelle_runtime::auth::Role;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::DatabaseConfig;
use gazelle_runtime::database;
use gazelle_runtime::ready::Readiness;
use gazelle_tests::WAIT;
use gazelle_tests::apart::{Apart, SERVICES, own_ip};
use gazelle_tests::binary::command;
use gazelle_tests::city::shopkeeper;
use gazelle_tests::fresh;
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::{Stream, counts, fee};
use gazelle_tests::running::Running;
use gazelle_tests::suite::{Folder, person};
use sqlx::{Connection as _, PgConnection};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::time::{sleep, timeout};
use tonic::Code;

#[tokio::test]
async fn readiness_goes_with_the_database_and_comes_back_without_a_restart() {
    let mut apart = Apart::new().await;
    let registry = apart.serve("registry", &[]).await;
    let client = apart.officer().registry;
    let list = async || {
        let request = ListPlatformsRequest::default();
        client.clone().list_platforms(request).await
    };
    list().await.unwrap();

    apart.stop_database().await;
    let reason = registry.readyz(503).await;
    assert!(reason.starts_with("database: "), "{reason}");
    refused(list().await, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    assert_eq!(registry.get("/livez").await.unwrap().0, 200);

    apart.start_database().await;
    registry.readyz(200).await;
    list().await.unwrap();
    registry.ends_well().await;
}

#[tokio::test]
async fn a_database_that_only_reads_is_no_fault_of_a_service_which_then_is_not_ready() {
    let apart = Apart::new().await;
    let registry = apart.serve("registry", &[]).await;
    let registrar = apart
        .client(person("registrar", &[Role::Registrar]))
        .registry;
    let put = async || {
        let enterprises = vec![shopkeeper(&fresh::uscc())];
        let request = PutEnterprisesRequest { enterprises };
        registrar.clone().put_enterprises(request).await
    };
    put().await.unwrap();

    apart.let_write(false).await;
    let reason = registry.readyz(503).await;
    assert!(
        reason.starts_with("database: the database does not write"),
        "{reason}"
    );
    let status = refused(put().await, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    assert_eq!(metadata(&status, "dependency"), "database");

    apart.let_write(true).await;
    registry.readyz(200).await;
    put().await.unwrap();
    registry.ends_well().await;
}

#[tokio::test]
async fn nothing_idle_stays_connected_to_a_database_that_only_reads() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let mut stream = Stream::open(&apart.platform("mall"), "mall");
    let one = vec![fee("one", "shop", "COMMISSION", "2017-01-05", 1)];
    stream.send("2017-01", one).await;
    assert_eq!(counts(&stream.answer().await.unwrap()), (1, 0, 0));

    apart.let_write(false).await;
    usage.readyz(503).await;
    let url = apart.database_url("usage", "postgres");
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let connected = "select count(*) from pg_stat_activity where usename = 'gazelle_usage'";
    let gone = async {
        while sqlx::query_scalar::<_, i64>(connected)
            .fetch_one(&mut superuser)
            .await
            .unwrap()
            > 0
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(WAIT, gone).await.expect("no connection in time");
    usage.ends_well().await;
}

#[tokio::test]
async fn who_has_another_time_than_the_database_is_not_ready_and_says_by_how_much() {
    let apart = Apart::new().await;
    let url = apart.database_url("registry", "gazelle_registry");
    let config = DatabaseConfig::new(url.parse().unwrap());
    let pool = database::connect("registry", &config).await.unwrap();
    let refusal = async |ahead| {
        let readiness = Readiness::default();
        let _watch = database::watch([&pool], &Clock::ahead(ahead), &readiness);
        loop {
            match readiness.refusal() {
                Some(reasons) if reasons.contains("not asked yet") => {}
                other => return other,
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let fast = refusal(time::Duration::days(400)).await.unwrap();
    assert!(
        fast.starts_with("clock: this machine's clock is 34"),
        "{fast}"
    );
    assert!(fast.contains("s ahead of the database's"), "{fast}");
    let slow = refusal(time::Duration::minutes(-1)).await.unwrap();
    assert!(slow.contains("s behind the database's"), "{slow}");
    assert_eq!(refusal(time::Duration::seconds(20)).await, None);
}

#[tokio::test]
async fn settlement_waits_for_its_peers_once_and_then_goes_on_without_them() {
    let apart = Apart::new().await;
    let settlement = apart.spawn("settlement", &[]);
    let reasons = settlement.readyz(503).await;
    assert!(reasons.contains("registry: "), "{reasons}");
    apart
        .logged("settlement", "a dependency has not answered yet")
        .await;

    let mut peers = Vec::new();
    for service in &SERVICES[..2] {
        peers.push(apart.serve(service, &[]).await);
    }
    settlement.readyz(200).await;

    for peer in peers {
        peer.ends_well().await;
    }
    while !settlement.readyz(200).await.contains("registry: ") {
        sleep(Duration::from_millis(20)).await;
    }
    settlement.ends_well().await;
}

#[tokio::test]
async fn the_suite_in_one_process_has_an_admin_port_for_all_where_one_is_asked_for() {
    let folder = Folder::new();
    // Whichever port is free: what is said of the start names it.
    let up = format!("up --output json --admin-listen {}:0", own_ip());
    let mut up = command(&folder.home(), "admin", &up).spawn().unwrap();
    let mut said = String::new();
    let mut lines = BufReader::new(up.stdout.take().unwrap()).lines();
    while !said.ends_with("\n}") {
        let line = lines.next_line().await.unwrap().expect("a start");
        said = format!("{said}\n{line}");
    }
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let admin = said["admin"].as_str().unwrap().strip_prefix("http://");
    let up = Running::of(up, admin.unwrap().parse().unwrap());
    up.readyz(200).await;
    let (_, metrics) = up.get("/metrics").await.unwrap();
    for service in SERVICES {
        let ready = format!("gazelle_ready{{service=\"{service}\"}} 1");
        assert!(metrics.contains(&ready), "{metrics}");
    }
    up.ends_well().await;
}

#[tokio::test]
async fn who_is_told_to_stop_says_so_first_and_takes_calls_meanwhile() {
    let apart = Apart::new().await;
    let usage = apart
        .serve("usage", &[("SERVER__NOT_READY_WAIT_MS", "5000")])
        .await;
    let client = apart.platform("mall");
    let mut before = Stream::open(&client, "mall");
    let one = |id| vec![fee(id, "shop", "COMMISSION", "2017-01-05", 1)];
    before.send("2017-01", one("before")).await;
    assert_eq!(counts(&before.answer().await.unwrap()), (1, 0, 0));

    usage.terminate();

    assert!(usage.readyz(503).await.starts_with("draining"));
    before.send("2017-01", one("meanwhile")).await;
    assert_eq!(counts(&before.answer().await.unwrap()), (1, 0, 0));
    let mut fresh = Stream::open(&apart.platform("mall"), "mall");
    fresh.send("2017-01", one("fresh")).await;
    assert_eq!(counts(&fresh.answer().await.unwrap()), (1, 0, 0));
    let ran = usage.ended().await;
    assert_eq!(ran.code, 0, "{ran:?}");
    fresh.answer().await.expect_err("the stream has ended");
}
