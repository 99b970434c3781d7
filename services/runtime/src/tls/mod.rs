//! TLS on the port for gRPC, and who the certificates of its clients name.
//!
//! Certificate, key, authorities and lists of what those have taken back are files. They are
//! looked at again each second and with each handshake, and taken together or not at all: while
//! they do not fit, the last set that did stays in force. A handshake sees the set of when it was
//! greeted. A connection lives on when the set changes, except where its client's certificate
//! would not be believed any more: revoked, of an authority that is gone, or past its time. Then
//! what is called on it is refused by that reason, and it ends a few seconds later.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use gazelle_client::watched::{FileError, Watched};
use opentelemetry::{KeyValue, global, metrics::Counter};
use rustls::{pki_types::CertificateDer, server::Acceptor};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};
use tokio_util::task::AbortOnDropHandle;

use self::{expiry::Expiry, greetings::Greetings, live::Live, set::Set, workload::Workload};
use crate::{
    config::{ServerConfig, TlsConfig, Transport},
    telemetry::seldom::Seldom,
};

mod expiry;
mod failure;
mod greetings;
mod live;
mod set;
mod verify;
pub mod workload;

pub use expiry::keep_shown;
pub(crate) use live::LiveConnection;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// After so many looks connections are checked, though no file changed: certificates end.
const LOOKS_MAX: u32 = 30;

/// HTTP/2, and the older one for pages that call over gRPC-Web.
const H2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Opens the files that the configuration names.
pub fn check(config: &ServerConfig) -> Result<(), FileError> {
    match &config.transport {
        Transport::Plaintext => Ok(()),
        Transport::Tls(tls) => open(tls, false).map(|_| ()),
    }
}

fn open(config: &TlsConfig, takes_http1: bool) -> Result<Watched<Set>, FileError> {
    let files = set::files(config);
    let config = config.clone();
    Watched::open_all(files, move |contents| {
        let protocols: &[_] = if takes_http1 { &[H2, HTTP1] } else { &[H2] };
        set::read(&config, protocols, contents)
    })
}

/// TLS of one server.
pub(crate) struct Tls {
    service: &'static str,
    set: Watched<Set>,
    live: Arc<Live>,
    greetings: Greetings,
    handshakes: Counter<u64>,
    lines: Seldom,
    #[cfg(test)]
    told: parking_lot::Mutex<Option<&'static str>>,
}

/// What came of a handshake.
pub(crate) struct Secured {
    pub(crate) stream: Box<TlsStream<TcpStream>>,
    pub(crate) workload: Option<Workload>,
    /// Held as long as the connection is open.
    pub(crate) place: Option<LiveConnection>,
}

/// Why there is no connection.
pub(crate) enum Failure {
    /// It took too long.
    Timeout,
    /// It had to give way to another.
    TooMany,
    /// Of the handshake itself, or of the connection under it, which is left over.
    Handshake(io::Error, Option<TcpStream>),
}

/// How long, and for how many bytes, a client is listened to that was told why it is refused.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES_MAX: u64 = 64 * 1024;

impl Failure {
    /// Lets the client hear why. It believes itself connected and has begun to talk; what is not
    /// read of that when the connection is closed would make its system forget the alert.
    pub(crate) async fn linger(self) {
        if let Self::Handshake(_, Some(mut stream)) = self {
            let hears = async {
                stream.shutdown().await?;
                let mut rest = stream.take(LINGER_BYTES_MAX);
                tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
            };
            let _gone = timeout(LINGER, hears).await;
        }
    }
}

impl Tls {
    pub(crate) fn open(
        service: &'static str,
        config: &TlsConfig,
        takes_http1: bool,
    ) -> Result<Arc<Self>, FileError> {
        let set = open(config, takes_http1)?;
        let handshakes = global::meter("gazelle")
            .u64_counter("gazelle.tls.handshakes")
            .with_description("Handshakes by outcome: `OK`, or why not")
            .build();
        for outcome in ["OK", "ENDED"].iter().chain(&failure::REASONS) {
            handshakes.add(0, &labels(service, outcome));
        }
        let tls = Self {
            service,
            set,
            live: Arc::default(),
            greetings: Greetings::default(),
            handshakes,
            lines: Seldom::default(),
            #[cfg(test)]
            told: parking_lot::Mutex::default(),
        };
        Ok(Arc::new(tls))
    }

