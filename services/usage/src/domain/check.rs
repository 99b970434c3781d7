//! What a check comes to.

use super::{receipt::Receipt, refusal::Outcome};

/// What would become of a batch.
#[derive(Debug)]
pub struct Checked {
    /// Of each of its records.
    pub outcomes: Vec<Outcome>,
    /// What it would add.
    pub added: Receipt,
    /// Its records of proper form; and of these, those with a day before the period's first.
    pub proper_and_late: (u32, u32),
}
