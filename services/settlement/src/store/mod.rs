//! The service's tables, one function a statement.
//!
//! Every function takes the connection of the transaction that it is part of; only `app` opens
//! one. What is read was written here, so a row that does not parse is a fault, not a refusal.

pub mod column;
pub mod enrollment;
pub mod figures;
pub mod ledger;
pub mod objection;
pub mod payment;
pub mod program;
pub mod run;

pub use gazelle_runtime::store::clock;
