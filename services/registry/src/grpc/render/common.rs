//! What the answers of several subjects have.

/// A count of what a request or a transaction may have.
pub fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
