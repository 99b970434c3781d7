//! Calls of pages in a browser.

use std::fmt::Write as _;

use http::HeaderValue;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{FOREVER, Running, start, start_with};

const CONSOLE: &str = "https://console.example";

/// An empty `HealthCheckRequest`, and its answer: it serves.
const ASKED: &[u8] = b"\0\0\0\0\0";
const SERVING: &[u8] = b"\0\0\0\0\x02\x08\x01";

async fn send(to: &Running, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let framing = [("content-length", &*length), ("connection", "close")];
    let mut head = format!("{method} /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: usage\r\n");
    for (name, value) in headers.iter().chain(&framing) {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(to.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Where it is switched off, this breaks.
    let _ = stream.write_all(body).await;
    let read = stream.read_to_end(&mut answer);
    let _ = timeout(FOREVER, read).await.unwrap();
    answer
}

fn has(answer: &[u8], bytes: &[u8]) -> bool {
    answer.windows(bytes.len()).any(|window| window == bytes)
}

fn head(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).to_lowercase()
}

async fn open() -> Running {
    start_with(|server| server.web_origins = vec![HeaderValue::from_static(CONSOLE)]).await
}

const PLAIN: (&str, &str) = ("content-type", "application/grpc-web+proto");

#[tokio::test]
async fn a_page_of_an_origin_that_may_is_answered_with_the_trailers_in_the_body() {
    let running = open().await;
    let answer = send(&running, "POST", &[PLAIN, ("origin", CONSOLE)], ASKED).await;
    assert!(
        head(&answer).starts_with("http/1.1 200 "),
        "{}",
        head(&answer)
    );
    assert!(head(&answer).contains("access-control-allow-origin: https://console.example\r\n"));
    assert!(head(&answer).contains("grpc-status-details-bin"), "exposed");
    assert!(
        has(&answer, SERVING) && has(&answer, b"grpc-status:0"),
        "{}",
        head(&answer)
    );

    let asked = [
        ("origin", CONSOLE),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,x-grpc-web"),
    ];
    let preflight = head(&send(&running, "OPTIONS", &asked, b"").await);
    assert!(preflight.starts_with("http/1.1 200 "), "{preflight}");
    assert!(preflight.contains("access-control-allow-origin: https://console.example\r\n"));
    assert!(preflight.contains("authorization"), "{preflight}");
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_before_it_calls() {
    let running = open().await;
    for origin in [
        "https://evil.example",
        "https://console.example.evil",
        "null",
    ] {
        let answer = send(&running, "POST", &[PLAIN, ("origin", origin)], ASKED).await;
        assert!(
            head(&answer).starts_with("http/1.1 403 "),
            "{}",
            head(&answer)
        );
        assert!(!has(&answer, SERVING));
        assert!(!head(&answer).contains("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn what_cannot_be_read_has_its_reason_there_too() {
    let running = open().await;
    let answer = send(&running, "POST", &[PLAIN], b"\0\0\0\0\x03\x0a\x01\xff").await;
    assert!(
        head(&answer).contains("grpc-status: 3\r\n"),
        "{}",
        head(&answer)
    );
}

#[tokio::test]
async fn what_is_no_grpc_web_over_http1_is_refused_with_its_reason() {
    let running = open().await;
    for (method, kind, http) in [
        ("POST", "application/json", "415"),
        ("POST", "application/grpc", "415"),
        ("POST", "application/grpc-web+json", "415"),
        ("GET", "application/grpc-web+proto", "405"),
        ("GET", "text/html", "405"),
    ] {
        let headers = [("content-type", kind), ("origin", CONSOLE)];
        let answer = head(&send(&running, method, &headers, b"").await);
        let line = format!("http/1.1 {http} ");
        assert!(answer.starts_with(&line), "{method} {kind}: {answer}");
        assert!(answer.contains("grpc-status: 3\r\n"), "{answer}");
        assert!(answer.contains("grpc-status-details-bin: "), "{answer}");
        assert!(answer.contains("access-control-allow-origin"), "{answer}");
    }
}

#[tokio::test]
async fn parameters_and_case_of_the_content_type_say_nothing() {
    let running = open().await;
    for kind in [
        "application/grpc-web+proto; charset=utf-8",
        "Application/GRPC-Web+Proto",
        "application/grpc-web ;x=y",
    ] {
        let answer = send(&running, "POST", &[("content-type", kind)], ASKED).await;
        assert!(has(&answer, SERVING), "{kind}: {}", head(&answer));
    }
    let text = [
        ("content-type", "application/grpc-web-text;charset=utf-8"),
        ("accept", "Application/GRPC-Web-Text"),
    ];
    let answer = send(&running, "POST", &text, b"AAAAAAA=").await;
    assert!(has(&answer, b"AAAAAAIIAQ"), "{}", head(&answer));
}

#[tokio::test]
async fn it_is_off_where_no_origin_is_named() {
    let running = start().await;
    let answer = send(&running, "POST", &[PLAIN], ASKED).await;
    assert!(!has(&answer, SERVING));
}
