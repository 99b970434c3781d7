//! Where the keys of an issuer come from.

use std::sync::Arc;

use gazelle_client::watched::Watched;

use super::{
    discovery::Discovered,
    error::AuthError,
    keys::{self, KeySet},
};
use crate::config::IssuerConfig;

/// Where an issuer's keys are.
pub(super) enum KeySource {
    File(Watched<KeySet>),
    Discovered(Arc<Discovered>),
}

impl KeySource {
    /// Reads a file; asks nobody yet.
    pub(super) fn open(config: &IssuerConfig) -> Result<Self, AuthError> {
        match &config.jwks_file {
            Some(file) => Ok(Self::File(Watched::open(file, keys::parse)?)),
            None => Ok(Self::Discovered(Arc::new(Discovered::new(config)?))),
        }
    }

    pub(super) fn current(&self) -> Arc<KeySet> {
        match self {
            Self::File(file) => file.current(),
            Self::Discovered(discovered) => discovered.current(),
        }
    }
}
