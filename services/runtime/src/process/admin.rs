//! The port of those who run a service: whether it lives, whether to send it calls, and its
//! metrics. Plain HTTP, apart from gRPC, since probes have no token.
//!
//! `/livez` answers as long as the process does. `/readyz` is 200, or 503 with a line for each
//! reason. `/metrics` is Prometheus text. Nothing here tells of a person or an amount of one.
//!
//! A probe must come through when nothing else does. The port has a thread of its own, so that it
//! answers while calls use up the processor; descriptors are kept for it; and when it has as many
//! connections as it may, the oldest is closed for the newest.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
    serve::Listener,
};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    config::AdminConfig,
    port::{
        accept::{Accepted, Acceptor},
        connection::Connection,
        remote::Remote,
        socket::Socket,
    },
    ready::Readiness,
    server, telemetry,
};

/// Most connections at a time.
const CONNECTIONS_MAX: usize = 32;

/// Descriptors that are kept for probes when there are none left.
const SPARE: usize = 2;

/// Longest life of a connection, which carries one request.
const CONNECTION_LIFE: Duration = Duration::from_secs(10);

/// The admin port, served until this is dropped.
#[derive(Debug)]
pub struct Admin {
    /// Where it is.
    pub address: SocketAddr,
    _end: DropGuard,
}

/// Serves the admin port, where one is configured.
pub fn start(config: Option<&AdminConfig>, readiness: &Readiness) -> io::Result<Option<Admin>> {
    let Some(AdminConfig { listen }) = config else {
        return Ok(None);
    };
    let listener = server::bind(*listen)?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "admin port");
    Ok(Some(Admin {
        address,
        _end: serve(listener, readiness.clone())?,
    }))
}

fn serve(listener: TcpListener, readiness: Readiness) -> io::Result<DropGuard> {
    let router = Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(async || {
            let there_is = "there is /livez, /readyz and /metrics\n";
            (StatusCode::NOT_FOUND, there_is)
        })
        .layer(axum::middleware::map_response(close))
        .with_state(readiness);
    let listener = listener.into_std()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let end = CancellationToken::new();
    let ended = end.clone();
    let work = async move {
        let port = AdminPort {
            acceptor: Acceptor::new(TcpListener::from_std(listener)?, SPARE),
            open: VecDeque::new(),
        };
        let served = ended.run_until_cancelled(async { axum::serve(port, router).await });
        served.await.unwrap_or(Ok(()))
    };
    thread::Builder::new()
        .name("admin".to_owned())
        .spawn(move || {
            if let Err(error) = runtime.block_on(work) {
                tracing::error!(%error, "the admin port is gone");
            }
        })?;
    Ok(end.drop_guard())
}

async fn readyz(State(readiness): State<Readiness>) -> (StatusCode, String) {
    match readiness.refusal() {
        None => (StatusCode::OK, format!("ok\n{}", readiness.notes())),
        Some(reasons) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reasons}\n")),
    }
}

async fn metrics() -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], telemetry::metrics_text())
}

/// One request a connection.
async fn close(mut answer: Response) -> Response {
    let close = HeaderValue::from_static("close");
    answer.headers_mut().insert(header::CONNECTION, close);
    answer
}

/// The port, with the connections that are open, oldest first.
struct AdminPort {
    acceptor: Acceptor,
    open: VecDeque<(Weak<()>, CancellationToken)>,
}

impl Listener for AdminPort {
    type Io = Connection<Arc<()>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let Accepted {
            stream, address, ..
        } = self.acceptor.accept().await;
        self.open.retain(|(held, _)| held.strong_count() > 0);
        if self.open.len() >= CONNECTIONS_MAX
            && let Some((_, oldest)) = self.open.pop_front()
        {
            oldest.cancel();
        }
        let (held, end) = (Arc::new(()), CancellationToken::new());
        self.open.push_back((Arc::downgrade(&held), end.clone()));
        let connection = Connection::new(Socket::Plain(stream), Remote::new(address), end, held);
        (connection.living(CONNECTION_LIFE), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.acceptor.address()
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    use super::*;
    use crate::ready::Needed;

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: admin\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn readiness_is_told_with_its_reasons_and_life_apart_from_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let readiness = Readiness::default();
        readiness.need("database", Needed::Always);
        let _serving = serve(listener, readiness.clone()).unwrap();

        let answer = get(address, "/readyz").await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("database: not asked yet"), "{answer}");
        assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200 "));
        assert!(get(address, "/metrics").await.starts_with("HTTP/1.1 200 "));
        assert!(get(address, "/").await.starts_with("HTTP/1.1 404 "));

        readiness.set("database", Ok(()));
        assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200 "));
        readiness.drain();
        assert!(get(address, "/readyz").await.contains("draining"));
    }

    #[tokio::test]
    async fn idle_connections_do_not_keep_a_probe_out() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _serving = serve(listener, Readiness::default()).unwrap();
        let mut idle = Vec::new();
        for _ in 0..4 * CONNECTIONS_MAX {
            idle.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200 "));
        let mut oldest = idle.swap_remove(0);
        assert_eq!(oldest.read(&mut [0; 1]).await.unwrap(), 0);
    }
}
