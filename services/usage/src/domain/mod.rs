//! The rules of reporting and sealing, as functions of values.
//!
//! `SETTLEMENT.md`, Fee date, has what a record must be; `gazelle/usage/v1` what is promised about
//! it. There is no clock, no I/O and no database here.

mod account;
mod book;
mod census;
mod filter;
mod hash;
mod plan;
mod receipt;
mod record;
mod refusal;
mod refused;

pub use account::{Account, Seal, SealRefusal, Sealed, Statement};
pub use book::{Accepted, Book, Ruling, Standing};
pub use census::{Census, Kept, Keys, Reversal, Slice, part, slices};
pub use filter::{Filter, KeyStart};
pub use plan::{Found, PlaceStart, Plan, Run, settle};
pub use receipt::{Receipt, RecordHash};
pub use record::{
    CanonicalForm, Place, PlatformNumber, Record, RecordKey, RecordRef, Sent, SentRecord,
};
pub use refusal::{Outcome, RecordRefusal};
pub use refused::{PlatformPeriod, Refusals};
