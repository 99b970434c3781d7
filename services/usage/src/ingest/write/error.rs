//! Why a transaction did not write its group.

use gazelle_runtime::store::StoreError;

/// Why a transaction did not write its group.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read is not so any more; a new attempt sees what is.
    #[error("another transaction changed what this one had read")]
    Raced,
    /// A period is sealed that was taken for open.
    #[error("a period was sealed meanwhile")]
    Sealed,
}

impl From<sqlx::Error> for WriteError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl WriteError {
    /// Whether a record stands already where one was to be inserted.
    pub fn is_record_present(&self) -> bool {
        matches!(self, Self::Store(error) if error.constraint() == Some("record_pkey"))
    }

    /// Whether a lock was not given in the time allowed.
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_lock_timeout())
    }

    /// Whether the same transaction may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Raced | Self::Sealed => true,
        }
    }
}
