//! Providers that are not who they should be, and answers that are not what they should be.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, SanType};
use time::ext::NumericalDuration as _;

use super::*;
use crate::clock::Clock;

/// Of what a certificate has.
type Change<'a> = &'a dyn Fn(&mut CertificateParams);

/// What is behind the port of a provider that shows that certificate, for whoever trusts `ours`.
async fn keys_behind(ours: &Authority, shown: &Certified) -> usize {
    let issuer = Provider::start().await.behind(shown).await;
    let folder = tempfile::tempdir().unwrap();
    let (keys, _keeping) = keys_of(&issuer, Some(in_file(ours, &folder))).await;
    keys.current().len()
}

fn in_file(authority: &Authority, folder: &tempfile::TempDir) -> PathBuf {
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    file
}

#[tokio::test]
async fn a_provider_shows_a_certificate_in_its_time_for_servers_and_of_its_own_name() {
    let ours = Authority::new("ours");
    let now = Clock::system().now();
    let certify = |change: Change<'_>| {
        let mut params = server();
        change(&mut params);
        ours.certify(params)
    };
    assert_eq!(keys_behind(&ours, &certify(&|_| {})).await, 1);
    let other = SanType::DnsName("provider.example".try_into().unwrap());
    let wrong: [(&str, Change<'_>); 4] = [
        ("expired", &|it| it.not_after = now - 1.hours()),
        ("not yet valid", &|it| it.not_before = now + 1.hours()),
        ("for clients", &|it| {
            it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }),
        ("another's", &|it| {
            it.subject_alt_names = vec![other.clone()];
        }),
    ];
    for (what, change) in wrong {
        assert_eq!(keys_behind(&ours, &certify(change)).await, 0, "{what}");
    }
}

#[tokio::test]
async fn keys_at_another_host_are_taken_where_the_same_authorities_vouch_for_it() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let folder = tempfile::tempdir().unwrap();
    let file = in_file(&ours, &folder);
    for (authority, count) in [(&ours, 1), (&other, 0)] {
        let elsewhere = Provider::start()
            .await
            .behind(&authority.certify(server()))
            .await;
        let provider = Provider::start().await;
        let says = provider.says.clone();
        let issuer = provider.behind(&ours.certify(server())).await;
        says.document.lock()["jwks_uri"] = json!(format!("{elsewhere}/keys"));
        let (keys, _keeping) = keys_of(&issuer, Some(file.clone())).await;
        assert_eq!(keys.current().len(), count);
        assert_eq!(says.asked.load(Ordering::Relaxed), 0);
    }
}

/// A good answer of HTTP with that body.
fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// What a provider answers to everything, and is nothing that keys come from.
fn unfit() -> [(&'static str, Vec<u8>); 8] {
    let key = key_set("first").to_string();
    let endless = "a".repeat(ANSWER_MORE);
    [
        ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        ("a page", ok(b"<html>Sign in</html>")),
        ("no object", ok(b"[]")),
        ("a document without keys", ok(br#"{"issuer": "x"}"#)),
        ("keys in place of the document", ok(key.as_bytes())),
        ("not JSON to its end", ok(&key.as_bytes()[..key.len() - 1])),
        (
            "a head without end",
            format!("HTTP/1.1 200 OK\r\nx: {endless}").into(),
        ),
        (
            "a body without end",
            format!("HTTP/1.1 200 OK\r\n\r\n{endless}").into(),
        ),
    ]
}

/// More than is read of an answer, or of its head.
const ANSWER_MORE: usize = 1024 * 1024;

#[tokio::test]
async fn what_does_not_fit_leaves_the_last_keys() {
    let ours = Authority::new("ours");
    let folder = tempfile::tempdir().unwrap();
    for (what, answer) in unfit() {
        let provider = Provider::start().await;
        let says = provider.says.clone();
        let issuer = provider.behind(&ours.certify(server())).await;
        let (keys, _keeping) = keys_of(&issuer, Some(in_file(&ours, &folder))).await;
        assert!(has(&keys, "first"));
        *says.whole.lock() = Some(answer);
        assert!(keys.seek().await, "{what}");
        assert!(has(&keys, "first"), "{what}");
        assert_eq!(says.asked.load(Ordering::Relaxed), 1, "{what}");
    }
}

#[tokio::test]
async fn who_says_nothing_or_not_all_is_not_waited_for_for_ever() {
    let fetched = async |begun: &str| {
        let provider = Provider::start().await;
        *provider.says.whole.lock() = Some(begun.into());
        let (keys, _keeping) = provider.keys().await;
        keys.current().len()
    };
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
    assert_eq!(tokio::join!(fetched(""), fetched(cut)), (0, 0));
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_gone_with_the_next_fetch_whatever_its_name() {
    let provider = Provider::start().await;
    let (keys, _keeping) = provider.keys().await;
    let before = keys.current()["first"].thumbprint.clone();
    let mut other = key_set("first");
    other["keys"][0]["x"] = json!("qK2WbW8dZ8l7T2oVn0mZ6rYpDYV5m2oS3rj3fVxq0fM");
    *provider.says.keys.lock() = Some(other);
    assert!(keys.seek().await);
    assert_ne!(keys.current()["first"].thumbprint, before);
}
