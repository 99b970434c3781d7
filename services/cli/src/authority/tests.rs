use std::os::unix::fs::PermissionsExt as _;
use std::slice;

use base64::Engine as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;

use super::*;

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(Some(folder.path().join("home"))).unwrap();
    (folder, home)
}

fn alpha() -> PlatformId {
    PlatformId::parse("alpha-mall").unwrap()
}

/// A request that asks for far more than it may get.
fn request(key: &KeyPair) -> String {
    let mut params = CertificateParams::new(vec!["usage.gazelle.example".to_owned()]).unwrap();
    params.distinguished_name = common_name("service:settlement");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.serialize_request(key).unwrap().pem().unwrap()
}

fn pem(text: &str) -> Pem {
    x509_parser::pem::parse_x509_pem(text.as_bytes()).unwrap().1
}

/// The one name that it has.
fn only_name(certificate: &X509Certificate<'_>) -> String {
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    let [GeneralName::URI(name)] = names.value.general_names[..] else {
        panic!("{names:?}");
    };
    name.to_owned()
}

#[test]
fn a_platform_gets_its_own_name_for_a_client_and_nothing_that_it_asked_for() {
    let (_folder, home) = home();
    let authority = Authority::ensure(&home).unwrap();
    let key = KeyPair::generate().unwrap();
    let request = Request::parse(request(&key).as_bytes()).unwrap();

    let lifetime = Duration::days(7);
    let (issued, text) = authority
        .sign_platform(&alpha(), &request, lifetime)
        .unwrap();

    let pem = pem(&text);
    let certificate = pem.parse_x509().unwrap();
    assert_eq!(
        only_name(&certificate),
        "spiffe://gazelle.local/platform/alpha-mall"
    );
    assert_eq!(certificate.subject().to_string(), "CN=alpha-mall");
    assert!(!certificate.is_ca());
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any);
    assert_eq!(
        certificate.public_key().subject_public_key.data.as_ref(),
        key.public_key_raw()
    );
    let ca = fs::read_to_string(home.ca_file()).unwrap();
    let ca = self::pem(&ca);
    let ca = ca.parse_x509().unwrap();
    assert_eq!(certificate.verify_signature(Some(ca.public_key())), Ok(()));
    assert_eq!(hex::encode(certificate.raw_serial()), issued.serial);
    let life = certificate.validity().not_after.timestamp() - now().unix_timestamp();
    assert!(life <= lifetime.whole_seconds());
}

/// By an RSA key of 1,024 bits.
const SHORT: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIIBSzCBtQIBADAMMQowCAYDVQQDDAF4MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB
iQKBgQDIVqwilOspXhb+wzZ1sJL/zjd3/xLdmIFXx7emosAkReiDU90J50Bl690o
zafGWuoSLk7wawYukoK59Gti1KZIwPTyNXKaSE4RUIB+um051fLbeNavMKwh/L0U
s91BK2wvt4idVSpga708AC1X6Y/wUiwxVlZBC76TDop2LzFfRwIDAQABoAAwDQYJ
KoZIhvcNAQELBQADgYEABkXMqK+VrErqzGGQOAvfMpUthvrr2SUkVDtX/6Hdrnd9
AWv+Y1wBgFw//UVo4EBxWJAAtGCztIUsen38PNvdJq/xLbCY3rSfjVPbgPPke2Be
523Eh16TRnDzbm3C8LLhls3V+0NJ5hhousvdEtXXoY+gXTjs66ySV77jwZw7ZM8=
-----END CERTIFICATE REQUEST-----
";

