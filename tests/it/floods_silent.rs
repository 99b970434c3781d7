//! Floods of sockets on which little is said, over TLS, and of more than there are descriptors for.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{StreamExt as _, TryStreamExt as _, iter};
use gazelle_tests::apart::Apart;
use gazelle_tests::flood::flood;
use gazelle_tests::frames::{Dialer, Wire, addresses};
use gazelle_tests::honest::Caller;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Sockets of each of the four kinds: nearly as many as a service takes of strangers.
const SILENT: usize = 500;

/// Connections beyond what descriptors allow.
const CROWD: usize = 1_000;

/// Connections that a flood is busy with at a time.
const AT_A_TIME: usize = 16;

/// Bounds what would otherwise hang; nothing waits this long.
const WAIT: Duration = Duration::from_mins(1);

/// The head of a message of 16,000 bytes that never comes.
const BEGUN: [u8; 5] = [22, 3, 1, 0x3e, 0x80];

async fn begun(dialer: &Dialer) -> io::Result<TcpStream> {
    let mut stream = dialer.tcp().await?;
    // It may have been closed already.
    let _ = stream.write_all(&BEGUN).await;
    Ok(stream)
}

/// The same from three addresses.
fn from_three(dialer: &Dialer) -> [Dialer; 3] {
    let all: Vec<_> = addresses(3).map(|from| dialer.from(from)).collect();
    all.try_into().unwrap()
}

/// Makes so many, some at a time.
async fn many<T>(make: impl AsyncFn() -> io::Result<T>) -> Vec<T> {
    let each = iter(0..SILENT).map(async |_| make().await);
    let all = each.buffer_unordered(AT_A_TIME).try_collect().await;
    all.unwrap()
}

/// Waits until the service has ended all of them.
async fn ended<S: AsyncRead + Unpin>(streams: Vec<S>) {
    let wait = async {
        for mut stream in streams {
            while !matches!(stream.read(&mut [0; 1_024]).await, Err(_) | Ok(0)) {}
        }
    };
    timeout(WAIT, wait).await.expect("all are ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_on_which_nothing_is_said_are_ended_and_take_little() {
    let apart = Arc::new(Apart::new().await);
    let usage = apart.serve("usage", &[]).await;
    let [a, b, c] = from_three(&Dialer::to(&apart, &usage));
    let silent = async {
        let shaken = many(async || b.tls().await).await;
        let (mute, begun) =
            tokio::join!(many(async || a.tcp().await), many(async || begun(&a).await));
        tokio::join!(ended(shaken), ended(mute), ended(begun));
        // Who has spoken HTTP/2 may be silent for a while.
        let greeted = many(async || c.http2().await).await;
        assert!(!greeted.iter().any(Wire::is_over));
        greeted
    };
    let mall = Caller::platform(&apart, "mall");
    flood("silent sockets", &usage, &mall, silent).await;
    usage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_that_never_end_leave_room_for_those_that_do() {
    let apart = Arc::new(Apart::new().await);
    let usage = apart.serve("usage", &[]).await;
    let [a, b, c] = from_three(&Dialer::to(&apart, &usage));
    // Four times what a service takes of strangers.
    let never_end = async {
        let first = tokio::join!(
            many(async || begun(&a).await),
            many(async || begun(&b).await),
            many(async || c.greeted().await),
        );
        (first, many(async || begun(&c).await).await)
    };
    let mall = Caller::platform(&apart, "mall");
    flood("handshakes", &usage, &mall, never_end).await;
    usage.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_goes_on_and_others_get_in_when_strangers_use_up_the_descriptors() {
    let apart = Arc::new(Apart::new().await);
    let usage = apart.serve_with_descriptors("usage", 256).await;
    let dialer = Dialer::to(&apart, &usage);
    let crowd = async {
        let mut taken = Vec::new();
        for _ in 0..CROWD {
            taken.extend(dialer.http2().await);
        }
        let over = taken.iter().filter(|wire| wire.is_over()).count();
        assert!((CROWD / 2..taken.len()).contains(&over), "{over} gave way");
        assert_eq!(usage.get("/livez").await.unwrap().0, 200);
        taken
    };
    let mall = Caller::platform(&apart, "mall");
    flood("256 descriptors", &usage, &mall, crowd).await;
    let log = apart.log("usage");
    assert!(!log.contains("panicked"), "{log}");
    usage.ends_well().await;
}
