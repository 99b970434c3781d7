//! Final values and their 64 bits.

/// A final value that leaves 64 bits; it fails the run (`SETTLEMENT.md`, first section).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} leaves 64 bits")]
pub struct Overflow(pub &'static str);

/// The final value of a sum whose parts were taken in 128 bits.
pub(super) fn final_value(what: &'static str, value: i128) -> Result<i64, Overflow> {
    i64::try_from(value).map_err(|_| Overflow(what))
}
