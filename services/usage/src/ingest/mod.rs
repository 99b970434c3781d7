//! Takes records in, as fast as the database can. The way of one record, in the order to read it:
//!
//! 1. `grpc::report` reads it into a [`batch`]: what came together of one platform and period,
//!    judged by its form and laid out as the rows that will be copied.
//! 2. [`intake`] puts the batch into the one [`queue`] of all streams, once there is room.
//! 3. A few writers take from it whatever waits, as a [`group`], which sorts its records by their
//!    places and tells those that can be written at once from those that are judged one by one.
//!    [`memory`] knows what came lately, and what periods do not hold.
//! 4. [`write`] has them in the table in a transaction or two, and counts what became of each.
//! 5. The batch is answered ([`answer`]): what was added, and each record that was not simply
//!    accepted.
//!
//! Writers run in tasks of their own, so nothing that a client does stops a write halfway.
//!
//! A few words are used throughout. A record's *place* is where it is kept: its platform, its
//! period, and the hash of its id; its *position* is where it stands in its group. What a reversal
//! takes back it *names*, by an id that may be in any period up to its own. An id may be
//! *elsewhere*: another period of the platform may hold it, which the contract forbids. What is
//! *judged* is looked at one by one, in the order in which it came.

mod answer;
mod batch;
mod group;
mod intake;
mod memory;
mod queue;
#[cfg(test)]
mod samples;
mod write;

pub use answer::{Answer, IngestError};
pub use batch::Batch;
pub use intake::{Ingest, Writers};
