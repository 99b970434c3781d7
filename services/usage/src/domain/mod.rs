//! The rules of reporting and sealing, as functions of values.
//!
//! `SETTLEMENT.md`, Fee date, has what a record must be; `gazelle/usage/v1` what is promised about
//! it. There is no clock, no I/O and no database here.

pub mod acknowledgement;
pub mod canonical;
pub mod check;
pub mod claim;
pub mod content;
pub mod count;
pub mod days;
mod hash;
pub mod judge;
pub mod key;
pub mod period;
pub mod plan;
pub mod receipt;
pub mod record;
pub mod refusal;
pub mod refused;
pub mod ruling;
#[cfg(test)]
pub mod samples;
pub mod seal;
pub mod sent;
pub mod slice;
pub mod statement;
pub mod totals;
pub mod trail;
pub mod withdrawal;
