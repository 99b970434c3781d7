//! Why a verb was refused or failed.

use gazelle_kernel::{Period, PlatformId, ProgramId, Uscc};
use gazelle_runtime::detach::WorkLost;
use uuid::Uuid;

use crate::{
    domain::{
        catalog::CatalogError,
        objection::ObjectionError,
        program::ProgramInvalid,
        rules::facts::FactsError,
        rules::settle::SettleError,
        run::{PeriodRefused, RunError},
    },
    peers::PeerError,
    store::StoreError,
};

/// Why a verb was refused or failed; then nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The program contradicts itself.
    #[error(transparent)]
    ProgramInvalid(#[from] ProgramInvalid),
    /// The program does not fit the others.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// No such program, or no such version of it.
    #[error("there is no program {0}")]
    ProgramNotFound(ProgramId),
    /// No items, or too many.
    #[error("the batch has {0} items; 1 to 1000 are expected")]
    BatchSize(usize),
    /// Another run of the program is open.
    #[error("run {0} of the program is open: approve or cancel it first")]
    RunOpen(Uuid),
    /// The period can't be settled through.
    #[error(transparent)]
    Period(#[from] PeriodRefused),
    /// Periods that the run would read are not sealed.
    #[error("not sealed: {}", list(.0))]
    PeriodNotSealed(Vec<(PlatformId, Period)>),
    /// The run can't be decided.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// No such run.
    #[error("there is no run {0}")]
    RunNotFound(Uuid),
    /// The run does not change its state so.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The objection is refused.
    #[error(transparent)]
    Objection(#[from] ObjectionError),
    /// The enterprise has an objection already.
    #[error("{0} has an objection to the run already")]
    ObjectionExists(Uscc),
    /// No objection of the enterprise waits for a decision.
    #[error("no objection of {0} to the run is open")]
    ObjectionNotFound(Uscc),
    /// The run says nothing about the enterprise.
    #[error("the run says nothing about {0}")]
    EnterpriseNotInRun(Uscc),
    /// A seal that the run was decided from is gone or another.
    #[error("the seal of {0} {1} is not the one that the run was decided from")]
    SealChanged(PlatformId, Period),
    /// Too many runs are computed at a time, or programs change faster than runs are computed.
    #[error("too much is under way: try again")]
    Overloaded,
    /// What was read contradicts itself.
    #[error("the facts contradict one another")]
    Facts(#[from] FactsError),
    /// The database failed.
    #[error("the data could not be read or written")]
    Store(#[from] StoreError),
    /// Another service failed.
    #[error("another service failed")]
    Peer(#[from] PeerError),
    /// The work ended before its end.
    #[error(transparent)]
    WorkLost(#[from] WorkLost),
}

/// The commit failed; statements have their own errors.
impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

fn list(periods: &[(PlatformId, Period)]) -> String {
    let texts: Vec<String> = periods
        .iter()
        .map(|(platform, period)| format!("{platform} {period}"))
        .collect();
    texts.join(", ")
}
