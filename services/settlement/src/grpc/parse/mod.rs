//! Requests as values of the domain. Every field that is wrong is named.

pub mod common;
pub mod enrollment;
pub mod ledger;
pub mod objection;
pub mod payment;
pub mod program;
pub mod run;
