//! What is written into the books at once, and why.

use std::fmt;

use gazelle_kernel::{Actor, Fen, Instant, ProgramId};

use super::account::Account;

/// What made an entry. Each cause makes one entry at most, for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    pub kind: CauseKind,
    /// To what: a program's version, a run's id, a run's id and an enterprise, an order's id, an
    /// answer's id.
    pub id: String,
}

/// What happened, so that an entry was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// A program's version changed budgets.
    BudgetSet,
    /// A run was put on public notice.
    RunPublished,
    /// A published run was dropped.
    RunCancelled,
    /// A run was approved.
    RunApproved,
    /// An objection to a published run was upheld.
    ObjectionUpheld,
    /// An order was prepared.
    OrderPrepared,
    /// A prepared order was dropped.
    OrderCancelled,
    /// An answer settled or returned payments.
    AnswerTaken,
}

impl CauseKind {
    pub const ALL: [Self; 8] = [
        Self::BudgetSet,
        Self::RunPublished,
        Self::RunCancelled,
        Self::RunApproved,
        Self::ObjectionUpheld,
        Self::OrderPrepared,
        Self::OrderCancelled,
        Self::AnswerTaken,
    ];

    /// Its name in the tables and in what is hashed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BudgetSet => "budget_set",
            Self::RunPublished => "run_published",
            Self::RunCancelled => "run_cancelled",
            Self::RunApproved => "run_approved",
            Self::ObjectionUpheld => "objection_upheld",
            Self::OrderPrepared => "order_prepared",
            Self::OrderCancelled => "order_cancelled",
            Self::AnswerTaken => "answer_taken",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.id)
    }
}

/// An amount that goes from one account to another. It balances by its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The account that it is debited to.
    pub debit: Account,
    /// The account that it is credited to.
    pub credit: Account,
    /// The amount, above 0.
    pub amount: Fen,
    /// The payment that it is about, if it is about one.
    pub payment_id: Option<String>,
}

/// What is written into the books at once: one cause, one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub cause: Cause,
    /// The program whose books these are.
    pub program_id: ProgramId,
    /// When it was recorded, in whole microseconds.
    pub recorded_at: Instant,
    /// Who did what it records.
    pub recorded_by: Actor,
    /// What the year's budget has released, where the entry grants: the granted account never
    /// comes to more by it.
    pub released: Option<Fen>,
    /// What is moved, in this order. Never empty.
    pub postings: Vec<Posting>,
}
