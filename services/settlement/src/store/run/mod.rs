//! Runs: where each stands, its sums and tables, and what it was decided from.

pub mod input;
mod read;
pub mod result;
mod row;
mod write;

pub use read::{find, find_numbered, last_approved_through, last_number, lock, open_id, page};
pub use write::{insert, update};
