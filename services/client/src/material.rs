//! Certificates and keys of TLS, read and held against each other.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use crate::watched::{Cause, FileError};

/// A client that trusts the authorities of the first file, and shows the certificate of the second
/// with the key of the third, where these are given. Refused with the file that is to blame.
pub(crate) fn read(paths: &[PathBuf], contents: &[Vec<u8>]) -> Result<ClientConfig, Cause> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(&paths[0], &contents[0])? {
        let added = roots.add(authority);
        added.map_err(|error| FileError::new(&paths[0], error))?;
    }
    let config = builder()?.with_root_certificates(roots);
    let (certificate, key) = match (paths, contents) {
        ([_, certificate, key], [_, shown, secret]) => ((certificate, shown), (key, secret)),
        _ => return Ok(config.with_no_client_auth()),
    };
    let shown = certificates(certificate.0, certificate.1)?;
    let read = PrivateKeyDer::from_pem_slice(key.1);
    let secret = read.map_err(|_| FileError::new(key.0, "it has no private key in PEM"))?;
    let signer = ring::sign::any_supported_type(&secret);
    let signer = signer.map_err(|error| FileError::new(key.0, error))?;
    if CertifiedKey::new(shown.clone(), signer)
        .keys_match()
        .is_err()
    {
        let cause = format!(
            "the key in it is not the one of the certificate {}; a certificate and its key belong \
             together",
            certificate.0.display()
        );
        return Err(FileError::new(key.0, cause).into());
    }
    Ok(config.with_client_auth_cert(shown, secret)?)
}

/// A client without any to trust yet.
pub(crate) fn builder()
-> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.ok().filter(|read| !read.is_empty());
    read.ok_or_else(|| FileError::new(path, "it has no certificate in PEM"))
}

#[cfg(test)]
mod tests {
    use std::{error::Error as _, fs};

    use rcgen::{CertificateParams, KeyPair};

    use super::*;
    use crate::{channel::channel, files::TlsFiles};

    #[tokio::test]
    async fn the_file_that_is_wrong_is_named_and_a_key_with_the_certificate_that_it_is_not_of() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        let good = write("good.pem", &certificate.pem());
        let (key, other) = (
            write("good.key", &key.serialize_pem()),
            write("other.key", &other.serialize_pem()),
        );
        let nothing = write("nothing.pem", "nothing");
        let refused = |ca: &PathBuf, certificate: &PathBuf, key: &PathBuf| {
            let tls = TlsFiles {
                ca: Some(ca.clone()),
                identity: Some((certificate.clone(), key.clone())),
            };
            let opened = channel("https://a", &tls, std::time::Duration::from_secs(1));
            opened.err().map(|error| {
                assert!(error.source().is_none());
                error.to_string()
            })
        };
        assert_eq!(refused(&good, &good, &key), None);
        for (ca, shown, key, told) in [
            (
                &good,
                &good,
                &other,
                "other.key: the key in it is not the one of the certificate",
            ),
            (&nothing, &good, &key, "nothing.pem: it has no certificate"),
            (&good, &nothing, &key, "nothing.pem: it has no certificate"),
            (&good, &good, &nothing, "nothing.pem: it has no private key"),
        ] {
            let refused = refused(ca, shown, key).unwrap();
            assert!(refused.contains(told), "{refused}");
        }
        assert!(refused(&good, &good, &other).unwrap().contains("good.pem"));
    }
}
