//! The registry's tables, in SQL: one statement a function.
//!
//! A table keeps every version of its rows. `current` reads what holds now, for a writer who has
//! locked the [`revision`]; a page reads what held at a revision. A writer first closes the
//! versions that it replaces, then inserts, both in the order of the keys.

use gazelle_kernel::ParseError;
use sqlx::postgres::PgQueryResult;

use crate::domain::revision::Revision;

pub mod binding;
pub mod change;
pub mod content;
pub mod enterprise;
pub mod enterprise_code;
pub mod filing;
pub mod platform;
pub mod revision;
pub mod suspension;

/// The tables could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL refused, or could not be asked.
    #[error("a statement on {table} failed")]
    Database {
        /// Of which table.
        table: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// A row holds what this service would never have written.
    #[error("a row of {table} cannot be read")]
    Corrupt {
        /// Of which table.
        table: &'static str,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Another number of rows was written than there were items.
    #[error("{written} rows of {table} were written for {expected} items")]
    RowCount {
        /// Of which table.
        table: &'static str,
        /// The rows.
        written: u64,
        /// The items.
        expected: usize,
    },
}

/// Turns what `sqlx` says about a table into our error.
fn on(table: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| StoreError::Database { table, source }
}

/// Turns a value that cannot be parsed into our error.
fn corrupt(table: &'static str) -> impl Fn(ParseError) -> StoreError {
    move |source| StoreError::Corrupt { table, source }
}

fn expect_rows(
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

fn revision_of(table: &'static str, number: i64) -> Result<Revision, StoreError> {
    Revision::new(number).ok_or_else(|| {
        corrupt(table)(ParseError::new(
            "REVISION_INVALID",
            &number.to_string(),
            "0 or more",
        ))
    })
}
