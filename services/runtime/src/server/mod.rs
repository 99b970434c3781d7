//! How a service serves gRPC, and how it stops.
//!
//! Order of the end: the process is not ready, and health says `NOT_SERVING`; calls are still
//! taken until whoever sends them has had time to notice; the listener closes and no new call is
//! taken; calls under way finish; and [`DRAIN_WAIT`] after the start of all that whatever is left
//! is cut off. Without that last step a single open stream would keep the process for ever.

use std::{convert::Infallible, fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use gazelle_client::watched::FileError;
use http::HeaderValue;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tonic::{
    body::Body,
    server::NamedService,
    service::{Routes, RoutesBuilder},
};

use crate::{
    access::{Access, FindRule, access},
    audit::{self, Refusals, Trail, refusals},
    auth::Verifier,
    config::{LimitsConfig, ServerConfig, Transport},
    layers::{
        deadline::{Deadlines, arrives, deadline},
        large::{Large, large},
        limit::{Limits, limit},
        observe::{Observer, observe},
        under_way, web,
        wire::wire,
    },
    port::incoming::{Open, incoming},
    ready::Readiness,
    telemetry::metrics,
    tls::Tls,
};

mod health;
mod open;

/// From the moment a service is to stop until calls that are still under way are cut off. Its
/// process has 10 s, and something is left to write.
pub const DRAIN_WAIT: Duration = Duration::from_secs(7);

/// What the trail may take after that to write down what waits.
const TRAIL_WAIT: Duration = Duration::from_millis(500);

/// HTTP/2 flow control of a stream: what may come before it is read. The default of 64 KiB is less
/// than a batch of a thousand records, and costs three to five times the speed.
const STREAM_WINDOW_BYTES: u32 = 256 * 1024;

/// As above, of all streams of a connection together. `h2` cuts a connection off when what is not
/// read yet are small frames: each below 256 bytes counts for what it lacks of them, and together
/// they may count for half of this window. A batch of one record is as small as that, and a
/// platform may have 16 streams full of them, which nobody reads while the database stands still:
/// about 20 MiB. What a connection may hold is bounded by its streams' windows, 32 MiB.
const CONNECTION_WINDOW_BYTES: u32 = 64 * 1024 * 1024;

/// Most calls at a time on one connection. Of those it once had together, `h2` keeps the places for
/// as long as the connection lives: 1.5 KiB each, as measured, that anybody can make it keep.
const STREAMS_MAX: u32 = 64;

/// The metadata of a call. Beyond it HTTP/2 itself refuses, without a reason: what is too long for
/// us, as a token, should be told by us.
const METADATA_BYTES_MAX: u32 = 64 * 1024;

/// What stands between the wire and a handler.
struct Layers {
    access: Access,
    deadlines: Deadlines,
    large: Large,
    limits: Limits,
    observer: Observer,
    refusals: Refusals,
}

impl Layers {
    /// The last is the outermost: it sees what the others refuse, too.
    fn around(self, routes: Router) -> Router {
        routes
            .layer(from_fn_with_state(self.large, large))
            .layer(from_fn(deadline))
            .layer(from_fn_with_state(self.limits, limit))
            .layer(from_fn_with_state(self.access, access))
            .layer(from_fn_with_state(self.refusals, refusals))
            .layer(from_fn(wire))
            .layer(from_fn_with_state(self.deadlines, arrives))
            .layer(from_fn_with_state(self.observer, observe))
            .layer(from_fn(under_way::count))
    }
}

/// Connections that may wait to be accepted, as far as the system allows; who finds no place tries
/// again after a second.
const BACKLOG: u32 = 1_024;

/// Listens on `address`.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // Of what was served here before, connections may be left.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The same; an error names the address.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    listen(address).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })
}

