//! Whose certificates are believed, and whose are not.

use rcgen::{
    BasicConstraints, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose,
    SanType,
};
use rustls::version::{TLS12, TLS13};
use time::ext::NumericalDuration as _;

use super::*;

/// A certificate, what is wrong with it, and the reason that is counted.
type Wrong = (&'static str, Certified, &'static str);

/// In its chain or its time.
fn wrong_chains(files: &ServerFiles) -> Vec<Wrong> {
    let now = now();
    let revoked = files.certify(|_| {});
    let list = files.clients.revoked(&[&revoked], until_tomorrow());
    files.write("crl.pem", &list);
    let by = |name| Authority::new(name).certify(client(ALPHA));
    let expired = files.certify(|it| it.not_after = now - 1.hours());
    let not_yet = files.certify(|it| it.not_before = now + 1.hours());
    let old = Authority::until("old", now - 1.hours());
    let both = format!("{}{}", files.clients.pem, old.pem);
    files.write("clients-ca.pem", &both);
    let lists = format!("{list}{}", old.revoked(&[], until_tomorrow()));
    files.write("crl.pem", &lists);
    let by_old = old.certify(client(ALPHA));
    vec![
        ("an old authority's", by_old, "CERTIFICATE_EXPIRED"),
        ("another authority's", by("others"), "UNKNOWN_AUTHORITY"),
        ("a namesake's", by("clients"), "UNKNOWN_AUTHORITY"),
        ("expired", expired, "CERTIFICATE_EXPIRED"),
        ("not yet valid", not_yet, "CERTIFICATE_NOT_YET_VALID"),
        ("revoked", revoked, "CERTIFICATE_REVOKED"),
    ]
}

/// A certificate of an authority below that of clients, behind which that one is shown.
fn by_one_below(files: &ServerFiles, change: impl FnOnce(&mut CertificateParams)) -> Certified {
    let mut params = CertificateParams::default();
    change(&mut params);
    let below = files.clients.below(params);
    let mut certified = below.certify(client(ALPHA));
    certified.certificate.push_str(&below.pem);
    let lists = [&files.clients, &below].map(|it| it.revoked(&[], until_tomorrow()));
    files.write("crl.pem", &lists.concat());
    certified
}

/// URIs of that host alone (RFC 5280, 4.2.1.10).
fn constrained_to(host: &str) -> CustomExtension {
    let wrap = |tag: u8, content: &[u8]| {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, length], content].concat()
    };
    let subtree = wrap(0x30, &wrap(0x86, host.as_bytes()));
    let constraints = wrap(0x30, &wrap(0xa0, &subtree));
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 30], constraints);
    extension.set_criticality(true);
    extension
}

#[tokio::test]
async fn who_is_below_an_authority_vouches_in_its_time_and_within_its_names() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let good = by_one_below(&files, |_| {});
    let said = files.greet(&port, Some(&good)).await;
    assert_eq!(said.unwrap(), "platform:alpha");

    let over = by_one_below(&files, |it| it.not_after = now() - 1.hours());
    files.greet(&port, Some(&over)).await.unwrap_err();
    port.counted("CERTIFICATE_EXPIRED").await;

    // Which URIs those are nobody compares here: none is believed.
    for host in ["gazelle.example", "other.example"] {
        let bound = by_one_below(&files, |it| {
            it.custom_extensions.push(constrained_to(host));
        });
        files.greet(&port, Some(&bound)).await.unwrap_err();
        port.counted("CERTIFICATE_INVALID").await;
    }
}

/// In what it is for.
fn wrong_uses(files: &ServerFiles) -> Vec<Wrong> {
    let server = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = files.certify(|it| it.extended_key_usages = server);
    let enciphers = vec![KeyUsagePurpose::KeyEncipherment];
    let enciphers = files.certify(|it| it.key_usages = enciphers);
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = files.certify(|it| it.is_ca = authority);
    let signer = files.certify(|it| it.key_usages.push(KeyUsagePurpose::KeyCertSign));
    vec![
        ("a server's", server, "CERTIFICATE_USAGE"),
        ("not for signatures", enciphers, "CERTIFICATE_USAGE"),
        ("an authority's", authority, "CERTIFICATE_OF_AUTHORITY"),
        ("who may sign others", signer, "CERTIFICATE_OF_AUTHORITY"),
    ]
}

/// In whom it names.
fn wrong_names(files: &ServerFiles) -> Vec<Wrong> {
    let uri = |uri: &str| SanType::URI(uri.try_into().unwrap());
    let named = |it: &str| files.certify(|params| params.subject_alt_names = vec![uri(it)]);
    let beta = uri("spiffe://gazelle.example/platform/beta");
    let two = files.certify(|it| it.subject_alt_names.push(beta));
    let foreign = named("spiffe://other.example/platform/alpha");
    let person = named("spiffe://gazelle.example/person/alice");
    let subject = files.certify(|it| {
        it.subject_alt_names.clear();
        it.distinguished_name.push(DnType::CommonName, ALPHA);
    });
    vec![
        ("of two names", two, "CERTIFICATE_NAME"),
        ("of another domain", foreign, "CERTIFICATE_NAME"),
        ("a person's", person, "CERTIFICATE_NAME"),
        ("named by its subject alone", subject, "CERTIFICATE_NAME"),
    ]
}

