//! Whom a service believes.

use std::path::PathBuf;

use serde::Deserialize;

/// Whose tokens are believed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// The `iss` of every token.
    pub issuer: String,
    /// What every token's `aud` must name.
    pub audience: String,
    /// The issuer's public keys (JWKS, RFC 7517). Read again when it changes.
    pub jwks_file: PathBuf,
}
