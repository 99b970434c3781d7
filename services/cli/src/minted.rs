//! Tokens that a home's own keys sign.

use gazelle_client::Bearer;
use gazelle_client::token::{TokenError, TokenSource};
use gazelle_runtime::auth::Principal;
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::clock::Clock;
use parking_lot::Mutex;
use time::{Duration, OffsetDateTime};

/// How long a token lives, and how long it is used: a call that starts with a used one still has
/// most of an hour.
const LIFETIME: Duration = Duration::hours(1);
const FRESH: Duration = Duration::minutes(5);

/// Signs a token for somebody, again when the last one is no longer fresh.
struct Minted {
    issuer: Issuer,
    principal: Principal,
    clock: Clock,
    last: Mutex<Option<(OffsetDateTime, String)>>,
}

/// Shows tokens for `principal` that `issuer` signs, which is to be the one of its kind.
#[must_use]
pub fn minted(issuer: Issuer, principal: Principal, clock: Clock) -> Bearer {
    Bearer::new(Minted {
        issuer,
        principal,
        clock,
        last: Mutex::new(None),
    })
}

impl TokenSource for Minted {
    fn token(&self) -> Result<String, TokenError> {
        let now = self.clock.now();
        let mut last = self.last.lock();
        if let Some((at, token)) = &*last
            && (*at..*at + FRESH).contains(&now)
        {
            return Ok(token.clone());
        }
        let token = self.lasting(LIFETIME)?;
        *last = Some((now, token.clone()));
        Ok(token)
    }

    fn lasting(&self, lifetime: Duration) -> Result<String, TokenError> {
        // The services would not believe it.
        if matches!(self.principal, Principal::Person { .. }) && lifetime > LIFETIME {
            let message =
                "a person's token lives for an hour at most; those of platforms may live longer";
            return Err(TokenError(message.to_owned()));
        }
        let minted = self.issuer.mint(&self.principal, lifetime);
        minted.map_err(|error| TokenError(error.to_string()))
    }
}
