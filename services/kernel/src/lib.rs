//! Values that services share: money, rates, dates, periods, codes, names and accounts.
//!
//! Each is parsed once, at the edge, by `parse(&str)`, and carries its proof from there on: no
//! function that takes one checks it again. A refusal is a [`ParseError`] with a machine reason.
//! There is no clock, no I/O and no floating point here. All orders are byte orders.

#![expect(
    clippy::missing_panics_doc,
    reason = "each `expect` states an invariant of these types that no caller can break"
)]

pub mod account;
mod actor;
pub mod batch;
mod bps;
mod code;
mod date;
mod digest;
mod error;
mod fee_kind;
mod fen;
mod id;
mod instant;
mod payee;
mod period;
mod serde_text;
pub mod size_class;
pub mod text;
mod uscc;

pub use actor::Actor;
pub use bps::Bps;
pub use code::{CodePrefix, DistrictCode, IndustryCode};
pub use date::{Date, Interval, date_text, days_later, parse_date};
pub use digest::parse_digest;
pub use error::ParseError;
pub use fee_kind::FeeKind;
pub use fen::{Fen, without_currency};
pub use id::{MerchantId, PlatformId, ProgramId, RecordId};
pub use instant::{
    Instant, day_in_shanghai, format_instant, format_second_in_shanghai, in_shanghai, instant_text,
    midnight_in_shanghai, parse_instant,
};
pub use payee::PayeeId;
pub use period::{Period, Year};
pub use size_class::SizeClass;
pub use text::{Explanation, Name};
pub use uscc::Uscc;
