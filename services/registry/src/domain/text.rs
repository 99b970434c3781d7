//! Texts that people write: names and explanations.

use gazelle_kernel::ParseError;

/// A name of 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(Box<str>);

impl Name {
    /// Reads a name; anything else is refused as `TEXT_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let expected = "1 to 200 characters, not all blank, without control characters";
        parse(text, 200, expected).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A reason or evidence of 1 to 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation(Box<str>);

impl Explanation {
    /// Reads an explanation; anything else is refused as `TEXT_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let expected = "1 to 500 characters, not all blank, without control characters";
        parse(text, 500, expected).map(Self)
    }

    /// The explanation.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn parse(text: &str, chars_max: usize, expected: &'static str) -> Result<Box<str>, ParseError> {
    // A person may write lines. Other control characters hide, and some cannot be stored.
    let hides = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let fits = text.chars().nth(chars_max).is_none();
    if fits && !text.trim().is_empty() && !text.chars().any(hides) {
        return Ok(text.into());
    }
    Err(ParseError::new("TEXT_INVALID", text, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_characters_not_bytes() {
        assert!(Name::parse(&"杭".repeat(200)).is_ok() && Name::parse(&"a".repeat(201)).is_err());
        assert!(Explanation::parse(&"杭".repeat(500)).is_ok());
        assert!(Explanation::parse(&"a".repeat(501)).is_err());
    }

    #[test]
    fn what_nobody_can_read_is_no_text() {
        for text in ["", " ", "\n", "\u{3000}", "a\0b", "a\u{7f}"] {
            assert_eq!(
                Name::parse(text).map_err(|e| e.reason()),
                Err("TEXT_INVALID"),
                "{text:?}"
            );
        }
        assert!(Explanation::parse("tax arrears,\n\"major\"").is_ok());
    }
}