    /// Looks at the files, and at who is connected, until the handle is dropped.
    pub(crate) fn keep(self: &Arc<Self>) -> AbortOnDropHandle<()> {
        let tls = self.clone();
        let expiry = Expiry::new(self.service);
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut looks = interval(LOOK);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut last = tls.set.current();
            let mut since = 0;
            loop {
                looks.tick().await;
                since += 1;
                let now = tls.set.current();
                expiry.record(&now.ends);
                if since < LOOKS_MAX && Arc::ptr_eq(&last, &now) {
                    continue;
                }
                since = 0;
                last = now.clone();
                let tls = tls.clone();
                // A signature for each connection: not on a thread that serves calls.
                let looked = tokio::task::spawn_blocking(move || {
                    let ended = tls.live.look_again(now.clients.as_deref());
                    tls.count("ENDED", ended);
                });
                if looked.await.is_err() {
                    tracing::error!("connections could not be looked at again");
                }
            }
        }))
    }

    /// Shakes hands on the connection with that number, which comes from that address; says when
    /// its greeting was answered.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        (from, connection): (IpAddr, u64),
        answered: impl FnOnce(),
    ) -> Result<Secured, Failure> {
        // Read to its end before its turn, so that nobody takes one and says nothing.
        let mut greeting = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let greeted = match (&mut greeting).await {
            Ok(greeted) => greeted,
            Err(error) => return Err(Failure::Handshake(error, greeting.take_io())),
        };
        let set = self.set.current();
        let answer = || greeted.into_stream(set.server.clone());
        let shaking = self.greetings.answer(from, answer).await;
        answered();
        let shaken = shaking.into_fallible().await;
        let stream = shaken.map_err(|(error, stream)| Failure::Handshake(error, Some(stream)))?;
        let chain = stream.get_ref().1.peer_certificates();
        let (workload, place) = match (&set.clients, chain) {
            (Some(clients), Some(chain)) => {
                let workload = clients.workload(chain);
                let workload = workload.map_err(|error| Failure::Handshake(other(error), None))?;
                let place = self.live.enter(
                    connection,
                    workload.clone(),
                    chain
                        .iter()
                        .cloned()
                        .map(CertificateDer::into_owned)
                        .collect(),
                );
                self.look_once_more(&set, chain)?;
                (Some(workload), Some(place))
            }
            _ => (None, None),
        };
        Ok(Secured {
            stream: Box::new(stream),
            workload,
            place,
        })
    }

    /// The set may have changed while hands were shaken, before anybody knew of the connection.
    fn look_once_more(&self, set: &Arc<Set>, chain: &[CertificateDer<'_>]) -> Result<(), Failure> {
        let now = self.set.current();
        match &now.clients {
            _ if Arc::ptr_eq(set, &now) => Ok(()),
            Some(clients) => clients
                .still_believes(chain)
                .map_err(|error| Failure::Handshake(other(error), None)),
            None => Ok(()),
        }
    }

    fn count(&self, outcome: &'static str, times: u64) {
        self.handshakes.add(times, &labels(self.service, outcome));
        #[cfg(test)]
        if times > 0 && outcome != "OK" {
            *self.told.lock() = Some(outcome);
        }
    }

    /// Counts what came of a handshake, and tells of those that failed whose they were, of some.
    pub(crate) fn tell(&self, origin: IpAddr, failure: Option<&Failure>) {
        let (outcome, cause) = match failure {
            None => ("OK", None),
            Some(Failure::Timeout) => ("TIMEOUT", None),
            Some(Failure::TooMany) => ("TOO_MANY", None),
            Some(Failure::Handshake(error, _)) => (failure::reason(error), Some(error)),
        };
        self.count(outcome, 1);
        // Whoever only looks whether the port is open is no line worth.
        if failure.is_none() || outcome == "CLOSED" {
            return;
        }
        if let Some(left_out) = self.lines.line() {
            let cause = cause.map(tracing::field::display);
            tracing::info!(%origin, outcome, cause, left_out, "no connection: the handshake failed");
        }
    }
}

fn labels(service: &'static str, outcome: &'static str) -> [KeyValue; 2] {
    [
        KeyValue::new("service", service),
        KeyValue::new("outcome", outcome),
    ]
}

fn other(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
