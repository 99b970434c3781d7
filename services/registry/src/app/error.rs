//! Why a verb could not be done.

use gazelle_kernel::{PayeeId, PlatformId};
use gazelle_runtime::{detach::WorkLost, store::StoreError, turn::NoTurn};

use crate::domain::{enterprise::NotRegistered, revision::Revision};

/// A verb could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No enterprise has the code.
    #[error("no enterprise has this code: {0:?}")]
    NotRegistered(NotRegistered),
    /// No such platform, or not the caller's.
    #[error("no platform is called {0}")]
    PlatformNotFound(PlatformId),
    /// A payee's account does not do what it was asked.
    #[error(transparent)]
    Account(#[from] AccountRefused),
    /// The revision has not happened yet.
    #[error("revision {asked} has not happened yet; the present one is {present}")]
    RevisionAhead {
        /// The revision asked for.
        asked: Revision,
        present: Revision,
    },
    /// Its turn did not come in time.
    #[error("too much is under way")]
    Overloaded,
    /// A stream was not read on for too long.
    #[error("the stream was not read on in time")]
    StreamStalled,
    /// The tables could not be read or written.
    #[error("the registry's tables failed")]
    Store(#[from] StoreError),
    #[error("the work was not finished")]
    Lost(#[from] WorkLost),
}

/// Why a payee's account does not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// The payee has no account that waits to be confirmed.
    #[error("no account of {0} waits to be confirmed")]
    NotProposed(PayeeId),
    /// The payee has no account that could be shown or rejected.
    #[error("{0} has no account")]
    NotFound(PayeeId),
    /// The caller proposed the account.
    #[error("whoever proposed the account of {0} does not confirm it")]
    SelfApproval(PayeeId),
}

impl From<NoTurn> for AppError {
    fn from(NoTurn: NoTurn) -> Self {
        Self::Overloaded
    }
}
