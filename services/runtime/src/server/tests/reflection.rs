//! What a server says of its contract.

use tokio_stream::StreamExt as _;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use super::start;

#[tokio::test]
async fn reflection_lists_what_is_served_here_and_knows_the_whole_contract() {
    let running = start().await;
    let mut reflection = ServerReflectionClient::new(running.channel().await);
    let ask = |message| ServerReflectionRequest {
        host: String::new(),
        message_request: Some(message),
    };
    let requests = [
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol(
            "google.rpc.ErrorInfo".into(),
        )),
        ask(MessageRequest::FileContainingSymbol(
            "gazelle.access.v1.ErrorReason".into(),
        )),
    ];
    let answers = reflection
        .server_reflection_info(tokio_stream::iter(requests))
        .await
        .unwrap();
    let answers: Vec<_> = answers
        .into_inner()
        .map(|answer| answer.unwrap().message_response.unwrap())
        .collect()
        .await;

    let MessageResponse::ListServicesResponse(list) = &answers[0] else {
        panic!("{answers:?}");
    };
    let mut names: Vec<_> = list.service.iter().map(|service| &*service.name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["gazelle.usage.v1.UsageService", "grpc.health.v1.Health"]
    );
    for answer in &answers[1..] {
        assert!(
            matches!(answer, MessageResponse::FileDescriptorResponse(_)),
            "{answer:?}"
        );
    }
    drop(reflection);
    running.shutdown.cancel();
    running.stopped().await;
}
