//! Whether a client's certificate is to be believed.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime},
    server::{
        ClientCertVerifierBuilder, VerifierBuilderError, WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use super::workload::Workload;
use crate::config::{ClientCertificate, ClientTlsConfig, TrustDomain};

/// Believes certificates of chains that lead to one of the authorities, that are in force, for
/// clients, not taken back, and that name one workload of the domain.
#[derive(Debug)]
pub(super) struct Clients {
    chains: Arc<dyn ClientCertVerifier>,
    /// The same, except that a list of what was taken back may be old: of who is connected
    /// already, it says as much as before.
    connected: Arc<dyn ClientCertVerifier>,
    domain: TrustDomain,
}

impl Clients {
    pub(super) fn new(
        config: &ClientTlsConfig,
        roots: RootCertStore,
        crls: &[CertificateRevocationListDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let roots = Arc::new(roots);
        let verifier = || {
            let builder =
                WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone())
                    .with_crls(crls.iter().cloned());
            match config.certificate {
                ClientCertificate::Optional => builder.allow_unauthenticated(),
                ClientCertificate::Required => builder,
            }
        };
        Ok(Self {
            chains: verifier().enforce_revocation_expiration().build()?,
            connected: ClientCertVerifierBuilder::build(verifier())?,
            domain: config.trust_domain.clone(),
        })
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
        self.connected
            .verify_client_cert(leaf, between, UnixTime::now())?;
        self.workload(chain).map(|_| ())
    }
}

impl ClientCertVerifier for Clients {
    fn offer_client_auth(&self) -> bool {
        self.chains.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.chains.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chains.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self.chains.verify_client_cert(leaf, between, now)?;
        self.workload(std::slice::from_ref(leaf))?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}
