//! The certificate authority of a home: what `gazelle up` serves TLS with, and what platforms
//! that report to it may show instead of a token.
//!
//! All secrets are in the home's `tls` folder, for the owner's eyes alone; `ca.pem` beside it is
//! for everybody. A certificate and its key are one file, so that a reader never sees the one
//! without the other. Times are the machine's: whoever checks a certificate knows no other clock.

mod files;
mod issued;
mod request;

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use gazelle_kernel::PlatformId;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use sha2::{Digest as _, Sha256};
use time::Duration;

pub use files::{make_folder, refuse_exposed, write_secret};
pub use issued::{Issued, list_file};
pub use request::Request;

use crate::failure::Failure;
use crate::profile::{Home, write_whole};
use crate::words;
use files::{now, unusable};
use issued::Register;

/// The trust domain of certificates that a home's own authority signs.
pub const TRUST_DOMAIN: &str = "gazelle.local";

/// How far the clocks of those who check may be behind.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);
const AUTHORITY_LIFETIME: Duration = Duration::days(5 * 365);
const OWN_LIFETIME: Duration = Duration::days(90);

/// Signs certificates with the key of a home. While it lives, nobody else signs with that key.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
    name: CertificateParams,
    key: KeyPair,
    _lock: fs::File,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Server,
    Client,
}

impl Authority {
    /// The authority of a home that `gazelle up` was started on.
    pub fn open(home: &Home) -> Result<Self, Failure> {
        let folder = home.tls_folder();
        let key_file = key_file(&folder);
        match key_file.try_exists() {
            Ok(true) => {}
            Ok(false) => return Err(home.empty()),
            Err(error) => {
                let error = words::cause(&error);
                let values: [(&str, &dyn std::fmt::Display); 2] =
                    [("path", &key_file.display()), ("error", &error)];
                let message = words::NOT_ITS_OWNER.with(&values);
                return Err(Failure::new("CREDENTIAL_UNUSABLE", message));
            }
        }
        let lock = files::lock(&folder)?;
        refuse_exposed(&folder)?;
        let key = KeyPair::from_pem(&fs::read_to_string(key_file)?).map_err(unusable)?;
        Ok(Self {
            name: authority_params(&key)?,
            folder,
            key,
            _lock: lock,
        })
    }

    /// As [`open`](Self::open), on a home that may have none yet; renews the authority's own
    /// certificate, by the same key, so that whoever trusts the last one goes on trusting.
    pub fn ensure(home: &Home) -> Result<Self, Failure> {
        let folder = home.tls_folder();
        make_folder(&folder)?;
        if !key_file(&folder).try_exists()? {
            let key = KeyPair::generate().map_err(unusable)?;
            write_secret(&key_file(&folder), &key.serialize_pem())?;
        }
        let authority = Self::open(home)?;
        if is_stale(&home.ca_file(), AUTHORITY_LIFETIME) {
            let signed = authority.name.self_signed(&authority.key);
            let pem = signed.map_err(unusable)?.pem();
            write_whole(&home.ca_file(), pem.as_bytes())?;
        }
        Ok(authority)
    }

    /// Renews what the services of this home show, each when a third of its life is left, and
    /// the list of what is revoked. `names` are those by which others reach it.
    pub fn renew(&self, names: &[String]) -> Result<(), Failure> {
        self.renew_server(names)?;
        self.renew_service("settlement")?;
        Register::open(&self.folder)?.write_list(&self.issuer())
    }

    fn renew_server(&self, names: &[String]) -> Result<(), Failure> {
        let file = server_file(&self.folder);
        let names = server_names(names)?;
        // Kept beside it: another address needs another certificate.
        let (written, wanted) = (self.folder.join("server.names"), format!("{names:?}"));
        let same = fs::read_to_string(&written).is_ok_and(|last| last == wanted);
        if same && !is_stale(&file, OWN_LIFETIME) {
            return Ok(());
        }
        self.write_own(&file, "gazelle up", Purpose::Server, names)?;
        write_secret(&written, &wanted)
    }

    fn renew_service(&self, service: &str) -> Result<(), Failure> {
        let file = service_file(&self.folder, service);
        if !is_stale(&file, OWN_LIFETIME) {
            return Ok(());
        }
        let uri = format!("spiffe://{TRUST_DOMAIN}/service/{service}");
        let name = vec![SanType::URI(uri.try_into().map_err(unusable)?)];
        self.write_own(&file, service, Purpose::Client, name)
    }

    fn write_own(
        &self,
        file: &Path,
        name: &str,
        purpose: Purpose,
        names: Vec<SanType>,
    ) -> Result<(), Failure> {
        let key = KeyPair::generate().map_err(unusable)?;
        let (_, pem) = self.sign(name, purpose, names, &key, OWN_LIFETIME)?;
        write_secret(file, &(pem + &key.serialize_pem()))
    }

