//! Who is calling.
//!
//! A caller shows a JSON Web Token (RFC 7519), signed by a key in the issuer's key set. The
//! algorithm is the key's, never the token's choice: EdDSA, ES256 or RS256. People have a
//! `roles` claim; a workload's subject is `platform:ID` or `service:NAME`, which no person's may
//! look like.

use std::{collections::HashMap, error::Error, fmt, sync::Arc};

use gazelle_client::watched::{FileError, Watched};
use gazelle_kernel::{Actor, PlatformId};
use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};
use serde::Deserialize;

use crate::{clock::Clock, config::AuthConfig};

/// Difference between our clock and the issuer's that a token may have, in seconds.
const LEEWAY_SECONDS: i64 = 30;

/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// What a person may be; see `gazelle/access/v1/access.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Keeps the registry.
    Registrar,
    /// Defines programs, seals periods, computes and publishes runs.
    Officer,
    /// Approves published runs.
    Approver,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role that a token may name.
    pub const ALL: [Self; 4] = [
        Self::Registrar,
        Self::Officer,
        Self::Approver,
        Self::Auditor,
    ];

    /// As in a token's `roles`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
        }
    }
}

/// A caller whose token was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A human being.
    Person {
        /// The issuer's name for them.
        subject: String,
        /// What they may be; none for a stranger.
        roles: Vec<Role>,
    },
    /// A partner platform.
    Platform(PlatformId),
    /// A service of the suite, by name.
    Service(String),
}

impl Principal {
    /// The name to write down, the same for ever: `person:alice`, `platform:alpha-mall`,
    /// `service:settlement`.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::new(match self {
            Self::Person { subject, .. } => format!("person:{subject}"),
            Self::Platform(id) => format!("platform:{id}"),
            Self::Service(name) => format!("service:{name}"),
        })
    }

    pub(crate) fn from_claims(subject: String, roles: &[String]) -> Option<Self> {
        match subject.split_once(':') {
            // Roles are for people.
            Some(("platform" | "service", _)) if !roles.is_empty() => return None,
            Some(("platform", id)) => return PlatformId::parse(id).ok().map(Self::Platform),
            Some(("service", name)) => {
                return is_service_name(name).then(|| Self::Service(name.into()));
            }
            Some(_) | None => {}
        }
        if subject.is_empty() || subject.len() > 255 || subject.chars().any(char::is_control) {
            return None;
        }
        // An identity provider may have roles of its own; they mean nothing here.
        let known = |role: &Role| roles.iter().any(|name| name == role.as_str());
        Some(Self::Person {
            subject,
            roles: Role::ALL.into_iter().filter(known).collect(),
        })
    }
}

pub(crate) fn is_service_name(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// Why a token was not believed. For the log: a caller learns only that it was not.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token, or of an algorithm that is not taken.
    #[error("the token is malformed")]
    Malformed(#[source] jsonwebtoken::errors::Error),
    /// Longer than any token of ours.
    #[error("the token is too long")]
    TooLong,
    /// It says what must be understood of it (`crit`, RFC 7515), and nothing of that is here.
    #[error("the token demands what is not understood")]
    Critical,
    /// No key of the set has the token's key id, or it names none.
    #[error("the token's key is not in the key set")]
    UnknownKey,
    /// Wrong signature, algorithm, issuer or audience, or a claim is missing.
    #[error("the token is not valid")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Before its `nbf`.
    #[error("the token is not valid yet")]
    NotYet,
    /// `sub` and `roles` are nobody's.
    #[error("the token's subject is nobody")]
    Nobody,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    roles: Vec<String>,
}

/// Tells who a token's bearer is. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<Watched<HashMap<String, Key>>>,
    issuer: Arc<str>,
    audience: Arc<str>,
    clock: Clock,
}

struct Key {
    algorithm: Algorithm,
    decoding: DecodingKey,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// Reads the key set; refuses one without any key that can be used.
    pub fn new(config: &AuthConfig, clock: Clock) -> Result<Self, FileError> {
        Ok(Self {
            keys: Arc::new(Watched::open(&config.jwks_file, parse_keys)?),
            issuer: config.issuer.as_str().into(),
            audience: config.audience.as_str().into(),
            clock,
        })
    }

    /// The bearer of `token`, if it is to be believed.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let header = decode_header(token).map_err(TokenError::Malformed)?;
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        let keys = self.keys.current();
        let key = header
            .kid
            .and_then(|kid| keys.get(&kid))
            .ok_or(TokenError::UnknownKey)?;

        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&*self.issuer]);
        validation.set_audience(&[&*self.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // The library would ask the machine for the time; we ask our clock, below.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &key.decoding, &validation)
            .map_err(TokenError::Invalid)?
            .claims;

        let now = self.clock.now().unix_timestamp();
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(TokenError::Expired);
        }
        if claims
            .nbf
            .is_some_and(|nbf| nbf.saturating_sub(LEEWAY_SECONDS) > now)
        {
            return Err(TokenError::NotYet);
        }
        Principal::from_claims(claims.sub, &claims.roles).ok_or(TokenError::Nobody)
    }
}

/// The usable keys of a key set, by id. Keys of other kinds are passed over: an identity
/// provider's set may hold some.
fn parse_keys(json: &[u8]) -> Result<HashMap<String, Key>, Box<dyn Error + Send + Sync>> {
    let set: JwkSet = serde_json::from_slice(json)?;
    let keys: HashMap<_, _> = set
        .keys
        .iter()
        .filter_map(|jwk| Some((jwk.common.key_id.clone()?, usable(jwk)?)))
        .collect();
    if keys.is_empty() {
        return Err("the key set has no usable key".into());
    }
    Ok(keys)
}

/// The key with the one algorithm it may verify; `None` for symmetric, encryption, short or
/// malformed keys.
fn usable(jwk: &Jwk) -> Option<Key> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    let for_signatures = matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    );
    let stated = jwk.common.key_algorithm;
    if !for_signatures || stated.is_some_and(|stated| stated != algorithm.into()) {
        return None;
    }
    let decoding = DecodingKey::from_jwk(jwk).ok()?;
    let sound = match decoding.kind() {
        // The library slices these without looking.
        DecodingKeyKind::SecretOrDer(bytes) => match algorithm {
            Algorithm::EdDSA => bytes.len() == 32,
            _ => bytes.len() == 65,
        },
        DecodingKeyKind::RsaModulusExponent { n, .. } => n.len() >= 2048 / 8,
    };
    sound.then_some(Key {
        algorithm,
        decoding,
    })
}

#[cfg(test)]
pub(crate) mod tests;
