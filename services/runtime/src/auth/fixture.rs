//! For tests: an issuer with its files, and a verifier that believes it.

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use time::{OffsetDateTime, macros::datetime};

use super::{Verifier, own_issuer::Issuer};
use crate::{
    clock::Clock,
    config::{AuthConfig, IssuerConfig, Kind},
};

/// When tests of identity are.
pub(super) const NOW: OffsetDateTime = datetime!(2017-11-11 0:00 UTC);
/// Who signs in them.
pub(super) const ISSUER: &str = "https://issuer.test";

/// An issuer, and a verifier that believes it.
pub(crate) struct Suite {
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier,
    folder: TempDir,
}

pub(crate) fn suite(clock: &Clock) -> Suite {
    suite_with(clock, |_| {})
}

/// One whose configuration says something more.
pub(crate) fn suite_with(clock: &Clock, change: impl FnOnce(&mut AuthConfig)) -> Suite {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key.der");
    let issuer = Issuer::open(&key_file, ISSUER, "gazelle", clock.clone()).unwrap();
    let jwks_file = folder.path().join("jwks.json");
    fs::write(&jwks_file, issuer.jwks()).unwrap();
    let mut config = config(jwks_file);
    change(&mut config);
    Suite {
        verifier: Verifier::new(&config, clock.clone()).unwrap(),
        issuer,
        folder,
    }
}

/// A configuration that believes the issuer of a key set.
pub(super) fn config(jwks_file: PathBuf) -> AuthConfig {
    let issuer = IssuerConfig::in_file(ISSUER, jwks_file, &Kind::ALL);
    AuthConfig::of_issuers("gazelle", vec![issuer])
}

impl Suite {
    /// A file beside the issuer's key and key set.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
