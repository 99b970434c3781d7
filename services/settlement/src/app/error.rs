//! Why a verb was refused or failed: one type a subject, and one for all.

use gazelle_kernel::{Period, PlatformId, ProgramId, Uscc};
use gazelle_runtime::{detach::WorkLost, store::StoreError, turn::NoTurn};
use uuid::Uuid;

use crate::{
    domain::{
        ledger::verify::Broken,
        objection::ObjectionError,
        payment::{answer::Break, order::OrderError},
        program::{ProgramInvalid, catalog::CatalogError},
        rules::{error::SettleError, facts::FactsError},
        run::{PeriodRefused, RunError, ScopeRefused},
    },
    peers::PeerError,
};

/// Why a verb was refused or failed; then nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// What is asked for is not there.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// The program is refused.
    #[error(transparent)]
    Program(#[from] ProgramRefused),
    /// The run can't be computed.
    #[error(transparent)]
    Compute(#[from] ComputeRefused),
    /// The run does not change its state so.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The objection is refused.
    #[error(transparent)]
    Objection(#[from] ObjectionRefused),
    /// The order, or what the books say of it, is refused.
    #[error(transparent)]
    Payment(#[from] PaymentRefused),
    /// The answer is refused, and kept to be shown.
    #[error("{reason}; it is kept as answer {answer_id}, and changed nothing")]
    Answer {
        /// As what it is kept.
        answer_id: Uuid,
        reason: AnswerRefused,
        /// How much of it does not fit.
        break_count: usize,
        /// The first of it.
        first: Option<Break>,
    },
    /// The run can't be decided again.
    #[error("the run can't be decided again from what was kept of it")]
    Evidence(#[source] EvidenceError),
    /// Too much is under way, or programs change faster than runs are computed.
    #[error("too much is under way: try again")]
    Overloaded,
    #[error("the data could not be read or written")]
    Store(#[from] StoreError),
    #[error("another service failed")]
    Peer(#[from] PeerError),
    /// The work ended before its end.
    #[error(transparent)]
    Lost(#[from] WorkLost),
}

impl From<NoTurn> for AppError {
    fn from(NoTurn: NoTurn) -> Self {
        Self::Overloaded
    }
}

/// What is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// No such program, or no such version of it.
    #[error("there is no program {0}, or no such version of it")]
    Program(ProgramId),
    /// No run of that id.
    #[error("there is no run {0}")]
    Run(Uuid),
    /// No run of that number.
    #[error("{}", no_such_run(.program_id, *.number))]
    RunNumber {
        program_id: ProgramId,
        /// Which of its runs; 0: the newest.
        number: i32,
    },
    #[error("there is no order {0:?}")]
    Order(String),
    /// No objection of the enterprise waits for a decision.
    #[error("no objection of {0} to the run is open")]
    Objection(Uscc),
    /// The run says nothing about the enterprise.
    #[error("the run says nothing about {0}")]
    EnterpriseInRun(Uscc),
}

fn no_such_run(program_id: &ProgramId, number: i32) -> String {
    match number {
        0 => format!("program {program_id} has no run yet"),
        number => format!("there is no run {number} of program {program_id}"),
    }
}

/// Why a program is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramRefused {
    /// It contradicts itself.
    #[error(transparent)]
    Invalid(#[from] ProgramInvalid),
    /// It does not fit the others.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// Why a run can't be computed.
#[derive(Debug, thiserror::Error)]
pub enum ComputeRefused {
    /// Another run of the program is open.
    #[error("run {program_id}#{number} is open: approve or cancel it first")]
    RunOpen {
        run_id: Uuid,
        program_id: ProgramId,
        /// Which of the program's runs.
        number: i32,
    },
    /// It can't be settled through that period.
    #[error(transparent)]
    Period(#[from] PeriodRefused),
    /// What it would read is not what is owed.
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    /// The rules can't decide it.
    #[error(transparent)]
    Settle(#[from] SettleError),
}

/// Why an order is refused, or the books are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentRefused {
    /// Another order of the program is open.
    #[error("order {program_id}#{number} is prepared: release or cancel it first")]
    OrderOpen {
        order_id: String,
        program_id: ProgramId,
        /// Which of the program's orders.
        number: i32,
    },
    /// Nobody says whose account pays.
    #[error("neither program {0} nor the installation says whose account pays")]
    PayerMissing(ProgramId),
    /// The rules of orders do not allow it.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// A sum of the books would leave 64 bits.
    #[error("a sum of the books would leave 64 bits")]
    BooksOverflow,
    /// The books are not what was written, or not what their causes say.
    #[error("the books are broken: {0}")]
    LedgerBroken(Broken),
}

/// Why an answer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerRefused {
    /// It can't be read.
    #[error("the answer can't be read: {0}")]
    Unreadable(String),
    /// It names an unknown order or payment, or another amount.
    #[error("the answer does not fit what was ordered")]
    Mismatch,
    /// It settles a payment that came back.
    #[error("the answer settles a payment that came back before: the money may go out twice")]
    PaymentClosed,
}

impl AnswerRefused {
    /// Its name in the contract.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "ANSWER_UNREADABLE",
            Self::Mismatch => "ANSWER_MISMATCH",
            Self::PaymentClosed => "PAYMENT_CLOSED",
        }
    }
}

/// Why an objection is refused.
#[derive(Debug, thiserror::Error)]
pub enum ObjectionRefused {
    /// The enterprise has one already.
    #[error("{0} has an objection to the run already")]
    Exists(Uscc),
    /// The rules do not allow it.
    #[error("{uscc}: {error}")]
    Rules { uscc: Uscc, error: ObjectionError },
}

/// Why a run can't be decided again.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A seal that the run was decided from is gone or another.
    #[error("the seal of {0} {1} is not the one that the run was decided from")]
    SealChanged(PlatformId, Period),
    /// The facts contradict one another.
    #[error("the facts contradict one another")]
    Facts(#[from] FactsError),
    /// The rules refuse what they once decided.
    #[error("the rules do not decide it")]
    Settle(#[from] SettleError),
    /// The objections that were upheld do not fit the result.
    #[error("an objection that was upheld does not fit")]
    Objection(#[from] ObjectionError),
}

/// The commit failed; statements have their own errors.
impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<ProgramInvalid> for AppError {
    fn from(invalid: ProgramInvalid) -> Self {
        Self::Program(invalid.into())
    }
}

impl From<CatalogError> for AppError {
    fn from(error: CatalogError) -> Self {
        Self::Program(error.into())
    }
}
