//! The files that TLS to a service needs.

use std::path::PathBuf;

use crate::error::ClientError;

/// What TLS to a service needs, as files of PEM. They are read again when they change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authorities that may vouch for the service.
    pub ca: Option<PathBuf>,
    /// The certificate that is shown to it, with those between it and a root; and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl TlsFiles {
    /// As configurations have them; a certificate and its key belong together.
    pub(crate) fn new(
        url: &str,
        ca: Option<&PathBuf>,
        certificate: Option<&PathBuf>,
        key: Option<&PathBuf>,
    ) -> Result<Self, ClientError> {
        let identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(ClientError::Tls {
                    url: url.to_owned(),
                    cause: "`certificate_file` and `key_file` belong together".to_owned(),
                });
            }
        };
        Ok(Self {
            ca: ca.cloned(),
            identity,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let some = PathBuf::from("tls.crt");
        for (certificate, key) in [(Some(&some), None), (None, Some(&some))] {
            let refused = TlsFiles::new("https://a", Some(&some), certificate, key).unwrap_err();
            assert_eq!(refused.reason(), "ENDPOINT_INVALID");
            assert!(refused.to_string().contains("belong together"), "{refused}");
        }
    }
}
