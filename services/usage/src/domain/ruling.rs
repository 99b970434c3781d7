//! What becomes of a record that is judged.

use gazelle_kernel::Date;

use super::{
    key::Place,
    refusal::{Outcome, RecordRefusal},
};

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It is kept.
    Accepted(Accepted),
    /// The same stands already.
    Duplicate,
    /// It is not kept.
    Refused(RecordRefusal),
}

/// With what a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The day on which it counts; of a reversal, that of the record that it takes back.
    pub fee_date: Date,
    /// Where that record is.
    pub reverses: Option<Place>,
}

impl Ruling {
    /// What the platform is told.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Accepted(_) => Outcome::Accepted,
            Self::Duplicate => Outcome::Duplicate,
            Self::Refused(refusal) => Outcome::Refused(refusal),
        }
    }
}
