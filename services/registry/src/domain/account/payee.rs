//! What proposals and decisions about a payee's account depend on.

use std::collections::BTreeSet;

use gazelle_kernel::{Actor, Instant, ParseError, PayeeId, batch::Verdict, instant_text};
use serde::Serialize;

use super::{
    details::{Account, NameRefused},
    version::{PaymentAccount, State},
};
use crate::domain::revision::Revision;

/// What is recorded of a payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// What it is registered under.
    pub registered_name: Box<str>,
    /// The version that waits to be decided, else the one in force.
    pub newest: Option<PaymentAccount>,
    /// How many versions there are.
    pub version_count: i32,
}

impl Payee {
    /// What proposing this account means. The same as the newest changes nothing, unless a payment
    /// to the payee came back since that was confirmed.
    pub fn propose(&self, account: &Account) -> Result<Verdict, NameRefused> {
        account.accept_holder(&self.registered_name)?;
        Ok(match &self.newest {
            Some(newest) if newest.account == *account && newest.payment_returned_at.is_none() => {
                Verdict::Unchanged
            }
            _ if self.version_count == 0 => Verdict::Created,
            _ => Verdict::Changed,
        })
    }

    /// The version in force, where proposing this changes nothing about it and is to be
    /// remembered: a return that is noted later may make it a proposal.
    #[must_use]
    pub fn repeated(&self, account: &Account) -> Option<&PaymentAccount> {
        let newest = self.newest.as_ref()?;
        let is_in_force = newest.standing.state == State::Confirmed;
        let is_unchanged = self.propose(account) == Ok(Verdict::Unchanged);
        (is_in_force && is_unchanged).then_some(newest)
    }
}

/// Who proposed again what is in force, last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    pub payee_id: PayeeId,
    /// The version in force.
    pub version: i32,
    pub by: Actor,
    pub at: Instant,
}

impl Repeat {
    /// Whether the repeat was a proposal after all: a payment had come back before it, since the
    /// version, which is still the newest, was confirmed.
    #[must_use]
    pub fn is_proposal(&self, newest: &PaymentAccount, returned_at: Instant) -> bool {
        let confirmed = newest.standing.confirmed.as_ref();
        newest.standing.state == State::Confirmed
            && newest.version == self.version
            && confirmed.is_some_and(|confirmed| confirmed.at <= returned_at)
            && returned_at < self.at
    }
}

/// Which proposals to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Payees(BTreeSet<PayeeId>),
    /// All but those of the caller.
    All,
}

/// A payment's own id: 1 to 128 characters of ASCII that can be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PaymentId(Box<str>);

impl PaymentId {
    /// Reads an id; anything else is refused as `ID_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Self(text.into()));
        }
        let expected = "a payment's id: 1 to 128 visible characters of ASCII";
        Err(ParseError::new("ID_INVALID", text, expected))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A payment that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentReturn {
    pub payment_id: PaymentId,
    /// Who was to be paid.
    pub payee_id: PayeeId,
    /// When it came back.
    #[serde(with = "instant_text")]
    pub returned_at: Instant,
}

/// Whether a proposal may be confirmed by who saw the registry at a revision.
#[must_use]
pub fn was_seen(proposal: &PaymentAccount, through: Option<Revision>) -> bool {
    through.is_none_or(|through| proposal.proposed_revision <= through)
}
