//! The rules of the money (`SETTLEMENT.md`, `PAYMENT.md`), as functions of values.
//!
//! No clock, no chance, no I/O, no floating point: the same inputs give the same result on any
//! machine and in any order. Amounts are whole fen in 64 bits, products and partial sums in 128.
//!
//! [`program`] says what is settled, [`enrollment`] who takes part, [`rules`] who bears what.
//! [`run`] says which months a run must have read, and with [`objection`] how its result comes to
//! be approved. [`ledger`] keeps the books, and [`payment`] takes it to money on accounts.

pub mod enrollment;
pub mod ledger;
pub mod objection;
pub mod payment;
pub mod program;
pub mod rules;
pub mod run;

#[cfg(test)]
pub(crate) mod fixture;
