//! Names that others give: platforms, programs, and what platforms call their merchants and
//! records.
//!
//! All are cheap to clone.

use std::{fmt, sync::Arc};

use crate::{ParseError, serde_text::serde_text, text::is_distinct};

/// `[a-z][a-z0-9-]*` of 2 to `len_max` characters.
fn parse_slug(text: &str, len_max: usize, expected: &'static str) -> Result<Arc<str>, ParseError> {
    let rest = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (2..=len_max).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(rest)
    {
        return Ok(text.into());
    }
    Err(ParseError::new("ID_INVALID", text, expected))
}

/// A name that a platform chose: what it means is the platform's matter, that it can be printed,
/// compared and stored is ours.
fn parse_foreign(text: &str, expected: &'static str) -> Result<Arc<str>, ParseError> {
    if is_foreign(text) {
        return Ok(text.into());
    }
    Err(ParseError::new("ID_INVALID", text, expected))
}

/// Of nearly all names, a look at each byte says it; at all of them, which the processor does
/// several at a time.
fn is_foreign(text: &str) -> bool {
    let is_graphic = |bytes: &[u8]| bytes.iter().fold(true, |all, b| all & b.is_ascii_graphic());
    (1..=128).contains(&text.len()) && (is_graphic(text.as_bytes()) || is_distinct(text))
}

/// A partner platform, `[a-z][a-z0-9-]{1,31}`; the last segment of its certificate's identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlatformId(Arc<str>);

impl PlatformId {
    /// Reads an id; any other text is refused as `ID_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_slug(
            text,
            32,
            "a platform id: 2 to 32 lower case letters, digits and -, a letter first",
        )
        .map(Self)
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A program, `[a-z][a-z0-9-]{1,63}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProgramId(Arc<str>);

impl ProgramId {
    /// Reads an id; any other text is refused as `ID_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_slug(
            text,
            64,
            "a program id: 2 to 64 lower case letters, digits and -, a letter first",
        )
        .map(Self)
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProgramId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a platform calls one of its merchants: 1 to 128 bytes of UTF-8 that can be told by their
/// look ([`is_distinct`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MerchantId(Arc<str>);

impl MerchantId {
    /// Reads an id; any other text is refused as `ID_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_foreign(
            text,
            "a merchant id: 1 to 128 bytes in Unicode NFC, no control or invisible characters, no \
             white space but that of ASCII, none at its ends, no accent alone at its beginning",
        )
        .map(Self)
    }

    /// Whether [`parse`](Self::parse) takes the text.
    #[must_use]
    pub fn is_valid(text: &str) -> bool {
        is_foreign(text)
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a platform calls one of its records, for ever: 1 to 128 bytes of UTF-8 that can be told by
/// their look ([`is_distinct`]).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(Arc<str>);

impl RecordId {
    /// Reads an id; any other text is refused as `ID_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_foreign(
            text,
            "a record id: 1 to 128 bytes in Unicode NFC, no control or invisible characters, no \
             white space but that of ASCII, none at its ends, no accent alone at its beginning",
        )
        .map(Self)
    }

    /// Whether [`parse`](Self::parse) takes the text.
    #[must_use]
    pub fn is_valid(text: &str) -> bool {
        is_foreign(text)
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_text!(PlatformId, ProgramId, MerchantId, RecordId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platform_and_program_ids_fit_into_addresses() {
        for text in ["ab", "alpha-mall", "a1-", &"a".repeat(32)] {
            assert_eq!(PlatformId::parse(text).expect("an id").as_str(), text);
            assert_eq!(ProgramId::parse(text).expect("an id").as_str(), text);
        }
        for text in [
            "",
            "a",
            "1a",
            "-a",
            "Alpha",
            "a_b",
            "a b",
            "a/b",
            "ä1",
            &"a".repeat(65),
        ] {
            assert_eq!(
                PlatformId::parse(text).map_err(|e| e.reason()),
                Err("ID_INVALID"),
                "{text:?}"
            );
            assert_eq!(
                ProgramId::parse(text).map_err(|e| e.reason()),
                Err("ID_INVALID"),
                "{text:?}"
            );
        }
        assert!(
            PlatformId::parse(&"a".repeat(33)).is_err()
                && ProgramId::parse(&"a".repeat(64)).is_ok()
        );
    }

    #[test]
    fn merchant_and_record_ids_are_what_the_platform_says() {
        for text in [
            "1",
            "店铺 7",
            "a/b:c,\"d\"",
            "\u{e9}",
            "⠓⠵",
            &"x".repeat(128),
        ] {
            assert_eq!(MerchantId::parse(text).expect("an id").as_str(), text);
            assert_eq!(RecordId::parse(text).expect("an id").as_str(), text);
        }
    }

    #[test]
    fn a_merchant_or_record_id_that_looks_like_another_is_refused() {
        for text in [
            "",
            " a",
            "a ",
            "\u{3000}a",
            "a\nb",
            "a\0",
            "\u{7f}",
            "\u{feff}z-2",
            "z\u{200b}-2",
            "z-2\u{ad}",
            "店\u{202e}铺",
            "店\u{3164}铺",
            "店\u{2800}铺",
            "\u{2800}",
            "a\u{115f}",
            "a\u{1160}",
            "a\u{ffa0}",
            "a\u{180b}",
            "a\u{180f}",
            "a\u{fe0f}",
            "a\u{e01ef}",
            "a\u{2065}",
            "a\u{fff0}",
            "a\u{16fe4}",
            "\u{301}",
            "\u{20dd}\u{301}",
            "\u{301}a",
            "a\u{2028}b",
            "e\u{301}",
            "店\u{a0}7",
            "店\u{3000}7",
            "a\u{2003}7",
            "a\u{202f}7",
            "a\u{1680}7",
            "a\u{fffe}",
            "a\u{fdd0}",
            "a\u{10ffff}",
            &"杭".repeat(43),
        ] {
            assert_eq!(
                MerchantId::parse(text).map_err(|e| e.reason()),
                Err("ID_INVALID"),
                "{text:?}"
            );
            assert_eq!(
                RecordId::parse(text).map_err(|e| e.reason()),
                Err("ID_INVALID"),
                "{text:?}"
            );
        }
    }
}
