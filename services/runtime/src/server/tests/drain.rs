//! How a server stops.

use std::time::Duration;

use tokio::time::timeout;
use tokio_stream::pending;
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus as Health, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
};

use super::{FOREVER, SERVICE, start_draining};

#[tokio::test]
async fn a_call_under_way_is_finished_and_no_new_one_taken() {
    let running = start_draining(Duration::from_hours(1)).await;
    let call = running.call().await;

    running.shutdown.cancel();
    let address = running.address;
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(FOREVER, refused).await.unwrap();
    running.slow.released.notify_one();

    assert_eq!(
        timeout(FOREVER, call).await.unwrap().unwrap().code(),
        Code::NotFound
    );
    running.stopped().await;
}

#[tokio::test]
async fn a_client_that_never_lets_go_does_not_keep_the_server() {
    let running = start_draining(Duration::from_millis(100)).await;
    let call = running.call().await;
    let mut reflection = ServerReflectionClient::new(running.channel().await);
    let stream = reflection.server_reflection_info(pending::<ServerReflectionRequest>());
    let mut stream = timeout(FOREVER, stream)
        .await
        .unwrap()
        .unwrap()
        .into_inner();

    running.shutdown.cancel();
    running.stopped().await;

    assert!(timeout(FOREVER, stream.message()).await.unwrap().is_err());
    assert_ne!(
        timeout(FOREVER, call).await.unwrap().unwrap().code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn who_watches_health_learns_of_the_stop_and_does_not_hold_it_up() {
    let running = start_draining(Duration::from_hours(1)).await;
    let mut health = HealthClient::new(running.channel().await);
    let request = HealthCheckRequest {
        service: SERVICE.into(),
    };
    let mut watch = health.watch(request).await.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert_eq!(first.status(), Health::Serving);

    running.shutdown.cancel();

    // It may be told more than once.
    let mut told = 0;
    while let Some(status) = timeout(FOREVER, watch.message()).await.unwrap().unwrap() {
        assert_eq!(status.status(), Health::NotServing);
        told += 1;
    }
    assert!(told > 0);
    running.stopped().await;
}
