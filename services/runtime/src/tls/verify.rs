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
    revocation_list::CertificateRevocationList,
};

use super::workload::Workload;
use crate::config::{ClientCertificate, ClientTlsConfig, TrustDomain};

/// Believes certificates of chains that lead to one of the authorities, that are in force, for
/// clients, not taken back, and that name one workload of the domain.
#[derive(Debug)]
pub(super) struct Clients {
    all: Chains,
    /// Each by itself.
    authorities: Vec<TrustedAuthority>,
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
struct TrustedAuthority {
    chains: Chains,
    validity: Validity,
}

/// What a verifier is made of.
struct Makings<'a> {
    config: &'a ClientTlsConfig,
    provider: &'a Arc<CryptoProvider>,
}

impl Makings<'_> {
    /// Of several lists that name one authority, the first counts.
    fn chains(
        &self,
        authorities: &[CertificateDer<'static>],
        crls: &[CertificateRevocationListDer<'static>],
    ) -> anyhow::Result<Chains> {
        let mut roots = RootCertStore::empty();
        for certificate in authorities {
            roots.add(certificate.clone())?;
        }
        let roots = Arc::new(roots);
        let verifier = || {
            let builder =
                WebPkiClientVerifier::builder_with_provider(roots.clone(), self.provider.clone())
                    .with_crls(crls.iter().cloned());
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

impl TrustedAuthority {
    fn is_in_force(&self, now: UnixTime) -> bool {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let (from, until) = (self.validity.not_before, self.validity.not_after);
        (from.timestamp()..=until.timestamp()).contains(&now)
    }
}

/// Whether a list is an authority's, and no namesake's: whoever replaces its key keeps its name.
fn has_signed(authority: &X509Certificate<'_>, list: &[u8]) -> bool {
    CertificateRevocationList::from_der(list)
        .is_ok_and(|(_, list)| list.verify_signature(authority.public_key()).is_ok())
}

impl Clients {
    pub(super) fn new(
        config: &ClientTlsConfig,
        authorities: &[CertificateDer<'static>],
        crls: &[CertificateRevocationListDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> anyhow::Result<Self> {
        let makings = Makings { config, provider };
        let each = authorities.iter().map(|certificate| {
            let (_, parsed) = X509Certificate::from_der(certificate)?;
            // Of what it is asked to believe, nobody sees again whether it may sign.
            anyhow::ensure!(parsed.is_ca(), "a certificate in it is no authority's");
            let mut crls = crls.to_vec();
            crls.sort_by_cached_key(|list| !has_signed(&parsed, list));
            anyhow::Ok(TrustedAuthority {
                validity: parsed.validity().clone(),
                chains: makings.chains(std::slice::from_ref(certificate), &crls)?,
            })
        });
        Ok(Self {
            authorities: each.collect::<Result<_, _>>()?,
            all: makings.chains(authorities, crls)?,
            domain: config.trust_domain.clone(),
        })
    }

    /// Sees that a chain leads to one of the authorities that are in force.
    fn leads_to_one_in_force(
        &self,
        purpose: impl Fn(&Chains) -> &Arc<dyn ClientCertVerifier>,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let mut why = None;
        for authority in self.authorities.iter().filter(|it| it.is_in_force(now)) {
            match purpose(&authority.chains).verify_client_cert(leaf, between, now) {
                Ok(verified) => return Ok(verified),
                // Of none that this one signed, or of a namesake.
                Err(Error::InvalidCertificate(
                    CertificateError::UnknownIssuer | CertificateError::BadSignature,
                )) => {}
                Err(error) => why = why.or(Some(error)),
            }
        }
        let all = || match purpose(&self.all).verify_client_cert(leaf, between, now) {
            // By a key that the authority of that name does not have.
            Err(Error::InvalidCertificate(CertificateError::BadSignature)) => {
                Some(CertificateError::UnknownIssuer.into())
            }
            verified => verified.err(),
        };
        Err(why.or_else(all).unwrap_or(CertificateError::Expired.into()))
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
        let verified = self.leads_to_one_in_force(|it| &it.new, leaf, between, now)?;
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
