//! How a comparison ends before it is through.

use gazelle_runtime::store::StoreError;

use crate::domain::trail::Mismatch;

/// Why a comparison ended.
#[derive(Debug)]
pub enum Ended {
    /// Something is not what the trail tells.
    Differs(Mismatch),
    /// It could not go on, or a row is nothing that the service writes.
    Failed(StoreError),
}

impl From<Mismatch> for Ended {
    fn from(mismatch: Mismatch) -> Self {
        Self::Differs(mismatch)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<sqlx::Error> for Ended {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}
