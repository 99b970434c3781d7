//! How often the registry has changed.

use std::fmt;

/// A state of the registry: 0 before the first change, one more with each batch that changed
/// anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(i64);

impl Revision {
    /// That revision; a negative number is none.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// The one that the next change makes.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add(1).expect("nobody makes 2^63 changes"))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
