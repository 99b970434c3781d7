//! Whether a client's certificate is to be believed.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime},
    server::{
        ClientCertVerifierBuilder, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use x509_parser::{
    certificate::{Validity, X509Certificate},
    prelude::FromDer as _,
};

use super::workload::Workload;
use crate::config::{ClientCertificate, ClientTlsConfig, TrustDomain};

/// Believes certificates of chains that lead to one of the authorities, that are in force, for
/// clients, not taken back, and that name one workload of the domain.
#[derive(Debug)]
pub(super) struct Clients {
    all: Chains,
    /// Each by itself.
    authorities: Vec<Authority>,
    domain: TrustDomain,
}

/// Whether a chain leads to an authority.
#[derive(Debug)]
struct Chains {
    new: Arc<dyn ClientCertVerifier>,
    /// The same, except that a list of what was taken back may be old: of who is connected
    /// already, it says as much as before.
    connected: Arc<dyn ClientCertVerifier>,
}

/// An authority, and when it counts. A chain is never asked whether its root is in force.
#[derive(Debug)]
struct Authority {
    chains: Chains,
    validity: Validity,
}

/// What a verifier is made of.
struct Makings<'a> {
    config: &'a ClientTlsConfig,
    crls: &'a [CertificateRevocationListDer<'static>],
    provider: &'a Arc<CryptoProvider>,
}

impl Makings<'_> {
    fn chains(&self, authorities: &[CertificateDer<'static>]) -> anyhow::Result<Chains> {
        let mut roots = RootCertStore::empty();
        for certificate in authorities {
            roots.add(certificate.clone())?;
        }
        let roots = Arc::new(roots);
        let verifier = || {
            let builder =
                WebPkiClientVerifier::builder_with_provider(roots.clone(), self.provider.clone())
                    .with_crls(self.crls.iter().cloned());
            match self.config.certificate {
                ClientCertificate::Optional => builder.allow_unauthenticated(),
                ClientCertificate::Required => builder,
            }
        };
        Ok(Chains {
            new: verifier().enforce_revocation_expiration().build()?,
            connected: ClientCertVerifierBuilder::build(verifier())?,
        })
    }
}

impl Authority {
    fn is_in_force(&self, now: UnixTime) -> bool {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let (from, until) = (self.validity.not_before, self.validity.not_after);
        (from.timestamp()..=until.timestamp()).contains(&now)
    }
}

impl Clients {
    pub(super) fn new(
        config: &ClientTlsConfig,
        authorities: &[CertificateDer<'static>],
        crls: &[CertificateRevocationListDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> anyhow::Result<Self> {
        let makings = Makings {
            config,
            crls,
            provider,
        };
        let each = authorities.iter().map(|certificate| {
            let (_, parsed) = X509Certificate::from_der(certificate)?;
            anyhow::Ok(Authority {
                validity: parsed.validity().clone(),
                chains: makings.chains(std::slice::from_ref(certificate))?,
            })
        });
        Ok(Self {
            authorities: each.collect::<Result<_, _>>()?,
            all: makings.chains(authorities)?,
            domain: config.trust_domain.clone(),
        })
    }

    /// Sees that a chain, which leads to one of the authorities, leads to one that is in force.
    fn leads_to_one_in_force(
        &self,
        of: impl Fn(&Chains) -> &Arc<dyn ClientCertVerifier>,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let mut authorities = self.authorities.iter();
        if authorities.all(|it| it.is_in_force(now)) {
            return Ok(());
        }
        let mut in_force = self.authorities.iter().filter(|it| it.is_in_force(now));
        let leads = |it: &Authority| {
            of(&it.chains)
                .verify_client_cert(leaf, between, now)
                .is_ok()
        };
        if in_force.any(leads) {
            return Ok(());
        }
        Err(CertificateError::Expired.into())
    }

    /// Who showed this chain, which was verified.
    pub(super) fn workload(&self, chain: &[CertificateDer<'_>]) -> Result<Workload, Error> {
        let leaf = chain.first().ok_or(Error::NoCertificatesPresented)?;
        Workload::read(leaf, &self.domain)
            .map_err(|unnamed| CertificateError::Other(OtherError(Arc::new(unnamed))).into())
    }

    /// Whether a client that is connected may stay so.
    pub(super) fn still_believes(&self, chain: &[CertificateDer<'_>]) -> Result<(), Error> {
        let (leaf, between) = chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        let now = UnixTime::now();
        self.all.connected.verify_client_cert(leaf, between, now)?;
        self.leads_to_one_in_force(|it| &it.connected, leaf, between, now)?;
        self.workload(chain).map(|_| ())
    }
}

impl ClientCertVerifier for Clients {
    fn offer_client_auth(&self) -> bool {
        self.all.new.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.all.new.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.all.new.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.all.new.verify_client_cert(leaf, between, now)?;
        self.leads_to_one_in_force(|it| &it.new, leaf, between, now)?;
        self.workload(std::slice::from_ref(leaf))?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let chains = &self.all.new;
        chains.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let chains = &self.all.new;
        chains.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.all.new.supported_verify_schemes()
    }
}
