//! Times in which an enterprise is not supported.

use gazelle_kernel::{Date, Explanation, Interval, Uscc};
use serde::Serialize;

/// A suspension; the key is the enterprise and its first day, so that giving it an end lifts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspension {
    pub uscc: Uscc,
    pub suspended: Interval,
    pub reason: Explanation,
}

impl Suspension {
    /// What makes it the same suspension.
    #[must_use]
    pub fn key(&self) -> (Uscc, Date) {
        (self.uscc, self.suspended.from())
    }
}
