//! Final values and their 64 bits (`SETTLEMENT.md`, first section).

use gazelle_kernel::Fen;

/// A final value that leaves 64 bits; it fails the run, whatever partial sums did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} leaves 64 bits")]
pub struct Overflow(pub &'static str);

/// A sum in 128 bits, which hold any number of amounts.
pub(in crate::domain) fn sum(amounts: impl IntoIterator<Item = Fen>) -> i128 {
    amounts.into_iter().map(Fen::wide).sum()
}

/// The final value of what was computed in 128 bits.
pub(in crate::domain) fn final_value(what: &'static str, amount: i128) -> Result<Fen, Overflow> {
    Fen::from_wide(amount).ok_or(Overflow(what))
}

/// A sum that is a final value.
pub(super) fn final_sum(
    what: &'static str,
    amounts: impl IntoIterator<Item = Fen>,
) -> Result<Fen, Overflow> {
    final_value(what, sum(amounts))
}

/// A difference that is a final value.
pub(super) fn final_difference(
    what: &'static str,
    amount: Fen,
    less: Fen,
) -> Result<Fen, Overflow> {
    amount.checked_sub(less).ok_or(Overflow(what))
}