/// The server of one service: its gRPC services with health, reflection and access control
/// around them.
pub struct Server {
    name: &'static str,
    routes: RoutesBuilder,
    services: Vec<&'static str>,
    access: Access,
    find_rule: FindRule,
    limits: LimitsConfig,
    transport: Transport,
    web_origins: Vec<HeaderValue>,
    readiness: Readiness,
    not_ready_wait: Duration,
    drain_wait: Duration,
    draining: CancellationToken,
    trail: Option<Trail>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.name)
            .field("services", &self.services)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A server that lets callers in whom `verifier` knows and the contract allows.
    #[must_use]
    pub fn new(
        name: &'static str,
        verifier: Verifier,
        config: &ServerConfig,
        limits: LimitsConfig,
        readiness: Readiness,
    ) -> Self {
        let not_ready_wait = Duration::from_millis(config.not_ready_wait_ms);
        let rules = gazelle_proto::access::rule;
        Self {
            limits,
            transport: config.transport.clone(),
            web_origins: config.grpc_web_origins.clone(),
            not_ready_wait,
            ..Self::with_rules(name, verifier, rules, readiness)
        }
    }

    fn with_rules(
        name: &'static str,
        verifier: Verifier,
        find_rule: FindRule,
        readiness: Readiness,
    ) -> Self {
        metrics::observe_readiness(name, &readiness);
        Self {
            name,
            routes: Routes::builder(),
            services: Vec::new(),
            access: Access::new(verifier, find_rule),
            find_rule,
            limits: LimitsConfig::default(),
            transport: Transport::Plaintext,
            web_origins: Vec::new(),
            readiness,
            not_ready_wait: Duration::ZERO,
            drain_wait: DRAIN_WAIT,
            draining: CancellationToken::new(),
            trail: None,
        }
    }

    /// Cancelled when no new work is to be begun: later than `shutdown`, by the time in which
    /// calls are still taken.
    #[must_use]
    pub fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// Serves the trail of what is done here, and writes refused attempts at writes into it.
    #[must_use]
    pub fn trail(mut self, trail: Trail) -> Self {
        self.trail = Some(trail.clone());
        self.service(audit::service(trail))
    }

    /// Serves one more gRPC service of the contract.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: tower::Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.routes.add_service(service);
        self.services.push(S::NAME);
        self
    }

    fn secure(&self) -> Result<Option<Arc<Tls>>, FileError> {
        match &self.transport {
            Transport::Plaintext => Ok(None),
            Transport::Tls(config) => {
                let takes_http1 = !self.web_origins.is_empty();
                Tls::open(self.name, config, takes_http1).map(Some)
            }
        }
    }

    fn layers(&self) -> Layers {
        let (limits, find_rule) = (self.limits, self.find_rule);
        Layers {
            access: self.access.clone().serving(&self.services),
            deadlines: Deadlines::new(Duration::from_millis(limits.call_max_ms), find_rule),
            large: Large::new(find_rule),
            limits: Limits::new(limits, find_rule),
            observer: Observer::new(self.name, find_rule),
            refusals: Refusals {
                trail: self.trail.clone(),
                find_rule,
            },
        }
    }

    /// Serves on `listener` until `shutdown` is cancelled and the drain is over.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let _keeping_keys = self.access.verifier().keep_keys().await;
        let reporter = open::add(&mut self.routes, &self.services)?;
        health::report(&reporter, &self.services, &self.readiness).await;
        let tls = self.secure()?;
        let address = listener.local_addr()?;
        tracing::info!(service = self.name, %address, tls = tls.is_some(), "serving");

        // Cuts off what is left, also when this future is dropped.
        let end = CancellationToken::new();
        let _end_on_drop = end.clone().drop_guard();
        let following = tokio::spawn(health::follow(
            reporter.clone(),
            self.services.clone(),
            self.readiness.clone(),
        ));
        let following = AbortOnDropHandle::new(following);
        let _keeping_files = tls.as_ref().map(Tls::keep);
        let incoming = incoming(listener, &self.limits, tls, Open::new(self.name), end)?;
        let (not_ready_wait, drain_wait) = (self.not_ready_wait, self.drain_wait);
        let too_late = shutdown.clone();
        let layers = self.layers();
        let routes = self.routes.routes().into_axum_router();
        let routes = web::open(layers.around(routes), &self.web_origins);
        let (readiness, draining) = (self.readiness, self.draining);
        let serving = tonic::transport::Server::builder()
            .accept_http1(!self.web_origins.is_empty())
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_concurrent_streams(STREAMS_MAX)
            .http2_max_header_list_size(METADATA_BYTES_MAX)
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .http2_keepalive_timeout(Some(Duration::from_secs(10)))
            .add_routes(Routes::from(routes))
            .serve_with_incoming_shutdown(incoming, async move {
                shutdown.cancelled().await;
                tracing::info!(service = self.name, "not ready");
                readiness.drain();
                tokio::time::sleep(not_ready_wait).await;
                tracing::info!(service = self.name, "draining");
                draining.cancel();
                drop(following);
                health::stop_serving(reporter, &self.services).await;
            });
        tokio::select! {
            served = serving => served?,
            () = async { too_late.cancelled().await; tokio::time::sleep(drain_wait).await } => {
                tracing::warn!(service = self.name, "calls still under way are cut off");
            }
        }
        if let Some(trail) = &self.trail {
            // A database that is away need not be waited for.
            let _ = tokio::time::timeout(TRAIL_WAIT, trail.finish()).await;
        }
        tracing::info!(service = self.name, "stopped");
        Ok(())
    }
}

#[cfg(test)]
mod tests;
