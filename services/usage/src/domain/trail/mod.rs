//! What the trail tells of periods, and what is stored of them: whether these are the same.
//!
//! Entries are chained by hash, rows are not. So whoever edits a row past all rules of the database
//! must have it agree with an entry that nobody can edit: with a statement, a withdrawal or a seal,
//! whose digests are of the records themselves.

mod compare;
mod mismatch;
mod refused;
mod stored;
#[cfg(test)]
mod tests;
mod told;

pub use mismatch::Mismatch;
pub use refused::RefusedTally;
pub use stored::{StatementColumns, StoredPeriod, StoredWithdrawal};
pub use told::{Told, ToldSeal, TrailEntry};
