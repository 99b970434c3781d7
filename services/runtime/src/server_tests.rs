use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use gazelle_kernel::PlatformId;
use gazelle_proto::{
    access::Caller,
    usage::v1::{GetPeriodRequest, usage_service_client::UsageServiceClient},
};
use time::macros::datetime;
use tokio::{sync::Notify, task::JoinHandle, time::timeout};
use tokio_stream::{StreamExt, pending};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus as Health, health_client::HealthClient,
};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};

use super::*;
use crate::{auth::Principal, auth::tests::suite, clock::Clock, config::PeerConfig, peers};

/// Bounds what would otherwise hang; no test waits this long.
const FOREVER: Duration = Duration::from_secs(20);

/// Answers every call with `NOT_FOUND` once released; says when one has begun.
#[derive(Clone, Default)]
struct Slow {
    begun: Arc<Notify>,
    released: Arc<Notify>,
}

impl NamedService for Slow {
    const NAME: &'static str = "gazelle.usage.v1.UsageService";
}

impl tower::Service<http::Request<Body>> for Slow {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        let Self { begun, released } = self.clone();
        Box::pin(async move {
            begun.notify_one();
            released.notified().await;
            Ok(Status::not_found("finished").into_http())
        })
    }
}

struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
    served: JoinHandle<anyhow::Result<()>>,
    slow: Slow,
    issuer: crate::issuer::Issuer,
}

async fn start(drain_wait: Duration) -> Running {
    let suite = suite(&Clock::fixed(datetime!(2017-11-11 0:00 UTC)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let slow = Slow::default();
    let mut server = Server::with_rules(
        "usage",
        suite.verifier.clone(),
        |path| {
            const RULE: gazelle_proto::access::Rule = gazelle_proto::access::Rule {
                path: "/gazelle.usage.v1.UsageService/GetPeriod",
                callers: &[Caller::Platform],
                streaming: false,
            };
            (path == RULE.path).then_some(&RULE)
        },
        Readiness::default(),
    );
    server.drain_wait = drain_wait;
    let server = server.service(slow.clone());
    Running {
        address,
        served: tokio::spawn(server.serve(listener, shutdown.clone())),
        shutdown,
        slow,
        issuer: suite.issuer,
    }
}

impl Running {
    async fn channel(&self) -> Channel {
        let url = format!("http://{}", self.address);
        Channel::from_shared(url).unwrap().connect().await.unwrap()
    }

    /// A call that the contract has, as its caller sees it.
    async fn call(&self) -> JoinHandle<Status> {
        let folder = tempfile::tempdir().unwrap();
        let token_file = folder.path().join("token");
        let platform = Principal::Platform(PlatformId::parse("alpha").unwrap());
        let token = self.issuer.mint(&platform, time::Duration::MINUTE).unwrap();
        std::fs::write(&token_file, format!("{token}\n")).unwrap();
        let url = format!("http://{}", self.address);
        let peer = peers::channel(&PeerConfig {
            url,
            ca_file: None,
            token_file,
        })
        .unwrap();
        let mut client = UsageServiceClient::new(peer);
        let call = tokio::spawn(async move {
            client
                .get_period(Request::new(GetPeriodRequest::default()))
                .await
                .unwrap_err()
        });
        timeout(FOREVER, self.slow.begun.notified()).await.unwrap();
        call
    }

    async fn stopped(self) {
        timeout(FOREVER, self.served)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn a_call_under_way_is_finished_and_no_new_one_taken() {
    let running = start(Duration::from_hours(1)).await;
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
    let running = start(Duration::from_millis(100)).await;
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
    let running = start(Duration::from_hours(1)).await;
    let mut health = HealthClient::new(running.channel().await);
    let request = HealthCheckRequest {
        service: Slow::NAME.into(),
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

#[tokio::test]
async fn reflection_lists_what_is_served_here_and_knows_the_whole_contract() {
    let running = start(Duration::from_hours(1)).await;
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
