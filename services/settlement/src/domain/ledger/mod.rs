//! The books (`PAYMENT.md`, Ledger): double entry, append-only, chained by hash.
//!
//! A [`Cause`] makes an [`Entry`] of [`Posting`]s between [`Account`]s; [`book`] says which. An
//! entry is [`numbered`](running) into the running balances of its accounts, and its
//! [`digest`](digest::next) covers the entry before. [`verify`] reads all of it again, [`recount`]
//! and [`enrolled`] compare it and the trail with what they are of by sums that are [`weighed`],
//! and [`journal`] writes it for other programs to add up.

mod account;
pub mod book;
pub mod broken;
pub mod digest;
pub mod enrolled;
mod entry;
pub mod journal;
pub mod recount;
pub mod running;
mod stored;
pub mod verify;
pub mod weighed;

pub use account::{Account, AccountKind, Named, name_in_exports};
pub use entry::{Cause, CauseKind, Entry, Posting};
