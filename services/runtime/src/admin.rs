//! The port of those who run a service: whether it lives, whether to send it calls, and its
//! metrics. Plain HTTP, apart from gRPC, since probes have no token.
//!
//! `/livez` answers as long as the process does. `/readyz` is 200, or 503 with a line for each
//! reason. `/metrics` is Prometheus text. Nothing here tells of a person or an amount of one.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{config::AdminConfig, ready::Readiness, server, telemetry};

/// Most connections at a time; beyond, one is closed at once.
const CONNECTIONS_MAX: usize = 64;

/// Longest life of a connection, which carries one request.
const CONNECTION_WAIT: Duration = Duration::from_secs(10);

/// Pause after the system could not give a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the admin port, where one is configured, until the handle is dropped.
pub async fn start(
    config: Option<&AdminConfig>,
    readiness: &Readiness,
) -> io::Result<Option<AbortOnDropHandle<()>>> {
    let Some(AdminConfig { listen }) = config else {
        return Ok(None);
    };
    let listener = server::bind(*listen).await?;
    tracing::info!(address = %listener.local_addr()?, "admin port");
    let served = tokio::spawn(accept(listener, readiness.clone()));
    Ok(Some(AbortOnDropHandle::new(served)))
}

async fn accept(listener: TcpListener, readiness: Readiness) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Ok(permit) = room.clone().try_acquire_owned() {
            let readiness = readiness.clone();
            tokio::spawn(async move {
                let _ = timeout(CONNECTION_WAIT, serve(stream, readiness)).await;
                drop(permit);
            });
        }
    }
}

async fn serve(stream: TcpStream, readiness: Readiness) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = answer(request.uri().path(), &readiness);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answer);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "an admin connection broke");
    }
}

fn answer(path: &str, readiness: &Readiness) -> Response<Full<Bytes>> {
    let (status, kind, body) = match path {
        "/livez" => (StatusCode::OK, "text/plain", "ok\n".to_owned()),
        "/readyz" => match readiness.refusal() {
            None => (
                StatusCode::OK,
                "text/plain",
                format!("ok\n{}", readiness.notes()),
            ),
            Some(reasons) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "text/plain",
                format!("{reasons}\n"),
            ),
        },
        "/metrics" => (
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            telemetry::metrics_text(),
        ),
        _ => (
            StatusCode::NOT_FOUND,
            "text/plain",
            "there is /livez, /readyz and /metrics\n".to_owned(),
        ),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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
        let _serving = AbortOnDropHandle::new(tokio::spawn(accept(listener, readiness.clone())));

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
}
