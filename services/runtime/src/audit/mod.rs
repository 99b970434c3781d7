//! The trail: who did what, when, on which content, chained by hash.
//!
//! Each service keeps its entries in the table `event` of its own and writes each in the
//! transaction that did the change ([`store::event`](crate::store::event)). Every entry's digest
//! covers the digest before it, so that nothing earlier can be edited, dropped, inserted or moved
//! without every later digest changing; and a checkpoint kept outside the database shows when the
//! whole chain was written anew.
//!
//! What the service stores besides is compared with it by a [`Comparison`] of the service's own.
//!
//! [`Trail`] serves it to auditors, and writes down what no change tells: refused attempts at
//! writes, and who is shown a platform's records or the full numbers of accounts.

mod comparison;
pub mod note;
mod rates;
mod reading;
mod refused;
mod service;
mod tables;
mod trail;
mod verify;
mod whole;
mod writer;

pub use comparison::{Comparison, Difference};
pub use reading::Reading;
pub(crate) use refused::{Refusals, refusals};
pub(crate) use service::service;
pub use tables::Roles;
pub use trail::{Trail, signer};
pub use verify::{BreakKind, Broken, ChainVerifier, Namer};

/// What the chain is made of, as the tables have it.
pub use crate::store::event::{
    Checkpoint, Entry, START, StoredEntry, entry_hash, follow, next_digest,
};
