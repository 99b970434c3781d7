//! What needs no token is bounded, so that strangers cannot end a service.

use std::num::NonZeroUsize;

use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::time::timeout;
use tonic::{Code, Status, Streaming, body::Body, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::{FOREVER, LimitsConfig, Running, start_with};

async fn bounded(all: usize, address: usize, connection: usize) -> Running {
    let max = |count| NonZeroUsize::new(count).unwrap();
    start_with(|server| {
        server.limits = LimitsConfig {
            open_calls: max(all),
            open_calls_per_address: max(address),
            open_calls_per_connection: max(connection),
            ..LimitsConfig::default()
        };
    })
    .await
}

async fn watch(channel: &Channel) -> Result<Streaming<HealthCheckResponse>, Status> {
    let mut health = HealthClient::new(channel.clone());
    let watch = health.watch(HealthCheckRequest::default()).await;
    watch.map(tonic::Response::into_inner)
}

fn scope(refused: Result<Streaming<HealthCheckResponse>, Status>) -> String {
    let status = refused.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, "OVERLOADED");
    info.metadata["scope"].clone()
}

#[tokio::test]
async fn watches_are_bounded_by_connection_address_and_in_all() {
    let running = bounded(5, 3, 2).await;
    let (one, other) = (running.channel().await, running.channel().await);
    let first = watch(&one).await.unwrap();
    let _second = watch(&one).await.unwrap();
    assert_eq!(scope(watch(&one).await), "connection");
    let _third = watch(&other).await.unwrap();
    assert_eq!(scope(watch(&other).await), "address");
    let mut reflection = ServerReflectionClient::new(other.clone());
    let asked = tokio_stream::pending::<ServerReflectionRequest>();
    let refused = reflection.server_reflection_info(asked).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);

    // Who goes leaves a place.
    drop(first);
    timeout(FOREVER, async { while watch(&other).await.is_err() {} })
        .await
        .unwrap();

    let narrow = bounded(1, 3, 2).await;
    let _only = watch(&narrow.channel().await).await.unwrap();
    assert_eq!(scope(watch(&narrow.channel().await).await), "service");
}

#[tokio::test]
async fn a_thousand_watches_at_once_leave_a_few_and_a_known_caller_comes_through() {
    let running = bounded(64, 64, 8).await;
    let mut open = Vec::new();
    for _ in 0..16 {
        let channel = running.channel().await;
        for _ in 0..64 {
            open.extend(watch(&channel).await.ok());
        }
    }
    assert_eq!(open.len(), 48);
    let call = running.call().await;
    running.slow.released.notify_one();
    let answer = timeout(FOREVER, call).await.unwrap().unwrap();
    assert_eq!(answer.code(), Code::NotFound);
}

#[tokio::test]
async fn watches_leave_places_for_probes() {
    for (all, address, connection, full) in [
        (64, 64, 4, "connection"),
        (64, 4, 64, "address"),
        (4, 64, 64, "service"),
    ] {
        let running = bounded(all, address, connection).await;
        let channel = running.channel().await;
        let mut open = Vec::new();
        while let Ok(stream) = watch(&channel).await {
            open.push(stream);
        }
        assert_eq!(open.len(), 3);
        assert_eq!(scope(watch(&channel).await), full);
        let mut health = HealthClient::new(channel);
        health.check(HealthCheckRequest::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_probe_that_never_says_what_it_asks_is_ended() {
    let running = bounded(4, 4, 1).await;
    let channel = running.channel().await;
    let unfinished = StreamBody::new(tokio_stream::pending::<Result<Frame<Bytes>, Status>>());
    let request = http::Request::builder()
        .method(http::Method::POST)
        .uri("/grpc.health.v1.Health/Check")
        .header("content-type", "application/grpc")
        .body(Body::new(unfinished))
        .unwrap();
    let answer = timeout(FOREVER, channel.clone().oneshot(request))
        .await
        .unwrap()
        .unwrap();
    let status = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    drop(answer);
    // Its place is free again.
    watch(&channel).await.unwrap();
}
