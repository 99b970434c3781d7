//! Values of the domain as messages.

pub mod enrollment;
pub mod explanation;
pub mod ledger;
pub mod objection;
pub mod payment;
pub mod program;
pub mod readiness;
pub mod run;
