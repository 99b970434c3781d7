//! What a client of HTTP/2 is told before its connection ends, byte by byte (RFC 9113, 6.8).

use std::num::NonZeroU32;

use futures::FutureExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;
use crate::{
    auth::{Certificate, CertificateEnded},
    port::{connection::Connection, remote::Remote, socket::Socket},
    tls::workload::Workload,
};

/// The preface, and settings without any setting.
const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// Of 8 bytes, kind 7, no flags, no stream; every stream that there can be is taken, no error.
const GOAWAY: [u8; 17] = [
    0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0,
];

const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let [.., high, middle, low] = payload.len().to_be_bytes();
    let head = [high, middle, low, kind, flags, 0, 0, 0, stream];
    [&head, payload].concat()
}

/// A text behind its length (RFC 7541, 5.2).
fn text(value: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    match value.len().checked_sub(127) {
        None => bytes.push(u8::try_from(value.len()).unwrap()),
        Some(more) => {
            let [high, low] = [more >> 7, more & 127].map(|it| u8::try_from(it).unwrap());
            bytes.extend([127, low | 128, high]);
        }
    }
    bytes.extend(value.as_bytes());
    bytes
}

/// The one call that the contract here has, whole.
fn call(token: &str) -> Vec<u8> {
    // `POST` and `http`; names by their number in the static table.
    let mut block = vec![0x83, 0x86];
    let bearer = format!("Bearer {token}");
    for (name, value) in [
        (&[0x04][..], "/gazelle.usage.v1.UsageService/GetPeriod"),
        (&[0x01], "usage"),
        (&[0x0f, 0x10], "application/grpc"),
        (&[0x0f, 0x08], &bearer),
    ] {
        block.extend([name, &text(value)].concat());
    }
    block.push(0);
    block.extend([text("te"), text("trailers")].concat());
    let message = frame(0, END_STREAM, 1, &[0; 5]);
    [frame(HEADERS, END_HEADERS, 1, &block), message].concat()
}

/// The next frame, or `None` where the connection has ended.
async fn next(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 9];
    let read = timeout(FOREVER, stream.read_exact(&mut head)).await;
    read.unwrap().ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length.try_into().unwrap()];
    stream.read_exact(&mut payload).await.expect("whole frames");
    Some([&head[..], &payload].concat())
}

async fn idle_for_a_second() -> (Running, TcpStream) {
    let running = start_with(|server| server.limits.idle_max_s = NonZeroU32::MIN).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(GREETING).await.unwrap();
    (running, stream)
}

/// Reads until the client is told; it is, by the frame that the standard has.
async fn told(stream: &mut TcpStream) {
    loop {
        let frame = next(stream).await.expect("to be told first");
        if frame[3] == GOAWAY[3] {
            assert_eq!(frame, GOAWAY);
            return;
        }
    }
}

#[tokio::test]
async fn a_client_is_told_once_and_in_the_bytes_of_the_standard() {
    let (running, mut stream) = idle_for_a_second().await;
    told(&mut stream).await;
    assert_eq!(next(&mut stream).await, None, "that was the last word");
    running.shutdown.cancel();
    running.stopped().await;
}

#[tokio::test]
async fn a_call_that_was_on_its_way_when_its_client_was_told_is_answered() {
    let (running, mut stream) = idle_for_a_second().await;
    told(&mut stream).await;
    stream.write_all(&call(&running.token())).await.unwrap();
    timeout(FOREVER, running.slow.begun.notified())
        .await
        .unwrap();
    // Longer than a connection is kept on which nothing is under way.
    tokio::time::sleep(Duration::from_secs(6)).await;
    running.slow.released.notify_one();
    let mut last = Vec::new();
    while let Some(frame) = next(&mut stream).await {
        last = frame;
    }
    let (kind, flags, id) = (last[3], last[4], last[8]);
    let end = END_STREAM | END_HEADERS;
    assert_eq!((kind, flags & end, id), (HEADERS, end, 1), "{last:?}");
    running.shutdown.cancel();
    running.stopped().await;
}

