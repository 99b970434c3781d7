//! Speaks SQL: one statement a function, named after what it does.
//!
//! Whoever locks or writes several rows does so in the order of their keys, everywhere, so that
//! no two transactions wait for each other in a circle.

pub mod claim;
mod column;
pub mod copy_in;
pub mod copy_out;
pub mod copy_row;
pub mod figures;
pub mod number;
pub mod period;
pub mod receipt;
pub mod record;
pub mod refused;
pub mod reversed;
pub mod seal;
pub mod sealed_key;
pub mod statement;
pub mod totals;
pub mod trail;
mod transaction;
pub mod withdrawal;

pub use gazelle_runtime::store::clock;
pub use transaction::{PLATFORM_ROLE, TRAIL_ROLES, TransactionKind, plan_sums, read_one_moment};
