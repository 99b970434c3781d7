//! Runs: where each stands, and its sums.

mod read;
mod row;
mod write;

pub use read::{find, find_numbered, last_approved_through, last_number, lock, open_id, page};
pub use write::{insert, update};
