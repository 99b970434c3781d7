//! What other services did not give.

use std::error::Error;

use gazelle_client::retry::is_unavailable;
use gazelle_kernel::ParseError;
use tonic::Status;

/// Another service did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// It refused, does not answer, or stopped in the middle.
    #[error("the {peer} service did not answer")]
    Call {
        peer: &'static str,
        source: Box<dyn Error + Send + Sync>,
    },
    /// It answered something that the contract does not allow.
    #[error("the {peer} service broke the contract: {what}")]
    Broken { peer: &'static str, what: String },
}

impl PeerError {
    /// Whether a new attempt may succeed: reading again changes nothing.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Call { source, .. } => source.downcast_ref().is_some_and(is_unavailable),
            Self::Broken { .. } => false,
        }
    }
}

/// A call that failed.
pub(super) fn called(peer: &'static str, status: Status) -> PeerError {
    PeerError::Call {
        peer,
        source: status.into(),
    }
}

/// A value that the contract does not allow.
pub(super) fn parsed(peer: &'static str, error: &ParseError) -> PeerError {
    broken(peer, error.to_string())
}

/// An answer that the contract does not allow.
pub(super) fn broken(peer: &'static str, what: impl Into<String>) -> PeerError {
    PeerError::Broken {
        peer,
        what: what.into(),
    }
}