#[test]
fn a_request_that_its_key_did_not_sign_or_that_is_none_is_refused() {
    let key = KeyPair::generate().unwrap();
    let good = request(&key);
    let mut der = pem(&good).contents;
    // Somebody else's key in it, the signature as it was.
    let other = KeyPair::generate().unwrap();
    let at = der
        .windows(key.public_key_raw().len())
        .position(|part| part == key.public_key_raw())
        .unwrap();
    der[at..at + other.public_key_raw().len()].copy_from_slice(other.public_key_raw());
    let forged = base64::engine::general_purpose::STANDARD.encode(der);
    let forged = format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{forged}\n-----END CERTIFICATE REQUEST-----\n"
    );
    for (bad, why) in [
        (forged.as_str(), "its signature is not by its own key"),
        (&key.serialize_pem(), "a private key never leaves its owner"),
        ("hello", "it is not PEM"),
        (SHORT, "an RSA key needs 2048 bits or more"),
    ] {
        let refused = Request::parse(bad.as_bytes()).unwrap_err();
        assert_eq!(refused.reason(), "SIGNING_REQUEST_INVALID");
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

#[test]
fn what_is_revoked_is_on_the_list_and_stays_there() {
    let (_folder, home) = home();
    let authority = Authority::ensure(&home).unwrap();
    authority.renew(&[]).unwrap();
    let key = KeyPair::generate().unwrap();
    let request = Request::parse(request(&key).as_bytes()).unwrap();
    let sign = || authority.sign_platform(&alpha(), &request, Duration::days(7));
    let (one, two) = (sign().unwrap().0, sign().unwrap().0);
    let listed = || {
        let text = fs::read_to_string(list_file(&home.tls_folder())).unwrap();
        let pem = pem(&text);
        let (_, list) = x509_parser::parse_x509_crl(&pem.contents).unwrap();
        let serials = list.iter_revoked_certificates();
        serials
            .map(|it| hex::encode(it.raw_serial()))
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(), Vec::<String>::new());

    let revoked = authority.revoke(&alpha(), Some(&one.serial)).unwrap();
    assert_eq!(revoked.len(), 1);
    assert_eq!(listed(), slice::from_ref(&one.serial));
    assert_eq!(authority.revoke(&alpha(), None).unwrap().len(), 1);
    authority.renew(&[]).unwrap();
    assert_eq!(listed(), [one.serial, two.serial]);
    let other = PlatformId::parse("beta-mall").unwrap();
    let refused = authority.revoke(&other, None).unwrap_err();
    assert_eq!(refused.reason(), "CERTIFICATE_NOT_FOUND");
}

#[test]
fn secrets_are_for_their_owner_alone_and_stay_while_they_are_good() {
    let (_folder, home) = home();
    let ensure = || {
        let authority = Authority::ensure(&home).unwrap();
        authority.renew(&["192.0.2.7".to_owned()]).unwrap();
    };
    ensure();
    let folder = home.tls_folder();
    let read = || {
        let files = [home.ca_file(), key_file(&folder), server_file(&folder)];
        files.map(|file| fs::read(file).unwrap())
    };
    let first = read();
    ensure();
    assert_eq!(read(), first);
    assert_eq!(
        fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{entry:?}");
    }

    let open = fs::Permissions::from_mode(0o640);
    fs::set_permissions(server_file(&folder), open).unwrap();
    let refused = Authority::ensure(&home).unwrap_err();
    assert_eq!(refused.reason(), "HOME_EXPOSED");
    assert!(refused.to_string().contains("server.pem"), "{refused}");
}

#[test]
fn a_name_more_or_an_end_that_is_near_makes_a_new_certificate() {
    let (_folder, home) = home();
    let authority = Authority::ensure(&home).unwrap();
    authority.renew(&[]).unwrap();
    let file = server_file(&home.tls_folder());
    let first = fs::read(&file).unwrap();
    authority.renew(&["gazelle.example".to_owned()]).unwrap();
    assert_ne!(fs::read(&file).unwrap(), first);

    let key = KeyPair::generate().unwrap();
    let soon = OWN_LIFETIME / 3 - Duration::HOUR;
    let (_, ends_soon) = authority
        .sign("x", Purpose::Client, Vec::new(), &key, soon)
        .unwrap();
    let file = service_file(&home.tls_folder(), "settlement");
    write_secret(&file, &ends_soon).unwrap();
    authority.renew(&[]).unwrap();
    assert_ne!(fs::read_to_string(&file).unwrap(), ends_soon);
}

#[test]
fn a_server_is_named_as_machines_are() {
    for name in [
        "gazelle.example",
        "a",
        "xn--6qq79v.example",
        "10.0.0.1",
        "::2",
    ] {
        assert_eq!(server_names(&[name.to_owned()]).unwrap().len(), 4, "{name}");
    }
    for name in [
        "a b",
        "",
        "a..b",
        "-a",
        "a_b",
        "杭州",
        "https://a",
        "a:7443",
    ] {
        let refused = server_names(&[name.to_owned()]).unwrap_err();
        assert_eq!(refused.reason(), "CERTIFICATE_UNUSABLE", "{name}");
    }
}
