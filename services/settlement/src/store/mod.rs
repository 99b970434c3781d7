//! The service's tables, one function a statement.
//!
//! Every function takes the connection of the transaction that it is part of; only `app` opens
//! one. What is read was written here, so a row that does not parse is a fault, not a refusal.

pub mod budget;
pub mod enrollment;
pub mod event;
pub mod figures;
pub mod input;
pub mod objection;
pub mod program;
pub mod result;
pub mod run;
pub mod snapshot;

use gazelle_kernel::{Interval, ParseError, ProgramId, Uscc, Year};
use time::Date;

/// The database failed, or holds what this service does not write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It refused or does not answer.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A row is not what this service writes.
    #[error("{column} holds {value}")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// What is there.
        value: String,
    },
}

impl StoreError {
    pub(crate) fn corrupt(column: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        Self::Corrupt {
            column,
            value: value.to_string(),
        }
    }
}

/// Reads a stored value back.
fn read<T>(column: &'static str, parsed: Result<T, ParseError>) -> Result<T, StoreError> {
    parsed.map_err(|error| StoreError::corrupt(column, &error))
}

fn digest(column: &'static str, bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|bytes: Vec<u8>| StoreError::corrupt(column, &format!("{} bytes", bytes.len())))
}

fn program_id(column: &'static str, text: &str) -> Result<ProgramId, StoreError> {
    read(column, ProgramId::parse(text))
}

/// Codes were judged when they were recorded; exceptions among them stay.
fn uscc(column: &'static str, text: &str) -> Result<Uscc, StoreError> {
    read(column, Uscc::parse_excepted(text))
}

fn year(column: &'static str, year: i32) -> Result<Year, StoreError> {
    read(column, Year::new(year))
}

fn interval(column: &'static str, from: Date, to: Option<Date>) -> Result<Interval, StoreError> {
    read(column, Interval::new(from, to))
}
