//! What a check comes to.

use super::{days::DayCounts, receipt::Receipt, refusal::Outcome};

/// What would become of a batch.
#[derive(Debug)]
pub struct Checked {
    /// Of each of its records.
    pub outcomes: Vec<Outcome>,
    /// What it would add.
    pub added: Receipt,
    /// How the days of its records lie.
    pub days: DayCounts,
}
