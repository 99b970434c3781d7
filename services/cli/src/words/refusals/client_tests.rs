//! What the client says of addresses, certificates and tokens, in Chinese.

use std::fs;
use std::path::Path;

use gazelle_client::{Bearer, Client, ClientError, Endpoints};
use rcgen::{CertificateParams, KeyPair};
use tonic::Status;

use super::own;
use super::sentences::read;
use crate::failure::Failure;
use crate::words::{english_of, in_chinese};

/// What may stay as it is.
const KNOWN: &str =
    "https http registry example 7001 PEM TLS ca file RSA ECDSA Ed25519 BadEncoding";

fn told(error: ClientError, given: &str) -> Failure {
    let said = error.to_string();
    let failure = in_chinese(|| Failure::from(error));
    let english = english_of(failure.message(), &format!("{KNOWN} {given}"));
    assert_eq!(english, Vec::<&str>::new(), "{said}: {}", failure.message());
    failure
}

fn opened(endpoints: &Endpoints) -> Result<Client, ClientError> {
    Client::new(endpoints, &Bearer::none())
}

fn at(registry: &str) -> Endpoints {
    Endpoints {
        registry: registry.to_owned(),
        usage: String::new(),
        settlement: String::new(),
        ca_file: None,
        certificate_file: None,
        key_file: None,
    }
}

#[tokio::test]
async fn what_is_no_address_is_told_in_chinese() {
    for url in [
        "registry.example",
        "registry.example:7001",
        "//registry.example",
        "/registry",
        "ftp://registry.example",
        "http://",
        "http:// a",
        "https://a:1/x",
        "http://a?tls=1",
        "http://someone@a",
        "https://a",
    ] {
        let refused = opened(&at(url)).unwrap_err();
        assert_eq!(told(refused, url).reason(), "ENDPOINT_INVALID");
    }
}

#[tokio::test]
async fn a_file_for_tls_that_is_wrong_is_told_in_chinese() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let certificate = CertificateParams::default().self_signed(&key).unwrap();
    let good = write("good", &certificate.pem());
    let own = write("key", &key.serialize_pem());
    let another = write("other", &other.serialize_pem());
    let nothing = write("nothing", "nothing");
    let broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let broken = write("broken", broken);
    let missing = folder.path().join("missing");
    let mut endpoints = at("https://a:1");
    for (ca, certificate, key) in [
        (&nothing, &good, Some(&own)),
        (&missing, &good, Some(&own)),
        (&good, &nothing, Some(&own)),
        (&good, &good, Some(&another)),
        (&good, &good, Some(&nothing)),
        (&good, &good, Some(&broken)),
        (&good, &good, Some(&missing)),
        (&good, &good, None),
    ] {
        endpoints.ca_file = Some(ca.clone());
        endpoints.certificate_file = Some(certificate.clone());
        endpoints.key_file = key.cloned();
        let refused = opened(&endpoints).unwrap_err();
        let given = format!(
            "a {} good key other nothing broken missing",
            folder.path().display()
        );
        assert_eq!(told(refused, &given).reason(), "ENDPOINT_INVALID");
    }
}

#[test]
fn a_file_that_holds_no_token_is_told_in_chinese() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let refused = |path: &Path| {
        let error = ClientError::Token(Bearer::from_file(path).unwrap_err());
        told(error, &path.display().to_string())
    };
    assert_eq!(refused(&path).reason(), "CREDENTIAL_UNUSABLE");
    for (content, part) in [
        (b"".as_slice(), "令牌文件是空的"),
        (b"one\ntwo\n", "令牌含有不可能出现的字符"),
        ("令牌".as_bytes(), "令牌含有不可能出现的字符"),
        (b"\xff\xfea\0", "令牌含有不可能出现的字符"),
    ] {
        fs::write(&path, content).unwrap();
        let failure = refused(&path);
        assert!(failure.message().contains(part), "{}", failure.message());
    }
}

#[test]
fn what_the_client_says_of_an_answer_is_told_in_chinese() {
    for (status, told) in [
        (
            Status::internal("the service answered without a result"),
            "服务的应答中没有结果",
        ),
        (
            Status::unavailable("no acknowledgement came"),
            "没有收到确认",
        ),
        (
            Status::unauthenticated("cannot sign a token: gone"),
            "无法签发令牌（gone）",
        ),
        (Status::unavailable("broken pipe"), "连接被对方中断"),
    ] {
        let failure = in_chinese(|| Failure::from(status));
        assert_eq!(failure.message(), told);
    }
}

/// Where errors are that are told in the words of whoever made them, below `services`.
const SOURCES: [&str; 5] = [
    "client/src/error.rs",
    "client/src/token.rs",
    "client/src/watched.rs",
    "cli/src/embedded/error.rs",
    "runtime/src/auth/own_issuer.rs",
];

/// The texts of the errors of a source, with a word in each place.
fn errors_of(source: &str) -> Vec<String> {
    let errors = source.split("#[error(").skip(1);
    let errors = errors.filter_map(|rest| rest.split('"').nth(1));
    let filled = errors.map(|text| {
        let mut parts = text.split('{');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |filled, part| {
            filled + "word" + part.split_once('}').map_or("", |(_, after)| after)
        })
    });
    filled.filter(|text| text != "word").collect()
}

#[test]
fn what_errors_say_that_are_told_as_they_are_has_its_chinese() {
    let services = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let sources = SOURCES.map(|source| fs::read_to_string(services.join(source)).unwrap());
    let said: Vec<_> = sources.iter().flat_map(|it| errors_of(it)).collect();
    assert!(said.len() > 15, "{said:?}");
    let is_known = |said: &str| {
        let mut known = own::SENTENCES.iter();
        known.any(|(_, english, _)| read(english, said).is_some())
    };
    // A cause may stand behind.
    let missing = said.iter();
    let missing = missing.filter(|said| !is_known(said) && !is_known(&format!("{said}: word")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
}
