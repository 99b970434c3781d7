//! A server, with a service that is slow, on a port of its own.

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
use tonic::{Request, Status, metadata::MetadataValue, transport::Channel};

use super::*;
use crate::{auth::Principal, auth::fixture::suite, clock::Clock};

mod drain;
mod goaway;
mod idle;
mod open;
mod reflection;
mod web;
mod wire;

/// The one that is served.
const SERVICE: &str = "gazelle.usage.v1.UsageService";

/// An RPC of the contract that is another service's.
const ABSENT: &str = "/gazelle.registry.v1.RegistryService/PutFilings";

/// Bounds what would otherwise hang; no test waits this long.
const FOREVER: Duration = Duration::from_secs(20);

/// Answers every call with `NOT_FOUND` once released; says when one has begun.
#[derive(Clone, Default)]
struct Slow {
    begun: Arc<Notify>,
    released: Arc<Notify>,
}

impl NamedService for Slow {
    const NAME: &'static str = SERVICE;
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
    issuer: crate::auth::own_issuer::Issuer,
}

async fn start() -> Running {
    start_with(|_| {}).await
}

async fn start_draining(drain_wait: Duration) -> Running {
    start_with(|server| server.drain_wait = drain_wait).await
}

async fn start_with(change: impl FnOnce(&mut Server)) -> Running {
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
                second_factor: false,
                streaming: false,
                client_streaming: false,
            };
            const OTHER: gazelle_proto::access::Rule = gazelle_proto::access::Rule {
                path: ABSENT,
                callers: &[Caller::Registrar],
                ..RULE
            };
            [&RULE, &OTHER].into_iter().find(|rule| rule.path == path)
        },
        Readiness::default(),
    );
    change(&mut server);
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

    /// A token of a platform.
    fn token(&self) -> String {
        let platform = Principal::Platform(PlatformId::parse("alpha").unwrap());
        self.issuer.mint(&platform, time::Duration::MINUTE).unwrap()
    }

    /// A call that the contract has, as its caller sees it.
    async fn call(&self) -> JoinHandle<Status> {
        let bearer = format!("Bearer {}", self.token());
        let bearer: MetadataValue<_> = bearer.parse().unwrap();
        let mut request = Request::new(GetPeriodRequest::default());
        request.metadata_mut().insert("authorization", bearer);
        let mut client = UsageServiceClient::new(self.channel().await);
        let call = tokio::spawn(async move { client.get_period(request).await.unwrap_err() });
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
