//! Handshakes that do not end, and too many at a time.

use std::num::NonZeroUsize;

use super::*;

/// The head of a message of 16,000 bytes that never comes.
const BEGUN: [u8; 5] = [22, 3, 1, 0x3e, 0x80];

#[tokio::test]
async fn a_handshake_that_does_not_end_is_ended() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let mut silent = TcpStream::connect(port.address).await.unwrap();
    let mut slow = TcpStream::connect(port.address).await.unwrap();
    slow.write_all(&BEGUN).await.unwrap();
    let good = files.certify(|_| {});
    assert_eq!(
        files.greet(&port, Some(&good)).await.unwrap(),
        "platform:alpha"
    );
    for stream in [&mut silent, &mut slow] {
        let ended = timeout(FOREVER, stream.read(&mut [0; 1])).await.unwrap();
        assert!(matches!(ended, Err(_) | Ok(0)), "{ended:?}");
    }
    port.counted("TIMEOUT").await;
}

#[tokio::test]
async fn only_so_many_handshakes_of_an_address_are_begun_at_a_time() {
    let files = ServerFiles::new();
    let limits = LimitsConfig {
        handshakes_per_address: NonZeroUsize::new(2).unwrap(),
        ..LimitsConfig::default()
    };
    let port = files.serve(&files.config(), limits).await;
    // Who says nothing takes no files.
    let _silent = TcpStream::connect(port.address).await.unwrap();
    let mut begun = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(port.address).await.unwrap();
        stream.write_all(&BEGUN).await.unwrap();
        begun.push(stream);
    }
    let good = files.certify(|_| {});
    let refused = async { while files.greet(&port, Some(&good)).await.is_ok() {} };
    timeout(FOREVER, refused).await.unwrap();
    port.counted("TOO_MANY").await;
    begun.clear();
    let taken = async { while files.greet(&port, Some(&good)).await.is_err() {} };
    timeout(FOREVER, taken).await.unwrap();
}

#[tokio::test]
async fn who_has_shaken_hands_must_greet_too() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let versions = [&rustls::version::TLS13];
    let mut mute = files.connect(&port, None, &versions).await.unwrap();
    let ended = timeout(FOREVER, mute.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(ended, Err(_) | Ok(0)), "{ended:?}");
}
