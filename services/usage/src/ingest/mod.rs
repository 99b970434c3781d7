//! Takes records in, as fast as the database can. How to read it:
//!
//! 1. A [`batch`] is what came together of one platform and period, laid out as rows.
//! 2. Batches of all streams go into one [`queue`], through [`intake`].
//! 3. A few writers take what waits, as a [`group`] in the order of its places; what came lately
//!    ([`recent`]) is known to need a look.
//! 4. A [`writer`] writes a group in a transaction or two, by the strategy that [`strategy`]
//!    chooses: [`copy`], [`look_up`], [`one_by_one`]; and then what is [`judged`].
//! 5. Each transaction ends in [`finish`], with its commit; what a group comes to is told in
//!    [`outcome`].
//!
//! Then every batch is acknowledged. Writers run in tasks of their own, so nothing that a client
//! does stops a write halfway.

mod acknowledgement;
mod batch;
mod copy;
mod elsewhere;
mod error;
mod finish;
mod group;
mod held;
mod intake;
mod judged;
mod key_filter;
mod look_up;
mod one_by_one;
mod outcome;
mod period_filters;
mod queue;
mod recall;
mod recent;
mod reversals;
#[cfg(test)]
mod samples;
mod strategy;
mod writer;

pub use acknowledgement::{Acknowledgement, Answer};
pub use batch::Batch;
pub use error::IngestError;
pub use intake::{Ingest, Writers};
