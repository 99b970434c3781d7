//! Whom a credential names, by its own words; the services alone believe it or not.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use x509_parser::extensions::GeneralName;

/// `sub` of a JSON Web Token.
#[must_use]
pub fn of_token(token: &str) -> Option<String> {
    let claims = token.trim().split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

/// `platform:ID` or `service:NAME` of the SPIFFE id of a certificate in PEM.
#[must_use]
pub fn of_certificate(pem: &[u8]) -> Option<String> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem).ok()?;
    let certificate = pem.parse_x509().ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let mut uris = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => uri.strip_prefix("spiffe://"),
            _ => None,
        });
    let (_, path) = uris.next()?.split_once('/')?;
    let (kind, name) = path.split_once('/')?;
    ["platform", "service"]
        .contains(&kind)
        .then(|| format!("{kind}:{name}"))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType};

    use super::*;

    #[test]
    fn a_token_and_a_certificate_say_whose_they_are() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"sub":"platform:my-shop","exp":1}"#);
        let token = format!("e30.{claims}.c2ln\n");
        assert_eq!(of_token(&token).as_deref(), Some("platform:my-shop"));
        for other in ["", "opaque", "e30.!!.x", "e30.e30.x"] {
            assert_eq!(of_token(other), None, "{other}");
        }
        let named = |uri: &str| {
            let mut params = CertificateParams::default();
            params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            of_certificate(certificate.pem().as_bytes())
        };
        let shop = named("spiffe://gazelle.example/platform/my-shop");
        assert_eq!(shop.as_deref(), Some("platform:my-shop"));
        assert_eq!(named("spiffe://gazelle.example/else/my-shop"), None);
    }
}
