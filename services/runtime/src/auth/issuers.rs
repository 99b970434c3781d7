//! Who is believed, and for whom each may sign.

use std::{collections::HashMap, sync::Arc};

use jsonwebtoken::{Algorithm, Validation, dangerous::insecure_decode_claims};
use serde::Deserialize;

use super::{
    error::{AuthError, TokenError},
    source::KeySource,
};
use crate::config::{AuthConfig, IssuerConfig, Kind};

/// One issuer that is believed.
pub(super) struct Trusted {
    pub(super) name: Arc<str>,
    pub(super) keys: KeySource,
    pub(super) signs_for: Vec<Kind>,
    pub(super) roles_claim: String,
    pub(super) lifetime_max_s: u32,
    /// One for each algorithm that a key may have.
    validations: Vec<Validation>,
}

/// Issuers by their names.
pub(super) struct Issuers(HashMap<Arc<str>, Trusted>);

/// All that is read of a token before its signature is verified: whose keys to verify it with.
#[derive(Deserialize)]
struct Unverified {
    iss: String,
}

impl Issuers {
    pub(super) fn open(config: &AuthConfig) -> Result<Self, AuthError> {
        let trusted = config.issuers.iter().map(|issuer| {
            let trusted = Trusted::open(issuer, &config.audience)?;
            Ok((trusted.name.clone(), trusted))
        });
        Ok(Self(trusted.collect::<Result<_, AuthError>>()?))
    }

    /// Whom a token says that it is of.
    pub(super) fn of_token(&self, token: &str) -> Result<&Trusted, TokenError> {
        let claims: Unverified = insecure_decode_claims(token).map_err(TokenError::Invalid)?;
        self.named(&claims.iss).ok_or(TokenError::UnknownIssuer)
    }

    pub(super) fn named(&self, name: &str) -> Option<&Trusted> {
        self.0.get(name)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Trusted> {
        self.0.values()
    }
}

impl Trusted {
    fn open(config: &IssuerConfig, audience: &str) -> Result<Self, AuthError> {
        let validation = |algorithm| {
            let mut validation = Validation::new(algorithm);
            validation.set_issuer(&[&config.issuer]);
            validation.set_audience(&[audience]);
            validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
            // The library would ask the machine for the time; the verifier asks our clock.
            validation.validate_exp = false;
            validation
        };
        let algorithms = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256];
        Ok(Self {
            name: config.issuer.as_str().into(),
            keys: KeySource::open(config)?,
            signs_for: config.signs_for.clone(),
            roles_claim: config.roles_claim.clone(),
            lifetime_max_s: config.lifetime_max_s,
            validations: algorithms.into_iter().map(validation).collect(),
        })
    }

    /// What a token that a key of this algorithm signed must hold.
    pub(super) fn validation(&self, algorithm: Algorithm) -> Option<&Validation> {
        let of_algorithm = |it: &&Validation| it.algorithms.contains(&algorithm);
        self.validations.iter().find(of_algorithm)
    }
}
