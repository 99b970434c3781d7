//! Keys of an issuer.

use std::{collections::HashMap, error::Error};

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};

/// Keys by their ids.
pub(super) type KeySet = HashMap<String, Key>;

/// A key, with the one algorithm that it verifies.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
    /// What it is, whatever its id says (RFC 7638).
    pub(super) thumbprint: String,
}

/// The usable keys of a key set, by id; the id of one that has none is empty, and of several with
/// one id the last counts. Keys of other kinds are passed over: an identity provider's set may hold
/// some.
pub(super) fn parse(json: &[u8]) -> Result<KeySet, Box<dyn Error + Send + Sync>> {
    let set: JwkSet = serde_json::from_slice(json)?;
    let keys: KeySet = set
        .keys
        .iter()
        .filter_map(|jwk| {
            let id = jwk.common.key_id.clone().unwrap_or_default();
            Some((id, usable(jwk)?))
        })
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
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).ok()?;
    sound.then_some(Key {
        algorithm,
        decoding,
        thumbprint,
    })
}
