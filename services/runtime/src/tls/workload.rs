//! Who a client's certificate names.

use gazelle_kernel::PlatformId;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer as _};

use crate::{
    auth::{Certificate, Principal, is_service_name},
    config::TrustDomain,
};

/// The workload at the other end of a connection, as its certificate names it. It is among the
/// extensions of each request that came over a connection whose client showed a certificate, and
/// that certificate was verified: chain, time, purpose, revocation.
#[derive(Debug, Clone)]
pub struct Workload {
    /// A platform or a service; never a person.
    pub principal: Principal,
    /// What says so, and whether it still counts.
    pub certificate: Certificate,
}

/// Why a certificate of a good chain names no workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unnamed {
    #[error("the certificate cannot be read")]
    Unreadable,
    #[error("the certificate is an authority's, or may sign certificates")]
    Authority,
    #[error("the certificate's key is not for signatures")]
    KeyUsage,
    #[error("the certificate has not exactly one URI among its names")]
    NotOneUri,
    #[error("the certificate's URI is of another trust domain, or of none")]
    OtherDomain,
    #[error("the certificate's URI is neither /platform/ID nor /service/NAME")]
    NoWorkload,
}

impl Workload {
    /// Reads a certificate whose chain was verified: one X509-SVID, with our names in its path.
    pub(crate) fn read(certificate: &[u8], domain: &TrustDomain) -> Result<Self, Unnamed> {
        let unreadable = |_| Unnamed::Unreadable;
        let (rest, certificate) =
            X509Certificate::from_der(certificate).map_err(|_| Unnamed::Unreadable)?;
        if !rest.is_empty() {
            return Err(Unnamed::Unreadable);
        }
        let constraints = certificate.basic_constraints().map_err(unreadable)?;
        let usage = certificate.key_usage().map_err(unreadable)?;
        let is_authority = constraints.is_some_and(|it| it.value.ca);
        if is_authority
            || usage
                .as_ref()
                .is_some_and(|it| it.value.key_cert_sign() || it.value.crl_sign())
        {
            return Err(Unnamed::Authority);
        }
        if usage.is_some_and(|it| !it.value.digital_signature()) {
            return Err(Unnamed::KeyUsage);
        }
        let names = certificate.subject_alternative_name().map_err(unreadable)?;
        let names = names.map(|it| it.value.general_names.as_slice());
        let mut uris = names
            .unwrap_or_default()
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) => Some(*uri),
                _ => None,
            });
        let (Some(uri), None) = (uris.next(), uris.next()) else {
            return Err(Unnamed::NotOneUri);
        };
        Ok(Self {
            principal: Self::named(uri, domain)?,
            certificate: Certificate::until(certificate.validity().not_after.timestamp()),
        })
    }

    fn named(uri: &str, domain: &TrustDomain) -> Result<Principal, Unnamed> {
        let path = uri
            .strip_prefix("spiffe://")
            .and_then(|rest| rest.strip_prefix(domain.as_str()))
            .and_then(|rest| rest.strip_prefix('/'))
            .ok_or(Unnamed::OtherDomain)?;
        let principal = match path.split_once('/') {
            Some(("platform", id)) => PlatformId::parse(id).ok().map(Principal::Platform),
            Some(("service", name)) => {
                is_service_name(name).then(|| Principal::Service(name.to_owned()))
            }
            _ => None,
        };
        principal.ok_or(Unnamed::NoWorkload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_of_the_domain_and_of_a_workload_is_one() {
        let domain = TrustDomain::parse("gazelle.example").unwrap();
        let named = |uri: &str| Workload::named(uri, &domain).map(|it| it.actor().to_string());
        for (uri, actor) in [
            ("spiffe://gazelle.example/platform/alpha", "platform:alpha"),
            (
                "spiffe://gazelle.example/service/settlement",
                "service:settlement",
            ),
        ] {
            assert_eq!(named(uri).unwrap(), actor);
        }
        for uri in [
            "spiffe://other.example/platform/alpha",
            "spiffe://gazelle.example.other/platform/alpha",
            "spiffe://GAZELLE.example/platform/alpha",
            "https://gazelle.example/platform/alpha",
            "spiffe://gazelle.example:443/platform/alpha",
            "spiffe://gazelle.example",
            "gazelle.example/platform/alpha",
            "",
        ] {
            assert_eq!(named(uri), Err(Unnamed::OtherDomain), "{uri}");
        }
        for path in [
            "",
            "platform",
            "platform/",
            "platform/ALPHA",
            "platform/alpha/",
            "platform/alpha/beta",
            "platform/alpha?x",
            "platform/al%70ha",
            "service/",
            "service/Settlement",
            "person/alice",
            "/platform/alpha",
        ] {
            let uri = format!("spiffe://gazelle.example/{path}");
            assert_eq!(named(&uri), Err(Unnamed::NoWorkload), "{uri}");
        }
    }
}
