//! Rows that cannot be read.

/// Longest row, in bytes. A batch of the longest rows fits into a message of the contract.
pub const ROW_BYTES_MAX: usize = 64 * 1024;

/// A row that is rejected, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file on which it starts, from 1.
    pub line: u64,
    /// Its id, as far as it can be told.
    pub id: String,
    /// The machine reason.
    pub reason: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl BadRow {
    pub(super) fn new(line: u64, reason: &str, message: impl Into<String>) -> Self {
        Self {
            line,
            id: String::new(),
            reason: reason.to_owned(),
            message: message.into(),
        }
    }
}
