//! Final values and their 64 bits.

/// A final value that leaves 64 bits; it fails the run (`SETTLEMENT.md`, first section).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} leaves 64 bits")]
pub struct Overflow(pub &'static str);

/// A sum whatever its parts.
pub(super) fn sum(values: impl IntoIterator<Item = i64>) -> i128 {
    values.into_iter().map(i128::from).sum()
}

/// The final value of what was computed in 128 bits.
pub(super) fn final_value(what: &'static str, value: i128) -> Result<i64, Overflow> {
    i64::try_from(value).map_err(|_| Overflow(what))
}

/// A sum that is a final value.
pub(super) fn final_sum(
    what: &'static str,
    values: impl IntoIterator<Item = i64>,
) -> Result<i64, Overflow> {
    final_value(what, sum(values))
}
