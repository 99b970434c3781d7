//! What those are told who are not let in.

use gazelle_kernel::{Instant, format_instant};
use gazelle_proto::access::{Caller, ErrorReason};
use tonic::{Code, Status};

use crate::{
    auth::{CertificateEnded, Ended, Principal, Revoked, TokenEnded},
    config::SecondFactorConfig,
    status::Refusal,
};

/// Why no certificate may come of who has one.
const LEFT_OUT: &str =
    "many clients leave out one that is of no authority which the service asks for";

/// A call that is not let in.
pub(super) struct Refused {
    pub(super) status: Status,
    /// Who called, where that is known.
    pub(super) principal: Option<Principal>,
}

impl From<Refusal> for Refused {
    /// Of somebody who is not known.
    fn from(refusal: Refusal) -> Self {
        Self {
            status: refusal.into(),
            principal: None,
        }
    }
}

fn unauthenticated(reason: ErrorReason, message: impl Into<String>) -> Refusal {
    Refusal::shared(Code::Unauthenticated, reason, message)
}

pub(super) fn gave_way() -> Refusal {
    Refusal::shared(
        Code::ResourceExhausted,
        ErrorReason::Overloaded,
        "the connection gave way to others before the call; connect again",
    )
    .with("cause", "GAVE_WAY")
}

pub(super) fn nothing_shown() -> Refusal {
    unauthenticated(
        ErrorReason::Unauthenticated,
        format!(
            "send `authorization: Bearer TOKEN`, once, or show a client certificate; {LEFT_OUT}"
        ),
    )
    .with("cause", "NOTHING_SHOWN")
}

pub(super) fn malformed() -> Refusal {
    unauthenticated(
        ErrorReason::Unauthenticated,
        "the `authorization` of the call is not `Bearer TOKEN`, once; write it so, or leave it out \
         where a client certificate is shown",
    )
    .with("cause", "NOT_BELIEVED")
}

pub(super) fn not_valid() -> Refusal {
    unauthenticated(
        ErrorReason::Unauthenticated,
        "the token is not believed here; get a new one from the issuer that signs for you and this \
         service, or ask those who run it: its log says what is wrong",
    )
    .with("cause", "NOT_BELIEVED")
}

pub(super) fn expired(at: Instant) -> Refusal {
    let at = format_instant(at);
    let message = format!("the token expired at {at}; get a new one, and begin again with it");
    unauthenticated(ErrorReason::TokenExpired, message).with("expired_at", at)
}

pub(super) fn revoked(what: Revoked) -> Refusal {
    let what = what.as_str();
    let message = format!("the {what} was revoked; ask those who run the service");
    unauthenticated(ErrorReason::TokenRevoked, message).with("revoked", what)
}

fn certificate_expired(at: Instant) -> Refusal {
    let at = format_instant(at);
    let message = format!("the client certificate expired at {at}; connect again with a new one");
    unauthenticated(ErrorReason::CertificateExpired, message).with("expired_at", at)
}

fn certificate_revoked(what: &'static str) -> Refusal {
    let message = format!(
        "the client certificate is not believed any more: the {what} was revoked; \
         ask those who run the service"
    );
    unauthenticated(ErrorReason::CertificateRevoked, message).with("revoked", what)
}

pub(super) fn ended(ended: &Ended) -> Refusal {
    match ended {
        Ended::Token(TokenEnded::Expired { at }) => expired(*at),
        Ended::Token(TokenEnded::Revoked(what)) => revoked(*what),
        Ended::Certificate(CertificateEnded::Expired { at }) => certificate_expired(*at),
        Ended::Certificate(CertificateEnded::Revoked) => certificate_revoked("certificate"),
        Ended::Certificate(CertificateEnded::Authority) => certificate_revoked("authority"),
    }
}

pub(super) fn mismatch(certificate: &Principal, token: &Principal) -> Refusal {
    let (certificate, token) = (certificate.actor(), token.actor());
    let message = format!(
        "the client certificate names {certificate}, the token {token}; show those of one, or no token"
    );
    unauthenticated(ErrorReason::IdentityMismatch, message)
        .with("certificate", certificate)
        .with("token", token)
}

pub(super) fn certificate_required() -> Refusal {
    unauthenticated(
        ErrorReason::CertificateRequired,
        format!(
            "a platform must show its client certificate here; a token alone is not enough; {LEFT_OUT}"
        ),
    )
}

pub(super) fn token_required() -> Refusal {
    unauthenticated(
        ErrorReason::TokenRequired,
        "a platform must show its token here; a client certificate alone is not enough",
    )
}

/// The refusal of a call by somebody who is none of those that may.
#[must_use]
pub fn denied(callers: &[Caller]) -> Refusal {
    let names: Vec<_> = callers.iter().map(|caller| caller.as_str()).collect();
    let may = |who: &str| format!("you may not call this; {who} may");
    let message = match names.as_slice() {
        [] => "nobody may call this".to_owned(),
        [one] => may(one),
        [first @ .., last] => may(&format!("{} or {last}", first.join(", "))),
    };
    Refusal::shared(
        Code::PermissionDenied,
        ErrorReason::PermissionDenied,
        message,
    )
    .with("may", names.join(","))
}

pub(super) fn second_factor(asked: &SecondFactorConfig) -> Refusal {
    let acr = asked.acr.iter().map(|value| format!("acr={value}"));
    let amr = asked.amr.iter().map(|value| format!("amr={value}"));
    let accepted: Vec<_> = acr.chain(amr).collect();
    Refusal::shared(
        Code::PermissionDenied,
        ErrorReason::SecondFactorRequired,
        "this asks for a second factor; log in with one, and call again with that token",
    )
    .with("accepted", accepted.join(" "))
}
