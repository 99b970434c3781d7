//! A provider on a socket of its own, which says what it is told to.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::{
    config::Kind,
    tls::fixture::{Authority, Certified, server},
};

mod unfit;

/// What a provider says, and how often it was asked for its keys.
struct Provider {
    issuer: String,
    says: Arc<Says>,
    _serving: AbortOnDropHandle<()>,
}

struct Says {
    document: Mutex<Value>,
    keys: Mutex<Option<Value>>,
    asked: AtomicUsize,
    /// Where the keys are said to be instead.
    moved: Mutex<Option<String>>,
    /// What is answered to everything instead, byte for byte, before nothing more is said.
    whole: Mutex<Option<Vec<u8>>>,
}

/// A key set with one key of that id.
fn key_set(id: &str) -> Value {
    json!({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": id,
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }]})
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let document = json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")});
        let says = Arc::new(Says {
            document: Mutex::new(document),
            keys: Mutex::new(Some(key_set("first"))),
            asked: AtomicUsize::new(0),
            moved: Mutex::new(None),
            whole: Mutex::new(None),
        });
        let serving = tokio::spawn(serve(listener, says.clone()));
        Self {
            issuer,
            says,
            _serving: AbortOnDropHandle::new(serving),
        }
    }

    /// Its keys, kept by a task that ends with the second.
    async fn keys(&self) -> (Arc<Discovered>, AbortOnDropHandle<()>) {
        keys_of(&self.issuer, None).await
    }

    /// The address of a port that speaks TLS with that certificate, behind which it is.
    async fn behind(self, shown: &Certified) -> String {
        let chain = CertificateDer::pem_slice_iter(shown.certificate.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.collect::<Result<_, _>>().unwrap(), key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("https://{}", listener.local_addr().unwrap());
        *self.says.document.lock() =
            json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")});
        tokio::spawn(async move {
            let behind = self;
            let plain = behind.issuer.trim_start_matches("http://");
            while let Ok((stream, _)) = listener.accept().await {
                // Who does not believe the certificate goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut handed_on = TcpStream::connect(plain).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut handed_on).await;
            }
        });
        issuer
    }

    fn asked(&self) -> usize {
        self.says.asked.load(Ordering::Relaxed)
    }
}

async fn keys_of(
    issuer: &str,
    ca_file: Option<PathBuf>,
) -> (Arc<Discovered>, AbortOnDropHandle<()>) {
    let config = IssuerConfig {
        jwks_file: None,
        discovery: true,
        ca_file,
        ..IssuerConfig::in_file(issuer, "".into(), &Kind::ALL)
    };
    let discovered = Arc::new(Discovered::new(&config).unwrap());
    let keeping = AbortOnDropHandle::new(tokio::spawn(discovered.clone().keep()));
    discovered.clone().first().await;
    (discovered, keeping)
}

async fn serve(listener: TcpListener, says: Arc<Says>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let whole = says.whole.lock().clone();
        if let Some(whole) = whole {
            // Who has heard enough goes away.
            let _ = stream.write_all(&whole).await;
            let _ = stream.read_u8().await;
            continue;
        }
        let body = if head.starts_with(b"GET /keys ") {
            says.asked.fetch_add(1, Ordering::Relaxed);
            says.keys.lock().as_ref().map(Value::to_string)
        } else {
            assert!(head.starts_with(b"GET /.well-known/openid-configuration "));
            Some(says.document.lock().to_string())
        };
        let moved = says.moved.lock().clone();
        let status = match (&body, moved.filter(|_| head.starts_with(b"GET /keys "))) {
            (_, Some(to)) => format!("302 Found\r\nlocation: {to}"),
            (Some(_), None) => "200 OK".to_owned(),
            (None, None) => "503 Service Unavailable".to_owned(),
        };
        let body = body.unwrap_or_default();
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn has(keys: &Discovered, id: &str) -> bool {
    keys.current().contains_key(id)
}

#[tokio::test]
async fn a_key_that_is_not_known_is_asked_for_once_for_all_who_wait_and_not_at_once_again() {
    let provider = Provider::start().await;
    let (keys, _keeping) = provider.keys().await;
    assert!(has(&keys, "first"));
    *provider.says.keys.lock() = Some(key_set("second"));
    let sought = futures::future::join_all((0..100).map(|_| keys.seek())).await;
    assert!(sought.into_iter().all(|sought| sought));
    assert!(has(&keys, "second") && !has(&keys, "first"));
    assert_eq!(provider.asked(), 2);

    *provider.says.keys.lock() = Some(key_set("third"));
    assert!(!keys.seek().await);
    assert_eq!(provider.asked(), 2);
}

#[tokio::test]
async fn over_tls_a_provider_is_believed_for_whom_the_authority_vouches() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let issuer = Provider::start()
        .await
        .behind(&ours.certify(server()))
        .await;
    let folder = tempfile::tempdir().unwrap();
    for (authority, count) in [(&ours, 1), (&other, 0)] {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, &authority.pem).unwrap();
        let (keys, _keeping) = keys_of(&issuer, Some(file)).await;
        assert_eq!(keys.current().len(), count);
    }
    // The system's authorities do not know it either.
    let (keys, _keeping) = keys_of(&issuer, None).await;
    assert!(keys.current().is_empty());
}

#[tokio::test]
async fn keys_are_taken_from_where_the_document_says_over_tls_too_and_from_nowhere_else() {
    let (ours, others) = (Authority::new("ours"), Provider::start().await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &ours.pem).unwrap();
    let provider = Provider::start().await;
    let says = provider.says.clone();
    let issuer = provider.behind(&ours.certify(server())).await;
    let elsewhere = format!("{}/keys", others.issuer);
    says.document.lock()["jwks_uri"] = json!(elsewhere);
    let (keys, _keeping) = keys_of(&issuer, Some(file.clone())).await;
    assert!(keys.current().is_empty());

    says.document.lock()["jwks_uri"] = json!(format!("{issuer}/keys"));
    *says.moved.lock() = Some(elsewhere);
    let (keys, _keeping) = keys_of(&issuer, Some(file.clone())).await;
    assert!(keys.current().is_empty());
    assert_eq!(others.asked(), 0);

    *says.moved.lock() = None;
    let (keys, _keeping) = keys_of(&issuer, Some(file)).await;
    assert!(has(&keys, "first"));
}

#[tokio::test]
async fn while_the_provider_has_no_keys_the_last_ones_stay() {
    let provider = Provider::start().await;
    let (keys, _keeping) = provider.keys().await;
    *provider.says.keys.lock() = None;
    assert!(keys.seek().await);
    assert_eq!(provider.asked(), 2);
    assert!(has(&keys, "first"));
}

#[tokio::test]
async fn keys_that_another_issuer_vouches_for_are_not_taken() {
    let provider = Provider::start().await;
    provider.says.document.lock()["issuer"] = json!("https://somebody.example");
    let (keys, _keeping) = provider.keys().await;
    assert!(keys.current().is_empty());
    assert_eq!(provider.asked(), 0);
}

#[tokio::test]
async fn keys_are_not_fetched_from_where_others_can_listen_and_not_without_end() {
    let provider = Provider::start().await;
    provider.says.document.lock()["jwks_uri"] = json!("http://192.0.2.1/keys");
    let (keys, _keeping) = provider.keys().await;
    assert!(keys.current().is_empty());

    let provider = Provider::start().await;
    *provider.says.keys.lock() = Some(json!({"keys": [], "more": "a".repeat(300 * 1024)}));
    let (keys, _keeping) = provider.keys().await;
    assert!(keys.current().is_empty());
}
