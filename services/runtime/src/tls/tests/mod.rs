//! A port with TLS, and clients of every kind.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use futures::StreamExt as _;
use gazelle_client::TlsFiles;
use gazelle_client::channel::channel;
use rcgen::CertificateParams;
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{PrivateKeyDer, ServerName, pem::PemObject as _},
};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected as _;

use super::{
    fixture::{Authority, Certified, client, now, server},
    *,
};
use crate::{
    config::{ClientCertificate, ClientTlsConfig, LimitsConfig, TrustDomain},
    port::{
        connection::Connection,
        incoming::{Held, Open, incoming},
        remote::Remote,
    },
};

mod bounds;
mod certificates;
mod lists;
mod rotation;

/// Bounds what would otherwise hang; no test waits this long.
const FOREVER: Duration = Duration::from_secs(30);

const ALPHA: &str = "spiffe://gazelle.example/platform/alpha";

/// The files of a server, and who vouches for whom.
struct ServerFiles {
    folder: tempfile::TempDir,
    servers: Authority,
    clients: Authority,
}

/// A port that answers with who is there, byte for byte what its certificate says.
struct TellingPort {
    address: SocketAddr,
    tls: Arc<Tls>,
    /// Who was connected, one after the other.
    seen: Arc<parking_lot::Mutex<Vec<String>>>,
    _serving: AbortOnDropHandle<()>,
    _keeping: AbortOnDropHandle<()>,
}

fn until_tomorrow() -> OffsetDateTime {
    now() + time::Duration::DAY
}

impl ServerFiles {
    fn new() -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
            servers: Authority::new("servers"),
            clients: Authority::new("clients"),
        };
        files.show(&files.servers.certify(server()));
        files.write("clients-ca.pem", &files.clients.pem);
        files.write("crl.pem", &files.clients.revoked(&[], until_tomorrow()));
        files
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whole, as whoever rotates files does it.
    fn write(&self, name: &str, text: &str) {
        fs::write(self.file("next"), text).unwrap();
        fs::rename(self.file("next"), self.file(name)).unwrap();
    }

    fn show(&self, certified: &Certified) {
        self.write("tls.key", &certified.key);
        self.write("tls.crt", &certified.certificate);
    }

    fn config(&self) -> TlsConfig {
        TlsConfig {
            certificate_file: self.file("tls.crt"),
            key_file: self.file("tls.key"),
            clients: Some(ClientTlsConfig {
                ca_file: self.file("clients-ca.pem"),
                crl_files: vec![self.file("crl.pem")],
                trust_domain: TrustDomain::parse("gazelle.example").unwrap(),
                certificate: ClientCertificate::Optional,
            }),
            allow_tls12: false,
        }
    }

    fn certify(&self, change: impl FnOnce(&mut CertificateParams)) -> Certified {
        let mut params = client(ALPHA);
        change(&mut params);
        self.clients.certify(params)
    }

    async fn serve(&self, config: &TlsConfig, limits: LimitsConfig) -> TellingPort {
        let tls = Tls::open("usage", config, false).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let end = CancellationToken::new();
        let open = Open::new("usage");
        let accepted = incoming(listener, &limits, Some(tls.clone()), open, end).unwrap();
        let seen = Arc::<parking_lot::Mutex<Vec<String>>>::default();
        let saw = seen.clone();
        let serving = tokio::spawn(accepted.for_each(move |connection| {
            let connection = connection.unwrap();
            let actor = actor(&connection.connect_info());
            saw.lock().push(actor.clone());
            tokio::spawn(answer(connection, actor));
            std::future::ready(())
        }));
        TellingPort {
            address,
            _keeping: tls.keep(),
            tls,
            seen,
            _serving: AbortOnDropHandle::new(serving),
        }
    }

    /// What the port says to a client; its error is how the port ended it.
    async fn greet(&self, port: &TellingPort, shown: Option<&Certified>) -> io::Result<String> {
        self.greet_with(port, shown, &[&rustls::version::TLS13])
            .await
    }

    async fn greet_with(
        &self,
        port: &TellingPort,
        shown: Option<&Certified>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<String> {
        let mut stream = self.connect(port, shown, versions).await?;
        say(&mut stream).await
    }

    async fn connect(
        &self,
        port: &TellingPort,
        shown: Option<&Certified>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(self.servers.pem.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => builder.with_no_client_auth(),
            Some(shown) => {
                let chain = CertificateDer::pem_slice_iter(shown.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
                builder
                    .with_client_auth_cert(chain.map(Result::unwrap).collect(), key)
                    .unwrap()
            }
        };
        let stream = TcpStream::connect(port.address).await?;
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        timeout(FOREVER, connector.connect(name, stream))
            .await
            .unwrap()
    }
}

impl ServerFiles {
    /// The certificate that the port shows.
    async fn shown(&self, port: &TellingPort) -> Vec<u8> {
        let versions = [&rustls::version::TLS13];
        let stream = self.connect(port, None, &versions).await.unwrap();
        let chain = stream.get_ref().1.peer_certificates().unwrap();
        chain[0].to_vec()
    }
}

impl TellingPort {
    /// Waits until an outcome was counted; counts from here on anew.
    async fn counted(&self, outcome: &'static str) {
        let wait = async {
            while self.tls.told.lock().take() != Some(outcome) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let counted = timeout(FOREVER, wait).await;
        assert!(counted.is_ok(), "no {outcome}");
    }
}

/// As long as a greeting must be.
const GREETING: [u8; 40] = [b'.'; 40];

async fn say(stream: &mut tokio_rustls::client::TlsStream<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    let said = async {
        stream.write_all(&GREETING).await?;
        while !line.ends_with(b"\n") {
            line.push(stream.read_u8().await?);
        }
        Ok::<_, io::Error>(())
    };
    timeout(FOREVER, said).await.unwrap()?;
    Ok(String::from_utf8(line).unwrap().trim().to_owned())
}

fn actor(remote: &Remote) -> String {
    let workload = remote.workload.as_ref();
    workload.map_or_else(
        || "nobody".to_owned(),
        |workload| workload.principal.actor().to_string(),
    )
}

/// Says who is connected for as long as somebody asks.
async fn answer(mut connection: Connection<Held>, actor: String) {
    let line = format!("{actor}\n");
    let mut buffer = GREETING;
    while connection.read_exact(&mut buffer).await.is_ok() {
        if connection.write_all(line.as_bytes()).await.is_err() {
            return;
        }
        if connection.flush().await.is_err() {
            return;
        }
    }
}
