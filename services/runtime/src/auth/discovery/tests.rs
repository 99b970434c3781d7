//! A provider on a socket of its own, which says what it is told to.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_util::task::AbortOnDropHandle;

use super::*;

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
        let config = IssuerConfig {
            jwks_file: None,
            discovery: true,
            ..IssuerConfig::for_all(&self.issuer, "".into())
        };
        let discovered = Arc::new(Discovered::new(&config).unwrap());
        let keeping = AbortOnDropHandle::new(tokio::spawn(discovered.clone().keep()));
        discovered.clone().first().await;
        (discovered, keeping)
    }

    fn asked(&self) -> usize {
        self.says.asked.load(Ordering::Relaxed)
    }
}

async fn serve(listener: TcpListener, says: Arc<Says>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let body = if head.starts_with(b"GET /keys ") {
            says.asked.fetch_add(1, Ordering::Relaxed);
            says.keys.lock().as_ref().map(Value::to_string)
        } else {
            assert!(head.starts_with(b"GET /.well-known/openid-configuration "));
            Some(says.document.lock().to_string())
        };
        let status = if body.is_some() {
            "200 OK"
        } else {
            "503 Service Unavailable"
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
