//! The books (`PAYMENT.md`, Ledger): double entry, append-only, chained by hash.
//!
//! A [`Cause`] makes an [`Entry`] of [`Posting`]s between [`Account`]s; [`book`] says which. An
//! entry is [`numbered`](running) into the running balances of its accounts, and its
//! [`digest`](digest::next) covers the entry before. [`verify`] reads all of it again, and
//! [`journal`] writes it for other programs to add up.

mod account;
pub mod book;
pub mod broken;
pub mod digest;
mod entry;
pub mod journal;
pub mod running;
pub mod verify;

pub use account::{Account, AccountKind};
pub use entry::{Cause, CauseKind, Entry, Posting};