#[tokio::test]
async fn only_a_certificate_in_order_is_believed() {
    let files = ServerFiles::new();
    let wrong = [wrong_chains, wrong_uses, wrong_names].map(|wrong| wrong(&files));
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let good = files.certify(|it| {
        let host = SanType::DnsName("client.example".try_into().unwrap());
        it.subject_alt_names.push(host);
    });
    for (what, certified, reason) in wrong.into_iter().flatten() {
        let refused = files.greet(&port, Some(&certified)).await;
        assert!(refused.is_err(), "{what}: {refused:?}");
        port.counted(reason).await;
        assert_eq!(
            files.greet(&port, Some(&good)).await.unwrap(),
            "platform:alpha"
        );
    }
    let service = files.certify(|it| {
        let uri = "spiffe://gazelle.example/service/settlement";
        it.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    });
    let said = files.greet(&port, Some(&service)).await.unwrap();
    assert_eq!(said, "service:settlement");
}

#[tokio::test]
async fn who_talks_on_before_listening_still_hears_why_they_are_refused() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let other = Authority::new("others").certify(client(ALPHA));
    for talks in [1, 20] {
        let versions = [&TLS13];
        let mut stream = files.connect(&port, Some(&other), &versions).await.unwrap();
        for _ in 0..talks {
            stream.write_all(&GREETING).await.unwrap();
            stream.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let heard = timeout(FOREVER, stream.read(&mut [0; 1])).await.unwrap();
        let heard = heard.unwrap_err();
        assert!(heard.to_string().contains("UnknownCA"), "{heard:?}");
    }
}

#[tokio::test]
async fn who_shows_none_is_nobody_or_gets_no_connection_where_one_is_required() {
    let files = ServerFiles::new();
    let mut config = files.config();
    let port = files.serve(&config, LimitsConfig::default()).await;
    assert_eq!(files.greet(&port, None).await.unwrap(), "nobody");

    config.clients.as_mut().unwrap().certificate = ClientCertificate::Required;
    let strict = files.serve(&config, LimitsConfig::default()).await;
    files.greet(&strict, None).await.unwrap_err();
    strict.counted("NO_CERTIFICATE").await;
    let good = files.certify(|_| {});
    assert_eq!(
        files.greet(&strict, Some(&good)).await.unwrap(),
        "platform:alpha"
    );

    config.clients = None;
    let deaf = files.serve(&config, LimitsConfig::default()).await;
    assert_eq!(files.greet(&deaf, Some(&good)).await.unwrap(), "nobody");
}

#[tokio::test]
async fn a_workload_is_no_authority_though_it_stands_among_them() {
    let files = ServerFiles::new();
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    let alpha = files.certify(|_| {});
    let among = format!("{}{}", files.clients.pem, alpha.certificate);
    files.write("clients-ca.pem", &among);
    let refused = Tls::open("usage", &files.config(), false).err().unwrap();
    let cause = std::error::Error::source(&refused).unwrap();
    assert!(format!("{cause:#}").contains("client_ca_file"), "{cause}");
    // While it runs, those stay that it had.
    let said = files.greet(&port, Some(&alpha)).await;
    assert_eq!(said.unwrap(), "platform:alpha");
}

#[tokio::test]
async fn a_list_that_is_old_or_missing_refuses_whose_state_it_leaves_open() {
    let files = ServerFiles::new();
    let good = files.certify(|_| {});
    let old = files.clients.revoked(&[], now() - 1.hours());
    files.write("crl.pem", &old);
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    files.greet(&port, Some(&good)).await.unwrap_err();
    port.counted("REVOCATION_LIST_OLD").await;

    files.write(
        "crl.pem",
        &Authority::new("other").revoked(&[], until_tomorrow()),
    );
    let port = files.serve(&files.config(), LimitsConfig::default()).await;
    files.greet(&port, Some(&good)).await.unwrap_err();
    port.counted("REVOCATION_UNKNOWN").await;
}

#[tokio::test]
async fn an_older_version_needs_its_switch_and_plain_text_has_none() {
    let files = ServerFiles::new();
    let mut config = files.config();
    let good = files.certify(|_| {});
    let port = files.serve(&config, LimitsConfig::default()).await;
    files
        .greet_with(&port, Some(&good), &[&TLS12])
        .await
        .unwrap_err();
    port.counted("VERSION").await;

    let mut plain = TcpStream::connect(port.address).await.unwrap();
    plain
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let ended = timeout(FOREVER, plain.read_to_end(&mut answer))
        .await
        .unwrap();
    assert!(
        ended.is_err() || answer.len() <= 7,
        "an alert at most: {answer:?}"
    );
    port.counted("NOT_TLS").await;

    config.allow_tls12 = true;
    let old = files.serve(&config, LimitsConfig::default()).await;
    for version in [&TLS12, &TLS13] {
        let said = files.greet_with(&old, Some(&good), &[version]).await;
        assert_eq!(said.unwrap(), "platform:alpha");
    }
}
