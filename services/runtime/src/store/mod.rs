//! What the stores of all services have in common.
//!
//! A service's `store` has free functions, each around one statement, on the connection of a
//! transaction that only its `app` opens: with [`begin`] or [`begin_by_key`], or with [`snapshot`]
//! to read, and for a platform with [`snapshot_for`]. What a row holds was written by the service
//! itself, so what cannot be [`read`] is a fault and no refusal.

pub mod clock;
pub mod copy_out;
mod error;
pub mod event;
mod transaction;

pub use error::{StoreError, expect_rows, read, read_digest};
pub use transaction::{begin, begin_by_key, snapshot, snapshot_beside, snapshot_for};
