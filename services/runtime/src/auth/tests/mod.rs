use std::fs;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

mod issuers;
mod keys;
mod revoked;
mod signatures;
mod subjects;

use super::{
    fixture::{ISSUER, NOW, Suite, config, suite},
    own_issuer::Issuer,
    *,
};
use crate::{
    clock::Clock,
    config::{AuthConfig, IssuerConfig},
};

impl Suite {
    fn new() -> Self {
        suite(&Clock::fixed(NOW))
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
