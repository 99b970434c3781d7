//! Which fees count (`SETTLEMENT.md`, Eligibility).

mod judge;
mod ladder;
mod reason;

pub use judge::{Candidates, ExcludedProgramMissing, Judge, Verdicts};
pub use reason::ExclusionReason;

#[cfg(test)]
mod tests;
