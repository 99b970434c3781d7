//! What a platform asks a certificate with.

use rcgen::SubjectPublicKeyInfo;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use crate::failure::Failure;
use crate::words;

/// Below that an RSA key is refused.
const RSA_BITS_MIN: usize = 2_048;

/// A signing request, of which only the key counts: whoever made it holds the key, as its
/// signature proves. Who they are, somebody else has to know.
#[derive(Debug)]
pub struct Request {
    key: SubjectPublicKeyInfo,
}

impl Request {
    /// Reads a request in PEM, as `openssl req -new` writes it.
    pub fn parse(pem: &[u8]) -> Result<Self, Failure> {
        let (_, pem) = x509_parser::pem::parse_x509_pem(pem)
            .map_err(|_| refused(words::REQUEST_NO_PEM.say()))?;
        if !matches!(
            pem.label.as_str(),
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST"
        ) {
            return Err(refused(
                &words::REQUEST_OTHER_PEM.with(&[("label", &pem.label)]),
            ));
        }
        let (rest, request) = X509CertificationRequest::from_der(&pem.contents)
            .map_err(|_| refused(words::REQUEST_UNREADABLE.say()))?;
        if !rest.is_empty() {
            return Err(refused(words::REQUEST_TAILED.say()));
        }
        let info = &request.certification_request_info.subject_pki;
        if let Ok(PublicKey::RSA(rsa)) = info.parsed()
            && rsa.key_size() < RSA_BITS_MIN
        {
            let message = words::REQUEST_KEY_SHORT.with(&[("bits", &RSA_BITS_MIN)]);
            return Err(refused(&message));
        }
        // By keys that are too short none is verified at all.
        request
            .verify_signature()
            .map_err(|_| refused(words::REQUEST_UNSIGNED.say()))?;
        let key = SubjectPublicKeyInfo::from_der(info.raw)
            .map_err(|error| refused(&words::REQUEST_KEY_KIND.with(&[("error", &error)])))?;
        Ok(Self { key })
    }

    /// The key to certify.
    pub(super) fn key(&self) -> &SubjectPublicKeyInfo {
        &self.key
    }
}

fn refused(why: &str) -> Failure {
    Failure::new(
        "SIGNING_REQUEST_INVALID",
        words::REQUEST_REFUSED.with(&[("why", &why)]),
    )
}
