//! What a service does when it is asked for more than it can do, or has no time left.

use std::time::Duration;

use gazelle_client::channel::channel;
use gazelle_kernel::PlatformId;
use gazelle_proto::registry::v1::{
    GetEnterpriseRequest, ListPlatformsRequest, PutEnterprisesRequest,
};
use gazelle_runtime::auth::{Principal, Role};
use gazelle_tests::apart::Apart;
use gazelle_tests::city::shopkeeper;
use gazelle_tests::fresh;
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::{Stream, counts, fee};
use gazelle_tests::suite::person;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::sleep;
use tonic::Code;

/// Whoever writes to the registry waits until it is dropped.
async fn registry_held(apart: &Apart) -> PgConnection {
    let url = apart.database_url("registry", "postgres");
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let hold = "begin; select revision from revision for update";
    superuser.execute(hold).await.unwrap();
    superuser
}

/// Waits until somebody waits for a lock.
async fn somebody_waits(apart: &Apart) {
    let url = apart.database_url("registry", "postgres");
    let mut superuser = PgConnection::connect(&url).await.unwrap();
    let count = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(count)
        .fetch_one(&mut superuser)
        .await
        .unwrap()
        == 0
    {
        sleep(Duration::from_millis(10)).await;
    }
}

fn put(uscc: &str) -> PutEnterprisesRequest {
    PutEnterprisesRequest {
        enterprises: vec![shopkeeper(uscc)],
    }
}

#[tokio::test]
async fn who_has_as_many_calls_under_way_as_one_may_is_refused_and_others_are_not() {
    let apart = Apart::new().await;
    let limits = [("LIMITS__CALLS_PER_CALLER", "1")];
    let registry = apart.serve("registry", &limits).await;
    let registrar = apart
        .client(person("registrar", &[Role::Registrar]))
        .registry;
    let held = registry_held(&apart).await;
    let mut busy = registrar.clone();
    let first = tokio::spawn(async move { busy.put_enterprises(put(&fresh::uscc())).await });
    somebody_waits(&apart).await;

    let request = ListPlatformsRequest::default();
    let second = registrar.clone().list_platforms(request.clone()).await;
    let status = refused(second, Code::ResourceExhausted, "OVERLOADED");
    assert_eq!(metadata(&status, "scope"), "caller");
    let another = apart
        .officer()
        .registry
        .list_platforms(request.clone())
        .await;
    another.unwrap();

    held.close().await.unwrap();
    first.await.unwrap().unwrap();
    registrar.clone().list_platforms(request).await.unwrap();
    registry.ends_well().await;
}

#[tokio::test]
async fn streams_are_counted_apart_from_calls_and_for_all_callers_together() {
    let apart = Apart::new().await;
    let limits = [("LIMITS__STREAMS", "1"), ("LIMITS__CALLS", "1")];
    let usage = apart.serve("usage", &limits).await;
    let one = || vec![fee("r", "shop", "COMMISSION", "2017-01-05", 1)];
    let mut mall = Stream::open(&apart.platform("mall"), "mall");
    mall.send("2017-01", one()).await;
    assert_eq!(counts(&mall.answer().await.unwrap()), (1, 0, 0));

    let mut other = Stream::open(&apart.platform("other"), "other");
    other.send("2017-01", one()).await;
    let status = refused(other.answer().await, Code::ResourceExhausted, "OVERLOADED");
    assert_eq!(metadata(&status, "scope"), "service");
    // A call has a place of its own.
    gazelle_tests::report::state(&apart.platform("mall"), "mall", "2017-01", 1, 1)
        .await
        .unwrap();

    drop(mall);
    let again = async || {
        let mut stream = Stream::open(&apart.platform("other"), "other");
        stream.send("2017-01", one()).await;
        stream.answer().await
    };
    while again().await.is_err() {
        sleep(Duration::from_millis(20)).await;
    }
    usage.ends_well().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_ended_and_what_it_began_is_done_all_the_same() {
    let apart = Apart::new().await;
    let limits = [("LIMITS__CALL_MAX_MS", "500")];
    let registry = apart.serve("registry", &limits).await;
    let client = apart
        .client(person("registrar", &[Role::Registrar]))
        .registry;
    let held = registry_held(&apart).await;
    let uscc = fresh::uscc();

    let late = client.clone().put_enterprises(put(&uscc)).await;
    refused(late, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");

    held.close().await.unwrap();
    let get = async || {
        let uscc = uscc.clone();
        client
            .clone()
            .get_enterprise(GetEnterpriseRequest { uscc })
            .await
    };
    while get().await.is_err() {
        sleep(Duration::from_millis(20)).await;
    }
    registry.ends_well().await;
}

#[tokio::test]
async fn a_lock_that_is_not_given_in_time_says_that_the_database_does_not_answer() {
    let apart = Apart::new().await;
    let settings = [("DATABASE__LOCK_TIMEOUT_MS", "100")];
    let registry = apart.serve("registry", &settings).await;
    let client = apart
        .client(person("registrar", &[Role::Registrar]))
        .registry;
    let held = registry_held(&apart).await;

    let put = async || client.clone().put_enterprises(put(&fresh::uscc())).await;
    let status = refused(put().await, Code::Unavailable, "DEPENDENCY_UNAVAILABLE");
    assert_eq!(metadata(&status, "dependency"), "database");

    held.close().await.unwrap();
    put().await.unwrap();
    registry.ends_well().await;
}

#[tokio::test]
async fn who_never_lets_go_does_not_keep_a_service_beyond_ten_seconds() {
    let apart = Apart::new().await;
    let usage = apart.serve("usage", &[]).await;
    let silent = tokio::net::TcpStream::connect(usage.address).await.unwrap();
    let mall = Principal::Platform(PlatformId::parse("mall").unwrap());
    let mut stream = Stream::open(&apart.client(mall), "mall");
    stream
        .send(
            "2017-01",
            vec![fee("r", "shop", "COMMISSION", "2017-01-05", 1)],
        )
        .await;
    assert_eq!(counts(&stream.answer().await.unwrap()), (1, 0, 0));
    let endpoints = apart.endpoints(usage.address);
    let tls = endpoints.tls_files().unwrap();
    let channel = channel(&endpoints.usage, &tls, Duration::from_mins(1)).unwrap();
    let mut reflection =
        tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient::new(channel);
    let open = reflection.server_reflection_info(tokio_stream::pending());
    let _open = open.await.unwrap();

    let told = std::time::Instant::now();
    usage.terminate();
    let ran = usage.ended().await;

    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        told.elapsed() < Duration::from_secs(10),
        "{:?}",
        told.elapsed()
    );
    drop(silent);
}
