//! Values that a message may leave out: an empty text stands for none.

use gazelle_kernel::ParseError;

/// Reads a text with `read`, unless it is empty.
pub fn parse<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, ParseError>,
) -> Result<Option<T>, ParseError> {
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some)
}

/// The text of a value, if there is one.
#[must_use]
pub fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}
