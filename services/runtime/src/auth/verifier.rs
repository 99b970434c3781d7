//! Tells who a token's bearer is.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gazelle_client::watched::Watched;
use jsonwebtoken::{decode, decode_header, errors::ErrorKind};
use serde_json::{Map, Value};
use time::{OffsetDateTime, macros::datetime};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::{
    LEEWAY_SECONDS,
    certificate::Certificate,
    claims::Claims,
    error::{AuthError, Ended, Revoked, TokenEnded, TokenError},
    evidence::{Believed, Evidence, Token},
    issuers::{Issuers, Trusted},
    keys::KeySet,
    principal::Principal,
    revoked::RevokedList,
    source::KeySource,
};
use crate::{
    clock::Clock,
    config::{AuthConfig, Kind, PlatformProof, SecondFactorConfig},
};

/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// The longest that a start waits for providers. Whoever is away then is asked on.
const FIRST_KEYS_WAIT: Duration = Duration::from_secs(2);

/// Tells who a token's bearer is, and whether they still are. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<VerifierState>);

struct VerifierState {
    issuers: Issuers,
    revoked: Option<Watched<RevokedList>>,
    second_factor: Option<SecondFactorConfig>,
    platforms: PlatformProof,
    clock: Clock,
}

/// Keeps the keys of providers up to date until it is dropped.
#[derive(Debug)]
pub struct KeepingKeys(#[expect(dead_code, reason = "held")] Vec<AbortOnDropHandle<()>>);

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.issuers.all().map(|issuer| &issuer.name).collect();
        f.debug_struct("Verifier")
            .field("issuers", &names)
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// Reads the files that the configuration names; refuses a key set without any key that can
    /// be used. No provider is asked before [`keep_keys`](Self::keep_keys).
    pub fn new(config: &AuthConfig, clock: Clock) -> Result<Self, AuthError> {
        if let Some(contradiction) = config.contradiction() {
            return Err(AuthError::Contradiction(contradiction));
        }
        let open = |file| Watched::open(file, RevokedList::parse);
        Ok(Self(Arc::new(VerifierState {
            issuers: Issuers::open(config)?,
            revoked: config.revoked_file.as_deref().map(open).transpose()?,
            second_factor: config.second_factor.clone(),
            platforms: config.platforms,
            clock,
        })))
    }

    /// Fetches the keys of issuers that are asked for them, and goes on doing so. Waits a moment
    /// for the first answers; who is away keeps nobody from starting.
    pub async fn keep_keys(&self) -> KeepingKeys {
        let mut keeping = Vec::new();
        let mut firsts = Vec::new();
        for issuer in self.0.issuers.all() {
            if let KeySource::Discovered(discovered) = &issuer.keys {
                let discovered = discovered.clone();
                firsts.push(discovered.clone().first());
                keeping.push(AbortOnDropHandle::new(tokio::spawn(discovered.keep())));
            }
        }
        let _ = timeout(FIRST_KEYS_WAIT, futures::future::join_all(firsts)).await;
        KeepingKeys(keeping)
    }

    /// What a platform must show.
    #[must_use]
    pub fn platforms(&self) -> PlatformProof {
        self.0.platforms
    }

    /// What counts as a second factor; none where none is asked for.
    #[must_use]
    pub fn second_factor(&self) -> Option<&SecondFactorConfig> {
        self.0.second_factor.as_ref()
    }

    /// As [`verify`](Self::verify). Where the key is not known and its issuer can be asked, that
    /// is done first, as often as it may be.
    pub async fn believe(&self, token: &str) -> Result<Believed, TokenError> {
        let refused = match self.verify(token) {
            Err(TokenError::UnknownKey) => TokenError::UnknownKey,
            otherwise => return otherwise,
        };
        match &self.0.issuers.of_token(token)?.keys {
            KeySource::Discovered(discovered) if discovered.seek().await => self.verify(token),
            KeySource::Discovered(_) | KeySource::File(_) => Err(refused),
        }
    }

    /// The bearer of `token`, if it is to be believed.
    pub fn verify(&self, token: &str) -> Result<Believed, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let header = decode_header(token).map_err(TokenError::Malformed)?;
        if demands(token) {
            return Err(TokenError::Critical);
        }
        let issuer = self.0.issuers.of_token(token)?;
        let keys = issuer.keys.current();
        let is_named = header.kid.is_some();
        let key_id = header.kid.or_else(|| only_key(&keys).cloned());
        let key_id = key_id.ok_or(TokenError::UnknownKey)?;
        let key = keys.get(&key_id).ok_or(TokenError::UnknownKey)?;
        let validation = issuer.validation(key.algorithm);
        let validation = validation.ok_or(TokenError::UnknownKey)?;
        let claims = decode::<Map<String, Value>>(token, &key.decoding, validation)
            .map_err(|error| match error.kind() {
                // Of the one before or after it, as far as anybody can tell.
                ErrorKind::InvalidSignature if !is_named => TokenError::UnknownKey,
                _ => TokenError::Invalid(error),
            })?
            .claims;
        let claims = Claims::read(&claims, &issuer.roles_claim)?;
        self.judge(issuer, (key_id, &key.thumbprint), claims)
    }

    fn judge(
        &self,
        issuer: &Trusted,
        (key_id, thumbprint): (String, &str),
        claims: Claims,
    ) -> Result<Believed, TokenError> {
        let has_second_factor = self.is_second_factor(&claims);
        let principal =
            Principal::from_claims(claims.subject, &claims.roles).ok_or(TokenError::Nobody)?;
        if !issuer.signs_for.contains(&principal.kind()) {
            return Err(TokenError::NotItsToSign);
        }
        let now = self.0.clock.now().unix_timestamp();
        let is_later = |at: i64| at.saturating_sub(LEEWAY_SECONDS) > now;
        if claims.not_before.is_some_and(is_later) || claims.issued.is_some_and(is_later) {
            return Err(TokenError::NotYet);
        }
        if principal.kind() == Kind::People {
            let began = claims.issued;
            let began = began.ok_or_else(|| TokenError::Claim("iat".to_owned()))?;
            let lifetime_s = claims.expires.saturating_sub(began);
            if lifetime_s > i64::from(issuer.lifetime_max_s) {
                return Err(TokenError::TooLongLived {
                    lifetime_s,
                    lifetime_max_s: issuer.lifetime_max_s,
                });
            }
        }
        // Up to the last second that there is a date for.
        let end = claims
            .expires
            .clamp(0, datetime!(9999-12-31 0:00 UTC).unix_timestamp());
        let token = Token {
            issuer: issuer.name.clone(),
            key_id,
            key_thumbprint: thumbprint.to_owned(),
            id: claims.id,
            expires_at: OffsetDateTime::from_unix_timestamp(end)
                .map_err(|_| TokenError::Claim("exp".to_owned()))?,
            has_second_factor,
        };
        match self.ended(&principal, Some(&token)) {
            None => Ok(Believed { principal, token }),
            Some(TokenEnded::Expired { at }) => Err(TokenError::Expired { at }),
            Some(TokenEnded::Revoked(what)) => Err(TokenError::Revoked(what, Box::new(principal))),
        }
    }

    fn is_second_factor(&self, claims: &Claims) -> bool {
        self.0.second_factor.as_ref().is_some_and(|asked| {
            claims.acr.iter().any(|acr| asked.acr.contains(acr))
                || claims.amr.iter().any(|amr| asked.amr.contains(amr))
        })
    }

    /// Why somebody who was believed is not any more; `None` while they are.
    #[must_use]
    pub fn has_ended(&self, principal: &Principal, evidence: &Evidence) -> Option<Ended> {
        let certificate = evidence.certificate.as_ref();
        if let Some(ended) = certificate.and_then(Certificate::ended) {
            return Some(Ended::Certificate(ended));
        }
        let token = evidence.token.as_ref();
        let issuer = token.and_then(|token| self.0.issuers.named(&token.issuer));
        let keys = issuer.map(|issuer| issuer.keys.current());
        let is_signed = |token: &Token| {
            let key = keys.as_ref().and_then(|keys| keys.get(&token.key_id));
            key.is_some_and(|key| key.thumbprint == token.key_thumbprint)
        };
        if !token.is_none_or(is_signed) {
            return Some(Ended::Token(TokenEnded::Revoked(Revoked::Key)));
        }
        self.ended(principal, token).map(Ended::Token)
    }

    fn ended(&self, principal: &Principal, token: Option<&Token>) -> Option<TokenEnded> {
        if let Some(token) = token {
            let at = token.expires_at;
            if at.unix_timestamp().saturating_add(LEEWAY_SECONDS)
                <= self.0.clock.now().unix_timestamp()
            {
                return Some(TokenEnded::Expired { at });
            }
        }
        let id = token.and_then(|token| token.id.as_deref());
        let list = self.0.revoked.as_ref()?.current();
        list.find(principal, id).map(TokenEnded::Revoked)
    }
}

/// Whether a token says what must be understood of it (`crit`), in whatever way. The library takes
/// a `null` for none.
fn demands(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Result<Map<String, Value>, _> = serde_json::from_slice(&header);
    header.map_or(true, |header| header.contains_key("crit"))
}

/// The key of an issuer that has one alone: its tokens need not name it (`OpenID` Connect Core 1.0,
/// section 10.1).
fn only_key(keys: &KeySet) -> Option<&String> {
    let mut ids = keys.keys();
    ids.next().filter(|_| keys.len() == 1)
}
