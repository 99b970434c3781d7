//! An authority of this place alone, and what it vouches for.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use gazelle_runtime::clock::Clock;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};

/// The domain of the names in the samples' configuration.
pub const DOMAIN: &str = "gazelle.example";

fn now() -> OffsetDateTime {
    Clock::system().now()
}

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, as PEM.
    pub pem: String,
}

/// A certificate with its key, as PEM.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The certificate, as PEM.
    pub certificate: String,
    /// Its private key, as PEM.
    pub key: String,
    serial: SerialNumber,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// What the certificate of a workload has: its name, as `platform/ID` or `service/NAME`.
#[must_use]
pub fn workload(name: &str) -> CertificateParams {
    let uri = format!("spiffe://{DOMAIN}/{name}");
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ClientAuth,
        ExtendedKeyUsagePurpose::ServerAuth,
    ];
    params.not_before = now() - Duration::HOUR;
    params.not_after = now() + Duration::DAY;
    params
}

/// The same of a service that is reached there.
#[must_use]
pub fn server(name: &str, address: IpAddr) -> CertificateParams {
    let mut params = workload(&format!("service/{name}"));
    params.subject_alt_names.push(SanType::IpAddress(address));
    params
}

impl Authority {
    /// A new one, of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Vouches for that.
    #[must_use]
    pub fn certify(&self, params: CertificateParams) -> Certified {
        self.certify_key(params, &KeyPair::generate().unwrap())
    }

    /// Vouches for that with a key of somebody's.
    #[must_use]
    pub fn certify_key(&self, mut params: CertificateParams, key: &KeyPair) -> Certified {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let serial = SerialNumber::from(NEXT.fetch_add(1, Ordering::Relaxed));
        params.serial_number = Some(serial.clone());
        Certified {
            certificate: params.signed_by(key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
            serial,
        }
    }

    /// Whoever has that of it, and signs for others, with leave or without.
    #[must_use]
    pub fn below(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// The list of what it took back.
    #[must_use]
    pub fn revoked(&self, certified: &[&Certified]) -> String {
        let now = now();
        let revoked = |it: &&Certified| RevokedCertParams {
            serial_number: it.serial.clone(),
            revocation_time: now,
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: now - Duration::HOUR,
            next_update: now + Duration::DAY,
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: certified.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

impl Certified {
    /// Into one file, key behind certificate, so that both change at once.
    pub fn write(&self, file: &Path) {
        write(file, &format!("{}{}", self.certificate, self.key));
    }
}

/// Writes a file whole, as whoever rotates files does it.
pub fn write(file: &Path, text: &str) {
    let next = file.with_extension("next");
    fs::write(&next, text).unwrap();
    fs::rename(next, file).unwrap();
}
