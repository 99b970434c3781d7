//! Whom a service calls.

use std::path::PathBuf;

use serde::Deserialize;

/// Another service that this one calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Such as `http://registry:7001`; or `https`, and then with `ca_file`.
    pub url: String,
    /// The certificates that may vouch for the peer's, in PEM. Read once.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Holds the token to call it with. Read again when it changes.
    pub token_file: PathBuf,
}