/// Two ends of a connection, whose client showed that certificate.
async fn connected() -> (TcpStream, Connection<()>, Certificate) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let (client, accepted) = tokio::join!(client, listener.accept());
    let (stream, address) = accepted.unwrap();
    let certificate = Certificate::until(i64::MAX);
    let mut remote = Remote::new(address);
    remote.workload = Some(Workload {
        principal: Principal::Platform(PlatformId::parse("alpha").unwrap()),
        certificate: certificate.clone(),
    });
    let end = CancellationToken::new();
    let connection = Connection::new(Socket::Plain(stream), remote, end, ());
    (client.unwrap(), connection, certificate)
}

/// Writes a frame that nobody reads at first, and is to end by then; sees that the client is told
/// behind it.
async fn told_behind_a_frame(
    (mut client, mut connection): (TcpStream, Connection<()>),
    ends: impl AsyncFnOnce(),
) {
    client.write_all(GREETING).await.unwrap();
    let mut greeting = vec![0; GREETING.len()];
    connection.read_exact(&mut greeting).await.unwrap();
    let data = frame(0, 0, 1, &vec![7; (1 << 24) - 1]);
    let mut written = 0;
    while let Some(more) = connection.write(&data[written..]).now_or_never() {
        written += more.unwrap();
    }
    assert!((1..data.len()).contains(&written), "{written}");

    ends().await;
    assert!(connection.read(&mut [0]).now_or_never().is_none());
    let mut heard = vec![0; data.len() + GOAWAY.len()];
    let reading = tokio::spawn(async move {
        client.read_exact(&mut heard).await.unwrap();
        (client, heard)
    });
    connection.write_all(&data[written..]).await.unwrap();
    let mut more = [0];
    let (_client, heard) = tokio::select! {
        heard = timeout(FOREVER, reading) => heard.unwrap().unwrap(),
        read = connection.read(&mut more) => panic!("{read:?} before the client was told"),
    };
    let (before, last) = heard.split_at(data.len());
    assert!(before == data, "the frame came in one piece");
    assert_eq!(last, GOAWAY);
}

#[tokio::test]
async fn it_waits_for_the_end_of_a_frame_that_is_written_in_part() {
    let (client, connection, certificate) = connected().await;
    let ends = async || assert!(certificate.end(CertificateEnded::Revoked));
    told_behind_a_frame((client, connection), ends).await;
}

#[tokio::test]
async fn it_waits_for_the_end_of_a_frame_though_no_call_is_under_way() {
    let (client, connection, _certificate) = connected().await;
    let max = Duration::from_millis(10);
    let ends = async || tokio::time::sleep(2 * max).await;
    told_behind_a_frame((client, connection.idle_at_most(max)), ends).await;
}

#[tokio::test]
async fn a_client_takes_it_for_no_error_and_its_calls_are_finished() {
    let (client, connection, certificate) = connected().await;
    let begun = Arc::new(Notify::new());
    let released = Arc::new(Notify::new());
    let (is_begun, is_released) = (begun.clone(), released.clone());
    let serving = tokio::spawn(async move {
        let mut server = h2::server::handshake(connection).await.unwrap();
        let (_request, mut respond) = server.accept().await.unwrap().unwrap();
        is_begun.notify_one();
        let answer = async {
            is_released.notified().await;
            let mut body = respond
                .send_response(http::Response::new(()), false)
                .unwrap();
            body.send_data(bytes::Bytes::from(vec![7; 60_000]), true)
                .unwrap();
        };
        let ((), _end) = tokio::join!(answer, server.accept());
    });
    let (mut calls, client) = h2::client::handshake(client).await.unwrap();
    let client = tokio::spawn(client);
    let request = || http::Request::get("http://usage/").body(()).unwrap();
    let (answer, _) = calls.send_request(request(), true).unwrap();
    timeout(FOREVER, begun.notified()).await.unwrap();

    certificate.end(CertificateEnded::Revoked);
    let refused = async {
        loop {
            match std::future::poll_fn(|context| calls.poll_ready(context)).await {
                Ok(()) => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(error) => return error,
            }
        }
    };
    let refused = timeout(FOREVER, refused).await.unwrap();
    assert_eq!(refused.reason(), Some(h2::Reason::NO_ERROR), "{refused:?}");

    released.notify_one();
    let mut body = timeout(FOREVER, answer).await.unwrap().unwrap().into_body();
    let mut bytes = 0;
    while let Some(data) = body.data().await {
        bytes += data.unwrap().len();
    }
    assert_eq!(bytes, 60_000);
    drop((calls, body));
    timeout(FOREVER, client).await.unwrap().unwrap().unwrap();
    serving.abort();
}
