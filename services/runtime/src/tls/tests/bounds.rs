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
async fn a_greeting_that_comes_in_pieces_is_answered_once_it_is_whole() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut greeting = Vec::new();
    client.write_tls(&mut greeting).unwrap();
    let mut stream = TcpStream::connect(port.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in greeting.chunks(greeting.len() / 2 + 1) {
        stream.write_all(piece).await.unwrap();
        // Somebody else is answered in between.
        files.greet(&port, None).await.unwrap();
    }
    let mut kind = [0; 1];
    let answered = timeout(FOREVER, stream.read_exact(&mut kind)).await;
    answered.unwrap().unwrap();
    assert_eq!(kind, BEGUN[..1], "a message of a handshake, and no alert");
}

#[tokio::test]
async fn handshakes_that_do_not_end_give_way_to_those_that_come_after_them() {
    let files = ServerFiles::new();
    let three = NonZeroUsize::new(3).unwrap();
    let all = LimitsConfig {
        newcomers: three,
        ..LimitsConfig::default()
    };
    let each = LimitsConfig {
        connections_per_address: three,
        ..LimitsConfig::default()
    };
    for limits in [all, each] {
        let port = files.serve(&files.config(), limits).await;
        let mut begun = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(port.address).await.unwrap();
            stream.write_all(&BEGUN).await.unwrap();
            begun.push(stream);
        }
        let good = files.certify(|_| {});
        files.greet(&port, Some(&good)).await.unwrap();
        port.counted("TOO_MANY").await;
        let ended = timeout(FOREVER, begun[0].read(&mut [0; 1])).await.unwrap();
        assert!(matches!(ended, Err(_) | Ok(0)), "{ended:?}");
    }
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
