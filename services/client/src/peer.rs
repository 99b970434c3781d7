//! How a service calls another one.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use tonic::service::interceptor::InterceptedService;

use crate::{
    channel::channel,
    error::ClientError,
    files::TlsFiles,
    token::{Authorized, Bearer},
};

/// Longest wait for a peer's answer, where the call that it is made for leaves that much.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Another service that this one calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Such as `http://registry:7001`; or `https`, and then with `ca_file`.
    pub url: String,
    /// The certificates that may vouch for the peer's, in PEM. Read again when they change, as
    /// the next two.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The certificate that the peer is shown, with those between it and a root, in PEM.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
    /// Its key, in PEM.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// Holds the token to call it with; none where the certificate says who calls. Read again when
    /// it changes.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

impl PeerConfig {
    /// What TLS to the peer needs.
    pub fn tls_files(&self) -> Result<TlsFiles, ClientError> {
        let (certificate, key) = (self.certificate_file.as_ref(), self.key_file.as_ref());
        TlsFiles::new(&self.url, self.ca_file.as_ref(), certificate, key)
    }
}

/// A channel to a peer, which shows our token.
pub fn connect(config: &PeerConfig) -> Result<Authorized, ClientError> {
    let bearer = match &config.token_file {
        Some(file) => Bearer::from_file(file)?,
        None if config.certificate_file.is_some() => Bearer::none(),
        None => {
            let cause =
                "it needs `token_file`, or `certificate_file` and `key_file`, to be called with";
            return Err(ClientError::Url {
                url: config.url.clone(),
                cause: cause.to_owned(),
            });
        }
    };
    let channel = channel(&config.url, &config.tls_files()?, ANSWER_WAIT)?;
    Ok(InterceptedService::new(channel, bearer))
}
