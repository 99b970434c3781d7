//! HTTP/2 by hand, over TLS with real handshakes: what no client's library would send.

use std::collections::HashSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Mutex as AsyncMutex, Notify};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::apart::Apart;
use crate::running::Running;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Kinds and flags of frames (RFC 9113, 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const CANCEL: u32 = 8;

/// Makes connections to a service from an address of its own, each by a full handshake.
#[derive(Clone)]
pub struct Dialer {
    connector: TlsConnector,
    from: Ipv4Addr,
    to: SocketAddr,
}

impl Dialer {
    fn new(from: Ipv4Addr, to: SocketAddr, ca_file: &Path, identity_file: Option<&Path>) -> Self {
        let mut roots = RootCertStore::empty();
        for one in CertificateDer::pem_file_iter(ca_file).unwrap() {
            roots.add(one.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match identity_file {
            None => config.with_no_client_auth(),
            Some(file) => {
                let chain = CertificateDer::pem_file_iter(file).unwrap();
                let chain = chain.collect::<Result<_, _>>().unwrap();
                let key = PrivateKeyDer::from_pem_file(file).unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Self {
            connector: TlsConnector::from(Arc::new(config)),
            from,
            to,
        }
    }

    /// From the first of the addresses here to a service of `apart`; shows nothing.
    #[must_use]
    pub fn to(apart: &Apart, service: &Running) -> Self {
        Self::showing(apart, service, None)
    }

    /// The same, which shows the certificate with its key in `identity_file`.
    #[must_use]
    pub fn showing(apart: &Apart, service: &Running, identity_file: Option<&Path>) -> Self {
        let from = addresses(1).next().unwrap();
        let ca_file = apart.file("peers-ca.pem");
        Self::new(from, service.address, &ca_file, identity_file)
    }

    /// The same from another address.
    #[must_use]
    pub fn from(&self, from: Ipv4Addr) -> Self {
        Self {
            from,
            ..self.clone()
        }
    }

    /// A connection on which nothing was said.
    pub async fn tcp(&self) -> io::Result<TcpStream> {
        self.tcp_by(TcpSocket::new_v4()?).await
    }

    /// One on which hands were shaken, and where not much waits to be read.
    pub async fn narrow_tls(&self) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(64 * 1024)?;
        let name = ServerName::from(self.to.ip());
        self.connector
            .connect(name, self.tcp_by(socket).await?)
            .await
    }

    async fn tcp_by(&self, socket: TcpSocket) -> io::Result<TcpStream> {
        socket.bind((self.from, 0).into())?;
        let stream = socket.connect(self.to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// One on which hands were shaken, and nothing more.
    pub async fn tls(&self) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::from(self.to.ip());
        self.connector.connect(name, self.tcp().await?).await
    }

    /// One on which a whole greeting of TLS was said, whose answer is not read.
    pub async fn greeted(&self) -> io::Result<TcpStream> {
        let name = ServerName::from(self.to.ip());
        let tls = ClientConnection::new(self.connector.config().clone(), name);
        let mut greeting = Vec::new();
        tls.map_err(io::Error::other)?.write_tls(&mut greeting)?;
        let mut stream = self.tcp().await?;
        // It may have been closed already.
        let _ = stream.write_all(&greeting).await;
        Ok(stream)
    }

    /// One that HTTP/2 is spoken on, with much room for answers.
    pub async fn http2(&self) -> io::Result<Wire> {
        self.http2_with(i32::MAX.cast_unsigned()).await
    }

    /// The same with room for so many bytes of each answer: the service keeps the rest.
    pub async fn http2_with(&self, window_bytes: u32) -> io::Result<Wire> {
        let (reader, writer) = split(self.tls().await?);
        let writer = Writer(Arc::new(AsyncMutex::new(writer)));
        // The setting 4 is `SETTINGS_INITIAL_WINDOW_SIZE`.
        writer.write(&greeting(&[(4, window_bytes)])).await?;
        let seen = Arc::new(Seen::default());
        Ok(Wire {
            reading: tokio::spawn(read(reader, writer.clone(), seen.clone())),
            writer,
            seen,
            next: 1,
            authority: self.to.to_string(),
        })
    }
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "from {} to {}", self.from, self.to)
    }
}

/// What came back on a connection.
#[derive(Debug, Default)]
struct Seen {
    ended: Mutex<HashSet<u32>>,
    pongs: AtomicUsize,
    /// Why the service wants no more, or that it has closed.
    end: OnceLock<String>,
    something: Notify,
}

/// Where whole frames are written, one write after the other.
#[derive(Debug, Clone)]
struct Writer(Arc<AsyncMutex<WriteHalf<TlsStream<TcpStream>>>>);

impl Writer {
    async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut writer = self.0.lock().await;
        writer.write_all(bytes).await?;
        writer.flush().await
    }
}

/// A connection whose frames are written by hand; what comes is counted, and pings are answered:
/// who does not answer them is taken for gone.
#[derive(Debug)]
pub struct Wire {
    writer: Writer,
    reading: JoinHandle<()>,
    seen: Arc<Seen>,
    next: u32,
    authority: String,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// What streams begin with.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// The path of the RPC.
    pub path: &'a str,
    /// What follows at once, of some KiB at most; nothing: the service waits for it.
    pub said: &'a [u8],
    /// Whether that is all.
    pub is_whole: bool,
}

impl Wire {
    /// Opens that many streams in one write; returns their numbers.
    pub async fn open(&mut self, count: usize, opening: Opening<'_>) -> io::Result<Vec<u32>> {
        let (mut bytes, mut opened) = (Vec::new(), Vec::new());
        for _ in 0..count {
            opened.push(self.next);
            self.begin(&mut bytes, opening);
        }
        self.write(&bytes).await?;
        Ok(opened)
    }

    /// Opens and resets that many streams in one write.
    pub async fn open_and_reset(&mut self, count: usize, opening: Opening<'_>) -> io::Result<()> {
        let mut bytes = Vec::new();
        for _ in 0..count {
            let stream = self.next;
            self.begin(&mut bytes, opening);
            bytes.extend(frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()));
        }
        self.write(&bytes).await
    }

    fn begin(&mut self, to: &mut Vec<u8>, opening: Opening<'_>) {
        let block = header_block(opening.path, &self.authority);
        to.extend(frame(HEADERS, END_HEADERS, self.next, &block));
        if opening.is_whole || !opening.said.is_empty() {
            let flags = if opening.is_whole { END_STREAM } else { 0 };
            to.extend(frame(DATA, flags, self.next, opening.said));
        }
        self.next += 2;
    }

    /// Resets streams, as a client that lost interest.
    pub async fn reset(&mut self, streams: &[u32]) -> io::Result<()> {
        let reset = |stream: &u32| frame(RST_STREAM, 0, *stream, &CANCEL.to_be_bytes());
        let bytes: Vec<u8> = streams.iter().flat_map(reset).collect();
        self.write(&bytes).await
    }

    /// Has the service refuse streams by an error that it finds itself: a window
    /// grows beyond what there can be.
    pub async fn break_rules(&mut self, streams: &[u32]) -> io::Result<()> {
        let most = i32::MAX.to_be_bytes();
        let too_much = |stream: &u32| frame(WINDOW_UPDATE, 0, *stream, &most);
        let bytes: Vec<u8> = streams.iter().flat_map(too_much).collect();
        self.write(&bytes).await
    }

    /// That many empty frames of data on a stream.
    pub async fn empty_data(&mut self, stream: u32, count: usize) -> io::Result<()> {
        self.write(&frame(DATA, 0, stream, &[]).repeat(count)).await
    }

    /// Waits until everything that was written has been read.
    pub async fn read_through(&mut self) -> io::Result<()> {
        let before = self.seen.pongs.load(Ordering::Relaxed);
        self.write(&frame(PING, 0, 0, &[0; 8])).await?;
        self.until(|seen| seen.pongs.load(Ordering::Relaxed) > before)
            .await
    }

    /// Streams that were opened and have not ended; none where the connection has.
    #[must_use]
    pub fn held(&self) -> usize {
        if self.is_over() {
            return 0;
        }
        let opened = usize::try_from(self.next / 2).unwrap();
        opened - self.seen.ended.lock().unwrap().len()
    }

    /// Whether the service has said that it wants no more, or has closed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.seen.end.get().is_some()
    }

    async fn until(&self, is: impl Fn(&Seen) -> bool) -> io::Result<()> {
        loop {
            let something = self.seen.something.notified();
            if is(&self.seen) {
                return Ok(());
            }
            if let Some(end) = self.seen.end.get() {
                return Err(io::Error::new(
                    io::ErrorKind::ConnectionAborted,
                    end.clone(),
                ));
            }
            something.await;
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write(bytes).await
    }
}

async fn read(mut reader: ReadHalf<TlsStream<TcpStream>>, writer: Writer, seen: Arc<Seen>) {
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::Relaxed);
    while let Ok(whole) = next_frame(&mut reader).await {
        let (kind, flags, payload) = (whole[3], whole[4], &whole[9..]);
        let stream = u32::from_be_bytes([whole[5], whole[6], whole[7], whole[8]]);
        let is_end = match kind {
            DATA | HEADERS => flags & END_STREAM > 0,
            RST_STREAM => true,
            _ => false,
        };
        if is_end {
            seen.ended.lock().unwrap().insert(stream);
        }
        match kind {
            PING if flags & ACK > 0 => _ = count(&seen.pongs),
            // Where it fails the connection has ended, as the next frame will tell.
            PING => _ = writer.write(&frame(PING, ACK, 0, payload)).await,
            GOAWAY => _ = seen.end.set(String::from_utf8_lossy(payload).into_owned()),
            _ => {}
        }
        seen.something.notify_waiters();
    }
    let _ = seen.end.set("closed".to_owned());
    seen.something.notify_waiters();
}

