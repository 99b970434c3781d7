//! TLS on the port for gRPC, and who its clients' certificates name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use gazelle_client::TlsFiles;
use gazelle_client::channel::{Channel, channel};
use gazelle_client::{Bearer, Client};
use gazelle_proto::usage::v1::GetPeriodRequest;
use gazelle_tests::WAIT;
use gazelle_tests::apart::{Apart, own_ip};
use gazelle_tests::authority::{Authority, server, workload, write};
use gazelle_tests::running::Running;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tonic::Code;
use tonic_health::pb::health_client::HealthClient;

/// Rotations while calls are made: of certificates, and of those, with their authority.
const ROTATIONS: usize = 20;
const AUTHORITIES: usize = 3;

/// Files of TLS to a service of `apart`, with the certificate in `shown`.
fn files(apart: &Apart, shown: Option<&str>) -> TlsFiles {
    TlsFiles {
        ca: Some(apart.file("peers-ca.pem")),
        identity: shown.map(|name| (apart.file(name), apart.file(name))),
    }
}

fn connect(apart: &Apart, to: &Running, shown: Option<&str>) -> Channel {
    let url = format!("https://{}", to.address);
    channel(&url, &files(apart, shown), WAIT).unwrap()
}

/// What health answers over a channel; it is open to all who are connected.
async fn health(channel: Channel) -> Result<(), tonic::Status> {
    let mut health = HealthClient::new(channel);
    health
        .check(tonic_health::pb::HealthCheckRequest::default())
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_port_with_tls_takes_nothing_else_and_no_certificate_that_is_not_in_order() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    health(connect(&apart, &usage, None)).await.unwrap();

    let plain = format!("http://{}", usage.address);
    let plain = channel(&plain, &TlsFiles::default(), WAIT).unwrap();
    let refused = health(plain).await.unwrap_err();
    assert!(std::error::Error::source(&refused).is_some(), "{refused:?}");

    let (good, revoked) = (workload("platform/mall"), workload("platform/mall"));
    let revoked = apart.clients.certify(revoked);
    revoked.write(&apart.file("revoked.pem"));
    write(
        &apart.file("clients-crl.pem"),
        &apart.clients.revoked(&[&revoked]),
    );
    apart.clients.certify(good).write(&apart.file("good.pem"));
    let other = Authority::new("clients").certify(workload("platform/mall"));
    other.write(&apart.file("other.pem"));
    for name in ["revoked.pem", "other.pem"] {
        let wait = async { while health(connect(&apart, &usage, Some(name))).await.is_ok() {} };
        timeout(WAIT, wait).await.expect("refused");
        health(connect(&apart, &usage, Some("good.pem")))
            .await
            .unwrap();
    }

    let required = [("SERVER__TLS__CLIENT_CERTIFICATE", "required")];
    let usage = {
        usage.ends_well().await;
        apart.serve("usage", &required).await
    };
    health(connect(&apart, &usage, None)).await.unwrap_err();
    health(connect(&apart, &usage, Some("good.pem")))
        .await
        .unwrap();
    usage.ends_well().await;
}

#[tokio::test]
async fn who_has_neither_a_certificate_nor_a_token_is_nobody() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let client = Client::new(&apart.endpoints(usage.address), &Bearer::none());
    let mut usage_client = client.unwrap().usage;
    let asked = usage_client.get_period(GetPeriodRequest::default()).await;
    assert_eq!(asked.unwrap_err().code(), Code::Unauthenticated);
    usage.ends_well().await;
}

