//! The rules of the money (`SETTLEMENT.md`), as functions of values.
//!
//! No clock, no chance, no I/O, no floating point: the same inputs give the same result on any
//! machine and in any order. Amounts are whole fen in `i64`, products and partial sums in `i128`.
//!
//! Read it in the order of the rules: [`program`] and [`catalog`] say what is settled, [`facts`]
//! and [`enrollment`] what is known, [`eligibility`] which fees count, [`entitlement`] what is due,
//! [`budget`] what is granted, [`split`] to which component, [`settle`](mod@settle) puts them
//! together, [`render`] writes the result files. [`run`] and [`objection`] say how a result comes
//! to be approved, [`explain`](mod@explain) shows how one enterprise's part came about.

mod actor;
pub mod catalog;
pub mod enrollment;
pub mod objection;
pub mod payment;
pub mod program;
pub mod rules;
pub mod run;
mod shares;

#[cfg(test)]
pub(crate) mod fixture;