    /// Signs what a platform asks for: a certificate for its key, by which it is that platform.
    /// Nothing else of the request goes into it.
    pub fn sign_platform(
        &self,
        platform: &PlatformId,
        request: &Request,
        lifetime: Duration,
    ) -> Result<(Issued, String), Failure> {
        let uri = platform_uri(platform);
        let names = vec![SanType::URI(uri.try_into().map_err(unusable)?)];
        let key = request.key();
        let (serial, pem) = self.sign(platform.as_str(), Purpose::Client, names, key, lifetime)?;
        let issued = Issued::new(&serial, platform, now(), now() + lifetime);
        // First: what is handed out can be revoked.
        Register::open(&self.folder)?.add(issued.clone())?;
        Ok((issued, pem))
    }

    /// Revokes certificates of a platform: that one, or all that are in force. Returns those that
    /// were not revoked before.
    pub fn revoke(
        &self,
        platform: &PlatformId,
        serial: Option<&str>,
    ) -> Result<Vec<Issued>, Failure> {
        let mut register = Register::open(&self.folder)?;
        let revoked = register.revoke(platform, serial, now())?;
        register.write_list(&self.issuer())?;
        Ok(revoked)
    }

    /// The certificates of platforms that were signed here, oldest first.
    pub fn issued(&self) -> Result<Vec<Issued>, Failure> {
        Ok(Register::open(&self.folder)?.all())
    }

    fn sign(
        &self,
        name: &str,
        purpose: Purpose,
        names: Vec<SanType>,
        key: &impl PublicKeyData,
        lifetime: Duration,
    ) -> Result<(SerialNumber, String), Failure> {
        let serial = serial()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(name);
        params.not_before = now() - CLOCK_TOLERANCE;
        params.not_after = now() + lifetime;
        params.serial_number = Some(serial.clone());
        params.subject_alt_names = names;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match purpose {
            Purpose::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Purpose::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        params.use_authority_key_identifier_extension = true;
        let signed = params.signed_by(key, &self.issuer()).map_err(unusable)?;
        Ok((serial, signed.pem()))
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.name, &self.key)
    }
}

/// Who a platform is by its certificate.
#[must_use]
pub fn platform_uri(platform: &PlatformId) -> String {
    format!("spiffe://{TRUST_DOMAIN}/platform/{platform}")
}

fn key_file(folder: &Path) -> PathBuf {
    folder.join("ca.key")
}

/// The certificate and key that the services of a home show.
#[must_use]
pub fn server_file(folder: &Path) -> PathBuf {
    folder.join("server.pem")
}

/// The certificate and key by which a service of a home calls the others.
#[must_use]
pub fn service_file(folder: &Path, service: &str) -> PathBuf {
    folder.join(format!("{service}.pem"))
}

/// Always the same for one key: certificates that it signed hold under a renewed one too.
fn authority_params(key: &KeyPair) -> Result<CertificateParams, Failure> {
    let digest = hex::encode(Sha256::digest(key.public_key_raw()));
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("Gazelle local authority {}", &digest[..8]));
    params.not_before = now() - CLOCK_TOLERANCE;
    params.not_after = now() + AUTHORITY_LIFETIME;
    params.serial_number = Some(serial()?);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// This machine's names, and those that were asked for.
fn server_names(asked: &[String]) -> Result<Vec<SanType>, Failure> {
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut names = Vec::new();
    for name in own.iter().chain(asked) {
        let name = match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) if is_host(name) => {
                SanType::DnsName(name.as_str().try_into().map_err(unusable)?)
            }
            Err(_) => {
                let message = words::HOST_INVALID.with(&[("name", name)]);
                return Err(Failure::new("CERTIFICATE_UNUSABLE", message));
            }
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Whether it is a name that machines have: labels of letters, digits and hyphens.
fn is_host(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(is_part)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// 127 random bits, never negative and never 0.
fn serial() -> Result<SerialNumber, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(unusable)?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// Whether a certificate is not there, cannot be read, or has less than a third of its life left.
fn is_stale(file: &Path, lifetime: Duration) -> bool {
    let ends = || {
        let pem = fs::read(file).ok()?;
        let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).ok()?;
        let certificate = pem.parse_x509().ok()?;
        Some(certificate.validity().not_after.timestamp())
    };
    let third: Duration = lifetime / 3;
    let fresh = (now() + third).unix_timestamp();
    ends().is_none_or(|ends| ends < fresh)
}

#[cfg(test)]
mod tests;