#[tokio::test]
async fn certificates_and_authorities_change_under_load_and_no_call_fails() {
    let apart = Arc::new(Apart::new().await);
    let usage = Arc::new(apart.serve("usage", &[]).await);
    apart
        .clients
        .certify(workload("platform/mall"))
        .write(&apart.file("mall.pem"));
    let (stop, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut load = Vec::new();
    for new_each_time in [false, true, false, true] {
        let (apart, usage) = (apart.clone(), usage.clone());
        let (stop, calls) = (stop.clone(), calls.clone());
        load.push(tokio::spawn(async move {
            let kept = connect(&apart, &usage, Some("mall.pem"));
            while !stop.load(Ordering::Relaxed) {
                let channel = if new_each_time {
                    connect(&apart, &usage, Some("mall.pem"))
                } else {
                    kept.clone()
                };
                health(channel).await.unwrap();
                calls.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let more = async |beyond: usize| {
        let enough = calls.load(Ordering::Relaxed) + beyond;
        while calls.load(Ordering::Relaxed) < enough {
            assert!(load.iter().all(|task| !task.is_finished()), "a call failed");
            sleep(Duration::from_millis(5)).await;
        }
    };
    for _ in 0..ROTATIONS {
        let shown = server("usage", own_ip().into());
        apart.servers.certify(shown).write(&apart.file("tls.pem"));
        apart
            .clients
            .certify(workload("platform/mall"))
            .write(&apart.file("mall.pem"));
        more(20).await;
    }
    for at in 0..AUTHORITIES {
        change_authorities(&apart, &format!("{at}")).await;
        more(20).await;
    }
    stop.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
    let log = apart.log("usage");
    assert!(!log.contains("cannot be read again"), "{log}");
}

/// New ones on both sides: believed first beside those before, then shown, then alone.
async fn change_authorities(apart: &Apart, name: &str) {
    let looks = Duration::from_millis(2_500);
    let (servers, clients) = (Authority::new(name), Authority::new(name));
    let before = |file: &str| std::fs::read_to_string(apart.file(file)).unwrap();
    for (file, next) in [
        ("peers-ca.pem", &servers.pem),
        ("clients-ca.pem", &clients.pem),
    ] {
        write(&apart.file(file), &format!("{}{next}", before(file)));
    }
    let lists = format!("{}{}", before("clients-crl.pem"), clients.revoked(&[]));
    write(&apart.file("clients-crl.pem"), &lists);
    sleep(looks).await;
    let shown = server("usage", own_ip().into());
    servers.certify(shown).write(&apart.file("tls.pem"));
    clients
        .certify(workload("platform/mall"))
        .write(&apart.file("mall.pem"));
    sleep(looks).await;
    write(&apart.file("peers-ca.pem"), &servers.pem);
    write(&apart.file("clients-ca.pem"), &clients.pem);
    write(&apart.file("clients-crl.pem"), &clients.revoked(&[]));
    sleep(looks).await;
}

#[tokio::test]
async fn handshakes_that_do_not_end_and_crowds_of_an_address_keep_nobody_else_out() {
    let apart = Apart::new().await;
    let bounds = [
        ("LIMITS__CONNECTIONS_PER_ADDRESS", "8"),
        ("LIMITS__NEWCOMERS", "4"),
    ];
    let usage = apart.serve("usage", &bounds).await;
    let mut crowd = Vec::new();
    for _ in 0..64 {
        let mut stream = TcpStream::connect(usage.address).await.unwrap();
        // The head of a message that never comes.
        let _gone = stream.write_all(&[22, 3, 1, 0x3e, 0x80]).await;
        crowd.push(stream);
    }
    let ended = async {
        for stream in &mut crowd {
            while !matches!(stream.read(&mut [0; 64]).await, Err(_) | Ok(0)) {}
        }
    };
    timeout(WAIT, ended).await.expect("all are ended");
    health(connect(&apart, &usage, None)).await.unwrap();
    let metrics = usage.get("/metrics").await.unwrap().1;
    for outcome in ["TIMEOUT", "TOO_MANY"] {
        let counted = metrics.lines().any(|line| {
            line.starts_with("gazelle_tls_handshakes_total")
                && line.contains(&format!("outcome=\"{outcome}\""))
                && !line.ends_with(" 0")
        });
        assert!(counted, "no {outcome}: {metrics}");
    }
    usage.ends_well().await;
}
