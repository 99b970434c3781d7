//! Why a connection to a service does not come about: tried once more, without a call.
//!
//! What a call is told of that depends on what fails first. A server refuses a certificate after
//! the client's part of the handshake is over, and whoever writes a call to it meanwhile finds the
//! connection closed before the refusal is read. Who writes nothing reads it always.

use std::{path::PathBuf, sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, Error, RootCertStore,
    pki_types::{InvalidDnsNameError, ServerName, UnixTime},
};
use time::OffsetDateTime;
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use tonic::transport::Uri;

use crate::{
    endpoints::{Endpoints, parse_url},
    files::TlsFiles,
    material,
};

/// Longest wait for a server's part of a handshake, and for its refusal after it.
const WAIT: Duration = Duration::from_secs(2);

/// What is wrong between a client and a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The URL says `http`, and the port speaks TLS.
    SpeaksTls {
        /// Where the service was called.
        url: String,
    },
    /// The URL says `https`, and the port speaks no TLS.
    SpeaksNoTls {
        /// Where the service was called.
        url: String,
    },
    /// The server's certificate is of no authority that is trusted.
    Untrusted {
        /// Where the service was called.
        url: String,
        /// The file with the authorities.
        ca: PathBuf,
    },
    /// By this machine's clock, the server's certificate is not in force yet.
    NotYetInForce {
        /// Where the service was called.
        url: String,
        /// When it begins.
        from: OffsetDateTime,
        /// What the clock says.
        now: OffsetDateTime,
    },
    /// By this machine's clock, the server's certificate is in force no more.
    Expired {
        /// Where the service was called.
        url: String,
        /// When it ended.
        until: OffsetDateTime,
        /// What the clock says.
        now: OffsetDateTime,
    },
    /// The server's certificate is not believed for another cause, such as another name.
    BadServer {
        /// Where the service was called.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The server refuses the certificate that it is shown, or that it is shown none.
    Refused {
        /// Where the service was called.
        url: String,
        /// The alert's name, such as `CertificateRevoked`.
        alert: String,
    },
}

/// What is wrong with the first service with which anything is.
pub async fn examine(endpoints: &Endpoints) -> Option<Finding> {
    let tls = endpoints.tls_files().ok()?;
    for (_, url) in endpoints.known() {
        if let Some(found) = examine_one(url, &tls).await {
            return Some(found);
        }
    }
    None
}

async fn examine_one(url: &str, tls: &TlsFiles) -> Option<Finding> {
    let uri = parse_url(url).ok()?;
    let is_tls = uri.scheme_str() == Some("https");
    let config = if is_tls {
        with_files(tls)?
    } else {
        trusting_nobody()?
    };
    let met = timeout(WAIT, meet(&uri, config)).await.ok()??;
    let url = url.to_owned();
    match met {
        // What is no TLS cannot be decrypted.
        Err(Error::InvalidMessage(_)) => is_tls.then_some(Finding::SpeaksNoTls { url }),
        _ if !is_tls => Some(Finding::SpeaksTls { url }),
        // Another authority of the same name has not signed it.
        Err(Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => {
            let ca = tls.ca.clone().unwrap_or_default();
            Some(Finding::Untrusted { url, ca })
        }
        Err(Error::InvalidCertificate(error)) => Some(not_believed(url, &error)),
        Err(Error::AlertReceived(alert)) => Some(Finding::Refused {
            url,
            alert: format!("{alert:?}"),
        }),
        Ok(()) | Err(_) => None,
    }
}

fn not_believed(url: String, error: &CertificateError) -> Finding {
    let in_time = match error {
        CertificateError::NotValidYetContext { time, not_before } => moment(*not_before)
            .zip(moment(*time))
            .map(|(from, now)| Finding::NotYetInForce {
                url: url.clone(),
                from,
                now,
            }),
        CertificateError::ExpiredContext { time, not_after } => moment(*not_after)
            .zip(moment(*time))
            .map(|(until, now)| Finding::Expired {
                url: url.clone(),
                until,
                now,
            }),
        _ => None,
    };
    let cause = || error.to_string();
    in_time.unwrap_or_else(|| Finding::BadServer {
        url,
        cause: cause(),
    })
}

/// `None` for what no calendar has.
fn moment(time: UnixTime) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(time.as_secs()).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

fn with_files(tls: &TlsFiles) -> Option<ClientConfig> {
    let identity = tls.identity.iter().flat_map(|(one, other)| [one, other]);
    let paths: Vec<PathBuf> = tls.ca.iter().chain(identity).cloned().collect();
    let contents: Result<Vec<_>, _> = paths.iter().map(std::fs::read).collect();
    tls.ca.as_ref()?;
    material::read(&paths, &contents.ok()?).ok()
}

fn trusting_nobody() -> Option<ClientConfig> {
    let builder = material::builder().ok()?;
    let config = builder.with_root_certificates(RootCertStore::empty());
    Some(config.with_no_client_auth())
}

/// A handshake, and what comes after it unasked. `None` where nobody is there to say anything.
async fn meet(uri: &Uri, mut config: ClientConfig) -> Option<Result<(), Error>> {
    config.alpn_protocols = vec![b"h2".to_vec()];
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    let port = uri
        .port_u16()
        .unwrap_or(if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        });
    let name: Result<_, InvalidDnsNameError> = ServerName::try_from(host.to_owned());
    let stream = TcpStream::connect((host, port)).await.ok()?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = match connector.connect(name.ok()?, stream).await {
        Ok(stream) => stream,
        Err(error) => return told(&error).map(Err),
    };
    match timeout(WAIT / 2, stream.read(&mut [0])).await {
        Ok(Err(error)) => told(&error).map_or(Some(Ok(())), |error| Some(Err(error))),
        Ok(Ok(_)) | Err(_) => Some(Ok(())),
    }
}

