use std::{fs, path::PathBuf};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::{OffsetDateTime, macros::datetime};

mod issuers;
mod keys;
mod revoked;
mod signatures;
mod subjects;

use super::*;
use crate::{
    auth::own_issuer::Issuer,
    clock::Clock,
    config::{AuthConfig, IssuerConfig, Kind},
};

const NOW: OffsetDateTime = datetime!(2017-11-11 0:00 UTC);
const ISSUER: &str = "https://issuer.test";

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

fn config(jwks_file: PathBuf) -> AuthConfig {
    let issuer = IssuerConfig::in_file(ISSUER, jwks_file, &Kind::ALL);
    AuthConfig::of_issuers("gazelle", vec![issuer])
}

impl Suite {
    fn new() -> Self {
        suite(&Clock::fixed(NOW))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn jwk(&self) -> Value {
        serde_json::from_str::<Value>(&self.issuer.jwks()).unwrap()["keys"][0].clone()
    }

    fn header(&self, algorithm: Algorithm) -> Header {
        let mut header = Header::new(algorithm);
        header.kid = self.jwk()["kid"].as_str().map(Into::into);
        header
    }

    /// A token as the issuer signs it, with good claims except for `changed`; null drops one.
    fn token(&self, changed: &Value) -> String {
        let key = EncodingKey::from_ed_der(&fs::read(self.file("key.der")).unwrap());
        encode(&self.header(Algorithm::EdDSA), &claims(changed), &key).unwrap()
    }

    fn refusal(&self, changed: &Value) -> TokenError {
        self.verifier.verify(&self.token(changed)).unwrap_err()
    }
}

fn claims(changed: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "gazelle", "sub": "alice", "roles": ["officer"],
        "iat": NOW.unix_timestamp() - 60, "exp": NOW.unix_timestamp() + 60,
    });
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}
