//! For tests: an authority that vouches for whatever one of them wants.

use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};

use crate::clock::Clock;

/// An authority that signs what tests show.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

/// A certificate with its key, as PEM.
pub(crate) struct Certified {
    pub(crate) certificate: String,
    pub(crate) key: String,
    serial: SerialNumber,
}

/// The present, by which files of TLS are believed.
pub(super) fn now() -> OffsetDateTime {
    Clock::system().now()
}

/// What a client's certificate has by default.
pub(crate) fn client(uri: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = now() - Duration::DAY;
    params.not_after = now() + Duration::DAY;
    params
}

/// What a server's certificate has: it is for the loopback address.
pub(crate) fn server() -> CertificateParams {
    let mut params = client("spiffe://gazelle.example/service/usage");
    let loopback = SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into());
    params.subject_alt_names.push(loopback);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self::until(name, now() + 30 * Duration::DAY)
    }

    pub(crate) fn until(name: &str, end: OffsetDateTime) -> Self {
        let mut params = CertificateParams::default();
        params.not_after = end;
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

    pub(crate) fn certify(&self, mut params: CertificateParams) -> Certified {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let serial = SerialNumber::from(NEXT.fetch_add(1, Ordering::Relaxed));
        params.serial_number = Some(serial.clone());
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Certified {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            serial,
        }
    }

    /// Another one below it, of which it says that, and what follows it in a chain.
    pub(crate) fn below(&self, mut params: CertificateParams) -> Self {
        params.distinguished_name.push(DnType::CommonName, "below");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// What it took back, until `until`.
    pub(crate) fn revoked(&self, certified: &[&Certified], until: OffsetDateTime) -> String {
        self.list(certified, now() - 10 * Duration::DAY, until)
    }

    /// The same, as it was at some time.
    pub(crate) fn list(
        &self,
        certified: &[&Certified],
        made: OffsetDateTime,
        until: OffsetDateTime,
    ) -> String {
        let params = CertificateRevocationListParams {
            this_update: made,
            next_update: until,
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: certified
                .iter()
                .map(|it| RevokedCertParams {
                    serial_number: it.serial.clone(),
                    revocation_time: now() - Duration::DAY,
                    reason_code: None,
                    invalidity_date: None,
                })
                .collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}
