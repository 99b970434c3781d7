//! What a store could not do.

use std::error::Error;

use gazelle_kernel::ParseError;
use sqlx::postgres::PgQueryResult;

use crate::failure::sqlstate;

/// The database failed, or holds what the service does not write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It refused, or does not answer.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A row is nothing that this service ever wrote.
    #[error("{column} holds what was never written")]
    Corrupt {
        /// Table and column, as `run.state`.
        column: &'static str,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Another number of rows was written than there were items.
    #[error("{written} rows of {table} were written for {expected} items")]
    RowCount {
        /// Which table was written to.
        table: &'static str,
        /// How many rows were written.
        written: u64,
        /// How many items there were.
        expected: usize,
    },
}

impl StoreError {
    /// Something in `column` that can't be there.
    pub fn corrupt(column: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Corrupt {
            column,
            source: source.into(),
        }
    }

    /// What is told of a row that cannot be read, since this service never wrote it; none where
    /// something else failed.
    #[must_use]
    pub fn unreadable(&self) -> Option<String> {
        match self {
            Self::Corrupt { column, source } => {
                Some(format!("{column} holds what was never written: {source}"))
            }
            Self::Database(sqlx::Error::ColumnDecode { source, .. }) => {
                Some(format!("a row holds what was never written: {source}"))
            }
            Self::Database(_) | Self::RowCount { .. } => None,
        }
    }

    /// The constraint that refused a row.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(error) => error.as_database_error()?.constraint(),
            Self::Corrupt { .. } | Self::RowCount { .. } => None,
        }
    }

    /// Whether a lock was not given in the time allowed.
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        self.is(sqlstate::is_lock_timeout)
    }

    /// Whether a number left its range.
    #[must_use]
    pub fn is_out_of_range(&self) -> bool {
        self.is(sqlstate::is_out_of_range)
    }

    /// Whether the transaction was ended to let another one through (serialization failure,
    /// deadlock).
    #[must_use]
    pub fn is_serialization_failure(&self) -> bool {
        self.is(sqlstate::is_serialization_failure)
    }

    /// Whether the same transaction may succeed a little later: it was ended for another's sake,
    /// or the database was away.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.is(sqlstate::is_unavailable)
    }

    fn is(&self, what: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
        matches!(self, Self::Database(error) if what(error))
    }
}

/// Reads back a value that was checked before it was stored.
pub fn read<T>(column: &'static str, parsed: Result<T, ParseError>) -> Result<T, StoreError> {
    parsed.map_err(|error| StoreError::corrupt(column, error))
}

/// Reads a stored SHA-256 digest.
pub fn read_digest(column: &'static str, bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| {
        StoreError::corrupt(column, format!("a digest of {} bytes, not 32", bytes.len()))
    })
}

/// Refuses a statement that wrote another number of rows than it was given.
pub fn expect_rows(
    table: &'static str,
    result: &PgQueryResult,
    expected: usize,
) -> Result<(), StoreError> {
    let written = result.rows_affected();
    if written == expected as u64 {
        return Ok(());
    }
    Err(StoreError::RowCount {
        table,
        written,
        expected,
    })
}
