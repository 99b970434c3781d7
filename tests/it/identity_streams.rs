//! A stream ends with what it began with, and what it was told before stays.

use std::fs;
use std::path::Path;

use gazelle_client::{Bearer, Client, Endpoints};
use gazelle_kernel::PlatformId;
use gazelle_proto::usage::v1::GetPeriodRequest;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_tests::apart::Apart;
use gazelle_tests::authority::{Certified, workload, write};
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::{Stream, counts, fees};
use serde_json::json;
use tonic::{Code, Status};

const PERIOD: &str = "2017-11";

/// Clients of a platform, with a token that ends in so many seconds.
fn client(apart: &Apart, platform: &str, seconds: i64, jti: &str) -> Client {
    let principal = Principal::Platform(PlatformId::parse(platform).unwrap());
    let now = Clock::system().now().unix_timestamp();
    let claims = json!({
        "iss": "https://workloads.example", "aud": "gazelle", "sub": principal.actor().as_str(),
        // Clocks may differ by 30 s.
        "exp": now + seconds - 30, "jti": jti,
    });
    let token = apart.issuer(&principal).sign(&claims).unwrap();
    let file = apart.file(&format!("{platform}.token"));
    fs::write(&file, token).unwrap();
    Client::new(&apart.all_endpoints(), &Bearer::from_file(&file).unwrap()).unwrap()
}

/// Clients of a platform that show a certificate, kept in that file, and no token.
fn showing(apart: &Apart, file: &str, certified: &Certified) -> Client {
    let file = apart.file(file);
    certified.write(&file);
    let endpoints = Endpoints {
        certificate_file: Some(file.clone()),
        key_file: Some(file),
        ..apart.all_endpoints()
    };
    Client::new(&endpoints, &Bearer::none()).unwrap()
}

/// Begins a stream, on which three records are acknowledged.
async fn acknowledged(client: &Client, platform: &str) -> Stream {
    let mut stream = Stream::open(client, platform);
    stream.send(PERIOD, fees("r", 3)).await;
    assert_eq!(counts(&stream.answer().await.unwrap()).0, 3);
    stream
}

/// How many records of the platform there are.
async fn record_count(client: &Client, platform: &str) -> i64 {
    let mut usage = client.usage.clone();
    let request = GetPeriodRequest {
        platform_id: platform.to_owned(),
        period: PERIOD.to_owned(),
    };
    let period = usage.get_period(request).await.unwrap().into_inner();
    period.period.unwrap().received.unwrap().record_count
}

async fn serving() -> (Apart, gazelle_tests::running::Running) {
    let apart = Apart::new().await;
    let revoked = apart.file("revoked").display().to_string();
    let usage = apart
        .serve("usage", &[("AUTH__REVOKED_FILE", &revoked)])
        .await;
    (apart, usage)
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_goes_on_with_the_next() {
    let (apart, _usage) = serving().await;
    let short = client(&apart, "mall", 15, "short");
    let mut stream = acknowledged(&short, "mall").await;

    let status = refused(
        stream.answer().await,
        Code::Unauthenticated,
        "TOKEN_EXPIRED",
    );
    assert!(metadata(&status, "expired_at").ends_with('Z'));
    let again = Stream::open(&short, "mall").answer().await;
    refused(again, Code::Unauthenticated, "TOKEN_EXPIRED");

    let next = client(&apart, "mall", 3_600, "next");
    assert_eq!(record_count(&next, "mall").await, 3);
    let mut stream = Stream::open(&next, "mall");
    stream.send(PERIOD, fees("s", 2)).await;
    stream.answer().await.unwrap();
    assert_eq!(record_count(&next, "mall").await, 5);
}

fn append(file: &Path, line: &str) {
    let mut text = fs::read_to_string(file).unwrap();
    text.push_str(line);
    fs::write(file.with_extension("new"), text).unwrap();
    fs::rename(file.with_extension("new"), file).unwrap();
}

#[tokio::test]
async fn a_stream_ends_when_its_token_or_its_platform_is_revoked_and_others_go_on() {
    let (apart, usage) = serving().await;
    let revoked = apart.file("revoked");
    let names = ["alpha", "beta", "gamma"];
    let clients = names.map(|name| client(&apart, name, 3_600, &format!("of-{name}")));
    let mut streams = Vec::new();
    for (name, client) in names.iter().zip(&clients) {
        streams.push(acknowledged(client, name).await);
    }
    let what = |result: Result<_, Status>| {
        let status = refused(result, Code::Unauthenticated, "TOKEN_REVOKED");
        metadata(&status, "revoked")
    };
    append(&revoked, "token of-alpha\n");
    assert_eq!(what(streams[0].answer().await), "token");
    append(&revoked, "subject platform:beta\n");
    assert_eq!(what(streams[1].answer().await), "subject");

    streams[2].send(PERIOD, fees("s", 1)).await;
    streams[2].answer().await.unwrap();
    // What was acknowledged stays, also of those who are not believed any more.
    let next = client(&apart, "alpha", 3_600, "another");
    assert_eq!(record_count(&next, "alpha").await, 3);

    // The key goes: so does all that it signed.
    fs::copy(apart.file("jwks.json"), apart.file("workloads.json")).unwrap();
    assert_eq!(what(streams[2].answer().await), "key");
    usage.readyz(200).await;
}

#[tokio::test]
async fn a_stream_ends_with_its_certificate_and_goes_on_with_the_next() {
    let (apart, usage) = serving().await;
    let mut params = workload("platform/alpha");
    params.not_after = Clock::system().now() + time::Duration::seconds(10);
    let short = showing(&apart, "short.pem", &apart.clients.certify(params));
    let [bad, next] = ["beta", "gamma"].map(|name| {
        let name = format!("platform/{name}");
        apart.clients.certify(workload(&name))
    });
    let mut expires = acknowledged(&short, "alpha").await;
    let mut is_revoked = acknowledged(&showing(&apart, "bad.pem", &bad), "beta").await;
    let other = showing(&apart, "next.pem", &next);
    let mut goes_on = acknowledged(&other, "gamma").await;

    let list = apart.clients.revoked(&[&bad]);
    write(&apart.file("clients-crl.pem"), &list);
    let ended = is_revoked.answer().await;
    let status = refused(ended, Code::Unauthenticated, "CERTIFICATE_REVOKED");
    assert_eq!(metadata(&status, "revoked"), "certificate");

    let ended = expires.answer().await;
    let status = refused(ended, Code::Unauthenticated, "CERTIFICATE_EXPIRED");
    assert!(metadata(&status, "expired_at").ends_with('Z'));

    goes_on.send(PERIOD, fees("s", 2)).await;
    goes_on.answer().await.unwrap();
    for platform in ["alpha", "beta"] {
        let again = apart
            .clients
            .certify(workload(&format!("platform/{platform}")));
        let again = showing(&apart, "again.pem", &again);
        assert_eq!(record_count(&again, platform).await, 3);
    }
    usage.readyz(200).await;
}
