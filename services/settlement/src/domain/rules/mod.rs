//! How a run decides who bears what (`SETTLEMENT.md`).
//!
//! Read it in the order of the rules: [`facts`] says what is known, [`eligibility`] which fees count,
//! [`entitlement`] what is due, [`budget`] what is granted, [`split`] to which component,
//! [`settle`](mod@settle) puts them together, [`render`] writes the result files and
//! [`explain`](mod@explain) shows how one enterprise's part came about.

pub mod budget;
pub mod eligibility;
pub mod entitlement;
pub mod explain;
pub mod facts;
pub mod overflow;
pub mod render;
mod result;
pub mod settle;
pub mod split;
pub mod totals;