/// The next frame, head and all; an error where the connection has ended.
pub async fn next_frame(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = [0; 9];
    reader.read_exact(&mut head).await?;
    let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut whole = head.to_vec();
    whole.resize(head.len() + usize::try_from(len).unwrap(), 0);
    reader.read_exact(&mut whole[head.len()..]).await?;
    Ok(whole)
}

/// What a client begins with: settings by their number, and room for as much of all streams
/// together as there can be.
#[must_use]
pub fn greeting(settings: &[(u16, u32)]) -> Vec<u8> {
    let setting = |(id, value): &(u16, u32)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat();
    let settings: Vec<u8> = settings.iter().flat_map(setting).collect();
    let mut greeting = PREFACE.to_vec();
    greeting.extend(frame(SETTINGS, 0, 0, &settings));
    greeting.extend(frame(WINDOW_UPDATE, 0, 0, &0x7fff_0000_u32.to_be_bytes()));
    greeting
}

/// A whole call with that message, on that stream.
#[must_use]
pub fn call(stream: u32, path: &str, message: &[u8]) -> Vec<u8> {
    let mut bytes = frame(HEADERS, END_HEADERS, stream, &header_block(path, "gazelle"));
    let len = u32::try_from(message.len()).unwrap().to_be_bytes();
    let body = [&[0], &len[..], message].concat();
    bytes.extend(frame(DATA, END_STREAM, stream, &body));
    bytes
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![len[1], len[2], len[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The head of a call by gRPC; nothing of it is kept for the next (RFC 7541, 6.2.2).
fn header_block(path: &str, authority: &str) -> Vec<u8> {
    // `POST` and `https`, as the static table has them.
    let mut block = vec![0x83, 0x87];
    let mut named = |index: &[u8], value: &str| {
        block.extend(index);
        block.extend(text(value));
    };
    named(&[0x04], path);
    named(&[0x01], authority);
    named(&[0x0f, 0x10], "application/grpc");
    block.push(0);
    block.extend(text("te"));
    block.extend(text("trailers"));
    block
}

/// A text of at most 126 bytes as it is, behind its length.
fn text(value: &str) -> Vec<u8> {
    let len = u8::try_from(value.len()).unwrap();
    assert!(len < 127, "{value}");
    [&[len], value.as_bytes()].concat()
}

/// That many addresses of loopback which nobody else here calls from.
pub fn addresses(count: u8) -> impl Iterator<Item = Ipv4Addr> {
    let [.., low] = std::process::id().to_be_bytes();
    (1..=count).map(move |at| Ipv4Addr::new(127, 200, low, at))
}
