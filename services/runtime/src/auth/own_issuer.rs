//! Tokens of our own, for `gazelle up` and for tests. In production an identity provider issues
//! them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use serde::Serialize;
use time::Duration;

use super::Principal;
use crate::clock::Clock;

/// What comes before the 32 bytes of an Ed25519 key in its PKCS #8 form (RFC 8410, section 7).
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The signing key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The file of the key.
    #[error("cannot use the signing key {}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read the key.
    #[error("the signing key {} can be read by others; allow its owner alone", .0.display())]
    Exposed(PathBuf),
    /// The system gave no random numbers.
    #[error("no random numbers for a signing key")]
    Random(#[source] getrandom::Error),
    /// Not an Ed25519 key.
    #[error("the signing key is not an Ed25519 key in PKCS #8")]
    Key(#[source] jsonwebtoken::errors::Error),
    /// The token could not be signed.
    #[error("cannot sign a token")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// Signs tokens with an Ed25519 key.
#[derive(Debug)]
pub struct Issuer {
    key: EncodingKey,
    public: Jwk,
    name: String,
    audience: String,
    clock: Clock,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<&'static str>,
    iat: i64,
    exp: i64,
    /// By which this one token can be revoked.
    jti: String,
}

impl Issuer {
    /// Uses the key in `key_file` (PKCS #8, DER), which is made on first use and readable by its
    /// owner alone.
    pub fn open(
        key_file: &Path,
        issuer: &str,
        audience: &str,
        clock: Clock,
    ) -> Result<Self, IssuerError> {
        let failed = |source| IssuerError::File {
            path: key_file.into(),
            source,
        };
        if !key_file.try_exists().map_err(failed)? {
            write_new_key(key_file)?;
        }
        if fs::metadata(key_file).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(IssuerError::Exposed(key_file.into()));
        }
        let key = EncodingKey::from_ed_der(&fs::read(key_file).map_err(failed)?);

        let mut public =
            Jwk::from_encoding_key(&key, Algorithm::EdDSA).map_err(IssuerError::Key)?;
        let id = public
            .thumbprint(ThumbprintHash::SHA256)
            .map_err(IssuerError::Key)?;
        public.common.key_id = Some(id);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            key,
            public,
            name: issuer.into(),
            audience: audience.into(),
            clock,
        })
    }

    /// A token for `principal`, valid from now on for `lifetime`.
    pub fn mint(&self, principal: &Principal, lifetime: Duration) -> Result<String, IssuerError> {
        let (sub, roles) = match principal {
            Principal::Person { subject, roles } => (
                subject.clone(),
                roles.iter().map(|role| role.as_str()).collect(),
            ),
            Principal::Platform(_) | Principal::Service(_) => {
                (principal.actor().to_string(), Vec::new())
            }
        };
        let now = self.clock.now();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid.clone_from(&self.public.common.key_id);
        let claims = SignedClaims {
            iss: &self.name,
            aud: &self.audience,
            sub,
            roles,
            iat: now.unix_timestamp(),
            exp: (now + lifetime).unix_timestamp(),
            jti: self.clock.id().to_string(),
        };
        encode(&header, &claims, &self.key).map_err(IssuerError::Sign)
    }

    /// A token with any claims, as another provider might make it with this key.
    pub fn sign(&self, claims: &serde_json::Value) -> Result<String, IssuerError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid.clone_from(&self.public.common.key_id);
        encode(&header, claims, &self.key).map_err(IssuerError::Sign)
    }

    /// The public key as a key set (JWKS), which a [`Verifier`](crate::auth::Verifier) reads.
    #[must_use]
    pub fn jwks(&self) -> String {
        serde_json::json!({ "keys": [self.public] }).to_string()
    }
}

/// Under another name first: a file of the final name is always a whole key.
fn write_new_key(key_file: &Path) -> Result<(), IssuerError> {
    let mut der = PKCS8_PREFIX.to_vec();
    der.resize(PKCS8_PREFIX.len() + 32, 0);
    getrandom::fill(&mut der[PKCS8_PREFIX.len()..]).map_err(IssuerError::Random)?;
    let unfinished = key_file.with_extension("new");
    let write = || {
        let mut options = OpenOptions::new();
        let mut file: File = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(&der)?;
        file.sync_all()?;
        fs::rename(&unfinished, key_file)
    };
    write().map_err(|source| IssuerError::File {
        path: key_file.into(),
        source,
    })
}
