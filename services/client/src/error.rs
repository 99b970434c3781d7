//! Why nothing can be called as configured.

use crate::watched::FileError;

/// A service cannot be called as configured.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Not the URL of a service.
    #[error("`{url}` is not the URL of a service: {cause}")]
    Url {
        /// What was configured.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// No way to trust it.
    #[error("`{url}` over TLS: {cause}")]
    Tls {
        /// What was configured.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The token that is to be shown cannot be read.
    #[error("no token to call a service with")]
    Token(#[from] FileError),
}

impl ClientError {
    /// For programs; the message is for people.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Url { .. } | Self::Tls { .. } => "ENDPOINT_INVALID",
            Self::Token(_) => "CREDENTIAL_UNUSABLE",
        }
    }
}
