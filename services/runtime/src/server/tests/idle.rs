//! Connections on which nothing is under way.

use std::num::NonZeroU32;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::*;

fn idle_for_a_second(server: &mut Server) {
    server.limits.idle_max_s = NonZeroU32::MIN;
}

/// The preface, and settings without any setting.
const GREETING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The frame that says that no new calls are taken.
const GOAWAY: u8 = 7;

#[tokio::test]
async fn a_connection_without_a_call_is_told_and_closed() {
    let running = start_with(idle_for_a_second).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(GREETING).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(FOREVER, stream.read_to_end(&mut answer)).await;
    read.unwrap().unwrap();
    let mut frames = Vec::new();
    let mut rest = &answer[..];
    while let [high, middle, low, kind, ..] = *rest {
        frames.push(kind);
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        rest = &rest[9 + length..];
    }
    assert!(rest.is_empty(), "whole frames");
    assert!(frames.contains(&GOAWAY), "{frames:?}");
    running.shutdown.cancel();
    running.stopped().await;
}

#[tokio::test]
async fn a_call_that_takes_longer_than_a_connection_may_be_idle_is_answered() {
    let running = start_with(idle_for_a_second).await;
    let call = running.call().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    running.slow.released.notify_one();
    let status = timeout(FOREVER, call).await.unwrap().unwrap();
    assert_eq!(status.message(), "finished");
    running.shutdown.cancel();
    running.stopped().await;
}