fn told(error: &std::io::Error) -> Option<Error> {
    error.get_ref()?.downcast_ref::<Error>().cloned()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
        server::WebPkiClientVerifier,
    };
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};
    use tokio_rustls::TlsAcceptor;

    use super::*;

    struct Authority(Issuer<'static, KeyPair>, Certificate);

    fn authority(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority(Issuer::new(params, key), certificate)
    }

    /// Writes a certificate for 127.0.0.1, with its key in the same file.
    fn certify(authority: &Authority, to: &Path) -> PathBuf {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority.0).unwrap();
        fs::write(to, certificate.pem() + &key.serialize_pem()).unwrap();
        to.to_owned()
    }

    /// Serves those who show a certificate of that authority; returns its address.
    async fn serve(pem: &Path, clients: &Authority) -> String {
        let mut roots = RootCertStore::empty();
        roots.add(clients.1.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let certificates = CertificateDer::pem_file_iter(pem).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                certificates.map(Result::unwrap).collect(),
                PrivateKeyDer::from_pem_file(pem).unwrap(),
            );
        let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.write_all(&[0]).await;
                }
            }
        });
        address.to_string()
    }

    #[tokio::test]
    async fn each_way_in_which_a_handshake_fails_is_told_by_its_cause_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let (ours, others) = (authority("ours"), authority("others"));
        fs::write(file("ca.pem"), ours.1.pem()).unwrap();
        fs::write(file("others-ca.pem"), others.1.pem()).unwrap();
        let server = serve(&certify(&ours, &file("server.pem")), &ours).await;
        let good = certify(&ours, &file("good.pem"));
        let bad = certify(&others, &file("bad.pem"));
        let tls = |ca: &str, shown: &PathBuf| TlsFiles {
            ca: Some(file(ca)),
            identity: Some((shown.clone(), shown.clone())),
        };
        let url = format!("https://{server}");
        assert_eq!(examine_one(&url, &tls("ca.pem", &good)).await, None);
        for _ in 0..20 {
            let found = examine_one(&url, &tls("ca.pem", &bad)).await;
            assert!(
                matches!(&found, Some(Finding::Refused { alert, .. }) if alert == "UnknownCA"),
                "{found:?}"
            );
        }
        let untrusted = Finding::Untrusted {
            url: url.clone(),
            ca: file("others-ca.pem"),
        };
        let found = examine_one(&url, &tls("others-ca.pem", &good)).await;
        assert_eq!(found, Some(untrusted));
        let plain = format!("http://{server}");
        let found = examine_one(&plain, &TlsFiles::default()).await;
        assert_eq!(found, Some(Finding::SpeaksTls { url: plain }));
    }

    #[test]
    fn a_certificate_that_is_not_in_force_is_told_with_the_clock() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let moment = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let url = || "https://usage:7002".to_owned();
        let (time, not_before, not_after) = (at(1_577_836_800), at(1_796_000_000), at(1_500));
        let early = CertificateError::NotValidYetContext { time, not_before };
        let found = Finding::NotYetInForce {
            url: url(),
            from: moment(1_796_000_000),
            now: moment(1_577_836_800),
        };
        assert_eq!(not_believed(url(), &early), found);
        let late = CertificateError::ExpiredContext { time, not_after };
        let found = Finding::Expired {
            url: url(),
            until: moment(1_500),
            now: moment(1_577_836_800),
        };
        assert_eq!(not_believed(url(), &late), found);
    }

    #[tokio::test]
    async fn a_port_without_tls_is_told_and_one_that_says_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        fs::write(&ca, authority("ours").1.pem()).unwrap();
        let tls = TlsFiles {
            ca: Some(ca),
            identity: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // What HTTP/2 begins with: empty settings.
                let _ = stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await;
                let _ = stream.read(&mut [0; 4096]).await;
            }
        });
        let url = format!("https://{address}");
        let found = examine_one(&url, &tls).await;
        assert_eq!(found, Some(Finding::SpeaksNoTls { url }));
        let plain = format!("http://{address}");
        assert_eq!(examine_one(&plain, &TlsFiles::default()).await, None);
        let nobody = "https://127.0.0.1:1";
        assert_eq!(examine_one(nobody, &tls).await, None);
    }
}
