//! How a run decides who bears what (`SETTLEMENT.md`).
//!
//! Read it in the order of the rules: [`inputs`], [`facts`] and [`totals`] say what is known,
//! [`eligibility`] which fees count, [`entitlement`] what is due, [`budget`] what is granted,
//! [`split`] to which component, [`settle`](mod@settle) puts them together into a [`result`],
//! [`render`] writes the result files and [`explain`](mod@explain) shows how one enterprise's part
//! came about.

mod assess;
pub mod budget;
pub mod eligibility;
pub mod entitlement;
pub mod error;
pub mod explain;
pub mod facts;
pub mod inputs;
mod lines;
pub mod overflow;
mod remainder;
pub mod render;
pub mod result;
pub mod settle;
pub mod split;
pub mod totals;
