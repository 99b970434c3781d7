//! What the answers of several subjects have.

/// What may be missing, by its text; empty: it is.
pub fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A count of what a request or a transaction may have.
pub fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
