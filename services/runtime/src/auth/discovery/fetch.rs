//! Reads something small over HTTP: one answer, bounded in time and size, no redirects. What
//! keys come from is encrypted and checked, or does not leave this machine.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{
    Request, StatusCode, Uri,
    header::{ACCEPT, HOST, USER_AGENT},
    uri::Scheme,
};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};
use tokio_util::task::AbortOnDropHandle;

use crate::auth::error::AuthError;

/// The longest that one answer may take, from the name of its host to its last byte.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Nothing was read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0:?} is no address that may be asked: {1}")]
    Address(String, &'static str),
    #[error("the certificates that may vouch for it: {0}")]
    Certificates(String),
    #[error("{0} did not answer in {ANSWER_WAIT:?}")]
    Slow(String),
    #[error("{0} cannot be reached")]
    Unreachable(String, #[source] std::io::Error),
    #[error("{0} does not speak HTTP as it should")]
    Http(String, #[source] hyper::Error),
    #[error("{0} answered {1}")]
    Refused(String, StatusCode),
    #[error("the answer of {0} is longer than {ANSWER_BYTES_MAX} bytes, or cut off")]
    Long(String),
    #[error("{0}")]
    Content(String),
}

/// Reads from one provider.
pub(super) struct Fetcher {
    ca_file: Option<PathBuf>,
}

/// Where to ask: over TLS, or on this machine without.
struct Address {
    uri: Uri,
    host: String,
    port: u16,
    is_tls: bool,
}

impl Fetcher {
    /// Fails where the issuer's address may not be asked, or `ca_file` has no certificate.
    pub(super) fn new(issuer: &str, ca_file: Option<&Path>) -> Result<Self, AuthError> {
        address(issuer).map_err(|cause| AuthError::Address {
            issuer: issuer.to_owned(),
            cause,
        })?;
        if let Some(path) = ca_file {
            roots_in(path).map_err(|cause| AuthError::Certificates {
                path: path.into(),
                cause,
            })?;
        }
        Ok(Self {
            ca_file: ca_file.map(Into::into),
        })
    }

    /// What is at that address.
    pub(super) async fn get(&self, url: &str) -> Result<Bytes, FetchError> {
        let address = address(url).map_err(|cause| FetchError::Address(url.to_owned(), cause))?;
        let answer = timeout(ANSWER_WAIT, self.answer(&address)).await;
        answer.map_err(|_| FetchError::Slow(url.to_owned()))?
    }

    async fn answer(&self, address: &Address) -> Result<Bytes, FetchError> {
        let unreachable = |error| FetchError::Unreachable(address.uri.to_string(), error);
        let to = (address.host.as_str(), address.port);
        let stream = TcpStream::connect(to).await.map_err(unreachable)?;
        if !address.is_tls {
            return read(address, stream).await;
        }
        let name = ServerName::try_from(address.host.clone())
            .map_err(|_| FetchError::Address(address.uri.to_string(), "its host has no name"))?;
        let connected = self.connector()?.connect(name, stream).await;
        read(address, connected.map_err(unreachable)?).await
    }

    /// Anew each time: certificates are replaced while we run, and we ask seldom.
    fn connector(&self) -> Result<TlsConnector, FetchError> {
        let roots = match &self.ca_file {
            Some(file) => roots_in(file),
            None => system_roots(),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| FetchError::Certificates(error.to_string()))?
            .with_root_certificates(roots.map_err(FetchError::Certificates)?)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

async fn read(
    address: &Address,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> Result<Bytes, FetchError> {
    let url = || address.uri.to_string();
    let bad = |error| FetchError::Http(url(), error);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(bad)?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let target = address
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let authority = address.uri.authority().map_or("", |it| it.as_str());
    let request = Request::get(target)
        .header(HOST, authority)
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("gazelle/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())
        .map_err(|_| FetchError::Address(url(), "it is no target of a request"))?;
    let answer = sender.send_request(request).await.map_err(bad)?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Refused(url(), answer.status()));
    }
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
    let body = body.collect().await.map_err(|_| FetchError::Long(url()))?;
    Ok(body.to_bytes())
}

fn address(url: &str) -> Result<Address, &'static str> {
    let uri: Uri = url.parse().map_err(|_| "it is not written as one")?;
    let host = uri.host().unwrap_or_default();
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if host.is_empty() {
        return Err("it names no host");
    }
    if uri.authority().is_some_and(|it| it.as_str().contains('@')) {
        return Err("it has a user in it");
    }
    if !is_tls && (uri.scheme() != Some(&Scheme::HTTP) || !is_here) {
        return Err("it must be https, or http on this machine");
    }
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    Ok(Address {
        uri,
        host,
        port,
        is_tls,
    })
}

fn roots_in(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() {
        return Err("there is none".to_owned());
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let errors: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        return Err(format!("the system has none {}", errors.join("; ")));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encrypted_or_on_this_machine_is_asked() {
        for good in [
            "https://id.example",
            "https://id.example:8443/realms/city",
            "http://localhost:8080",
            "http://127.0.0.9:1/",
            "http://[::1]:8080/a",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example",
            "http://10.0.0.1",
            "http://localhost.example",
            "http://localhost@id.example",
            "https://alice@id.example",
            "ftp://localhost",
            "id.example",
            "file:///etc/passwd",
            "",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
