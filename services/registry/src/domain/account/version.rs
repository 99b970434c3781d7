//! Versions of a payee's account, and where they stand.

use gazelle_kernel::{Actor, Instant, PayeeId};
use serde::Serialize;

use super::details::Account;
use crate::domain::revision::Revision;

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not decided yet.
    Proposed,
    Confirmed,
    /// Rejected, as a proposal or after it had been in force.
    Rejected,
    /// A newer version took its place.
    Replaced,
}

impl State {
    pub const ALL: [Self; 4] = [
        Self::Proposed,
        Self::Confirmed,
        Self::Rejected,
        Self::Replaced,
    ];

    /// Those of accounts that are not over.
    pub const OPEN: [Self; 2] = [Self::Proposed, Self::Confirmed];

    /// Its name, as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Replaced => "replaced",
        }
    }
}

/// Who decided, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub by: Actor,
    pub at: Instant,
}

/// Where a version stands since a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    /// Who confirmed it, where somebody did.
    pub confirmed: Option<Decision>,
    /// Who rejected it, where somebody did.
    pub rejected: Option<Decision>,
}

impl Standing {
    /// That of what nobody has decided.
    pub const PROPOSED: Self = Self {
        state: State::Proposed,
        confirmed: None,
        rejected: None,
    };
}

/// A version of a payee's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAccount {
    pub account: Account,
    /// Counts the payee's versions, from 1.
    pub version: i32,
    pub proposed_by: Actor,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// The revision that proposed it.
    pub proposed_revision: Revision,
    pub standing: Standing,
    /// Since which revision it stands there.
    pub revision: Revision,
    /// When a payment to the payee last came back, where one did since this version, which is in
    /// force, was confirmed.
    pub payment_returned_at: Option<Instant>,
}

impl PaymentAccount {
    /// Who is paid to it.
    #[must_use]
    pub fn payee_id(&self) -> &PayeeId {
        &self.account.payee_id
    }

    /// The same, confirmed; nothing where that is who proposed it.
    #[must_use]
    pub fn confirmed(&self, decision: Decision) -> Option<Standing> {
        (!decision.by.may_be(&self.proposed_by)).then_some(Standing {
            state: State::Confirmed,
            confirmed: Some(decision),
            rejected: None,
        })
    }

    /// The same, rejected.
    #[must_use]
    pub fn rejected(&self, decision: Decision) -> Standing {
        Standing {
            state: State::Rejected,
            rejected: Some(decision),
            ..self.standing.clone()
        }
    }

    /// The same, with a newer version in its place.
    #[must_use]
    pub fn replaced(&self) -> Standing {
        Standing {
            state: State::Replaced,
            ..self.standing.clone()
        }
    }

    /// What the trail shows of the version where it comes to stand so.
    #[must_use]
    pub fn state_content(&self, to: &Standing) -> StateContent<'_> {
        StateContent {
            payee_id: self.payee_id(),
            version: self.version,
            state: to.state,
        }
    }
}

/// Where a version stands from now on, as the trail shows it.
#[derive(Debug, Serialize)]
pub struct StateContent<'a> {
    payee_id: &'a PayeeId,
    version: i32,
    state: State,
}

/// What became of proposals that were to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    pub confirmed_count: usize,
    /// How many were left because the caller proposed them.
    pub left_count: usize,
    /// The revision after it.
    pub revision: Revision,
}

/// What was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejections {
    pub proposed_count: usize,
    /// How many accounts in force.
    pub confirmed_count: usize,
    /// The revision after it.
    pub revision: Revision,
}
