//! The rules of reporting and sealing, as functions of values.
//!
//! `SETTLEMENT.md`, Fee date, has what a record must be; `gazelle/usage/v1` what is promised about
//! it. There is no clock, no I/O and no database here.

mod canonical;
mod content;
mod count;
mod hash;
mod judge;
mod key;
mod period;
mod plan;
mod receipt;
mod record;
mod refusal;
mod refused;
mod ruling;
#[cfg(test)]
pub mod samples;
mod sent;
mod slice;
mod totals;
mod trail;

pub use canonical::CanonicalForm;
pub use content::RecordDigest;
pub use count::{PeriodCount, Reversal, StoredRecord, slices};
pub use judge::Judge;
pub use key::{KeyStart, Place, PlaceStart, PlatformNumber, PlatformPeriod, RecordKey};
pub use period::{
    PeriodProgress, PeriodSelection, ReportedPeriod, Seal, SealRefusal, ShownReceipt, Statement,
    WithdrawRefusal, Withdrawal,
};
pub use plan::{Found, Plan, SamePlace, decide};
pub use receipt::{PeriodReceipt, Receipt};
pub use record::{Record, RecordRef};
pub use refusal::{Outcome, RecordRefusal};
pub use refused::{
    REASONS_OF_SEALS, Refusals, RefusedAfter, RefusedRecord, RefusedSelection, contradicts,
};
pub use ruling::{Accepted, Ruling};
pub use sent::{Sent, SentRecord};
pub use slice::{KeySlice, SliceKeys, part};
pub use totals::{MerchantTotals, SealedPart, Total, TotalsPart};
pub use trail::{
    Mismatch, NamedPeriod, RefusedTally, StatementColumns, StoredPeriod, StoredWithdrawal, Told,
    ToldSeal, TrailEntry,
};
