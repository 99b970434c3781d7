//! What a fee is charged for.

use std::{borrow::Cow, fmt};

use crate::{ParseError, serde_text::serde_text};

/// What a platform charged a fee for, such as `COMMISSION`.
///
/// The set is open: platforms invent fee kinds faster than contracts change. A kind that no
/// program names is reported, kept and ignored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeeKind(Cow<'static, str>);

impl FeeKind {
    /// A share of each sale.
    pub const COMMISSION: Self = Self(Cow::Borrowed("COMMISSION"));
    /// What a shop pays to be on the platform.
    pub const MEMBERSHIP: Self = Self(Cow::Borrowed("MEMBERSHIP"));
    /// What is paid for taking a card.
    pub const CARD_SETTLEMENT: Self = Self(Cow::Borrowed("CARD_SETTLEMENT"));
    /// What is paid to be seen.
    pub const ADVERTISING: Self = Self(Cow::Borrowed("ADVERTISING"));

    const WELL_KNOWN: [Self; 4] = [
        Self::COMMISSION,
        Self::MEMBERSHIP,
        Self::CARD_SETTLEMENT,
        Self::ADVERTISING,
    ];

    /// Reads a code `[A-Z][A-Z0-9_]{0,39}`; anything else is refused as `FEE_KIND_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if let Some(known) = Self::WELL_KNOWN.into_iter().find(|known| known.0 == text) {
            return Ok(known);
        }
        if Self::is_valid(text) {
            return Ok(Self(Cow::Owned(text.into())));
        }
        Err(ParseError::new(
            "FEE_KIND_INVALID",
            text,
            "1 to 40 capital letters, digits and _, a letter first",
        ))
    }

    /// Whether [`parse`](Self::parse) takes the text.
    #[must_use]
    pub fn is_valid(text: &str) -> bool {
        let rest = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.bytes().all(rest)
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FeeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_text!(FeeKind);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_that_nobody_foresaw_are_kinds() {
        assert_eq!(FeeKind::parse("COMMISSION"), Ok(FeeKind::COMMISSION));
        for text in ["A", "LIVE_STREAM_2", &"A".repeat(40)] {
            assert_eq!(FeeKind::parse(text).expect("a kind").as_str(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "commission",
            "1A",
            "_A",
            "A-B",
            "A B",
            &"A".repeat(41),
            "Ä",
        ] {
            assert_eq!(
                FeeKind::parse(text).map_err(|e| e.reason()),
                Err("FEE_KIND_INVALID"),
                "{text:?}"
            );
        }
    }
}
