//! Codes of districts (GB/T 2260) and industries (GB/T 4754), and prefixes of them.

use std::fmt;

use crate::{ParseError, serde_text::serde_text};

fn parse_digits<const N: usize>(text: &str, expected: &'static str) -> Result<[u8; N], ParseError> {
    <[u8; N]>::try_from(text.as_bytes())
        .ok()
        .filter(|code| code.iter().all(u8::is_ascii_digit))
        .ok_or_else(|| ParseError::new("CODE_INVALID", text, expected))
}

fn text(code: &[u8]) -> &str {
    std::str::from_utf8(code).expect("digits are ASCII")
}

/// A district's code of 6 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DistrictCode([u8; 6]);

impl DistrictCode {
    /// Reads 6 digits; anything else is refused as `CODE_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_digits(text, "a district code of 6 digits").map(Self)
    }

    /// The 6 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// An industry's code of 4 digits, without the letter of its section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndustryCode([u8; 4]);

impl IndustryCode {
    /// Reads 4 digits; anything else is refused as `CODE_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_digits(
            text,
            "an industry code of 4 digits, without the section's letter",
        )
        .map(Self)
    }

    /// The 4 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }

    /// The code as a number, from 0 to 9999.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.0
            .iter()
            .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
    }
}

impl fmt::Display for IndustryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The first 1 to 6 digits of codes, which name all codes that start so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodePrefix(Box<str>);

impl CodePrefix {
    /// Reads 1 to 6 digits; anything else is refused as `CODE_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.into()));
        }
        Err(ParseError::new(
            "CODE_INVALID",
            text,
            "the first 1 to 6 digits of a code",
        ))
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the code starts so.
    #[must_use]
    pub fn covers(&self, code: &str) -> bool {
        code.starts_with(&*self.0)
    }
}

impl fmt::Display for CodePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_text!(DistrictCode, IndustryCode, CodePrefix);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_exactly_their_digits() {
        assert_eq!(
            DistrictCode::parse("330106").expect("a code").to_string(),
            "330106"
        );
        assert_eq!(
            IndustryCode::parse("0111").map(|code| (code.to_string(), code.number())),
            Ok(("0111".into(), 111))
        );
        for text in ["", "33010", "3301060", "33010A", "33010６"] {
            assert_eq!(
                DistrictCode::parse(text).map_err(|e| e.reason()),
                Err("CODE_INVALID"),
                "{text:?}"
            );
        }
        for text in ["", "521", "F5211", "F521", "-521"] {
            assert_eq!(
                IndustryCode::parse(text).map_err(|e| e.reason()),
                Err("CODE_INVALID"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_prefix_covers_the_codes_that_start_so() {
        let city = CodePrefix::parse("3301").expect("a prefix");
        assert!(city.covers("330106") && !city.covers("330206") && !city.covers("033010"));
        for text in ["", "3301060", "33 ", "F"] {
            assert_eq!(
                CodePrefix::parse(text).map_err(|e| e.reason()),
                Err("CODE_INVALID"),
                "{text:?}"
            );
        }
    }
}
