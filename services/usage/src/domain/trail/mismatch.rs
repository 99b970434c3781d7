//! What is found.

/// Something that is stored and not what the trail tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The entry that tells otherwise; none, where none tells of it.
    pub entry_number: Option<i64>,
    /// What, for a person.
    pub detail: String,
}

impl Mismatch {
    /// Something that is not what this entry tells.
    pub fn new(entry_number: impl Into<Option<i64>>, detail: impl Into<String>) -> Self {
        Self {
            entry_number: entry_number.into(),
            detail: detail.into(),
        }
    }
}
