//! Who is paid.

use std::{cmp::Ordering, fmt};

use crate::{ParseError, PlatformId, Uscc, serde_text::serde_text};

/// Who a program pays: an enterprise, by its code, or a platform, by its id. No text is both: a
/// platform's id begins with a lower-case letter, of which a code has none. In the byte order of
/// their texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PayeeId {
    /// An enterprise, by its code.
    Enterprise(Uscc),
    /// A platform, by its id.
    Platform(PlatformId),
}

impl PayeeId {
    /// Reads a platform's id, or an enterprise's code, which may be one that was issued with a
    /// wrong last character (whether it was, only the registry knows). Refused with the reasons of
    /// [`Uscc::parse_excepted`] where the text has its 18 characters, else as `PAYEE_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if let Ok(id) = PlatformId::parse(text) {
            return Ok(Self::Platform(id));
        }
        Uscc::parse_excepted(text)
            .map(Self::Enterprise)
            .map_err(|error| match text.len() {
                18 => error,
                _ => ParseError::new(
                    "PAYEE_INVALID",
                    text,
                    "an enterprise's unified social credit code or a platform's id",
                ),
            })
    }

    /// The code or the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Enterprise(uscc) => uscc.as_str(),
            Self::Platform(id) => id.as_str(),
        }
    }
}

impl Ord for PayeeId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for PayeeId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for PayeeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

serde_text!(PayeeId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payee_is_an_enterprise_or_a_platform() {
        let enterprise = PayeeId::parse("91330100799655058B").expect("a payee");
        let platform = PayeeId::parse("alpha-mall").expect("a payee");
        assert!(matches!(enterprise, PayeeId::Enterprise(_)));
        assert!(matches!(platform, PayeeId::Platform(_)));
        assert!(enterprise < platform, "in byte order");
        for (text, reason) in [
            ("", "PAYEE_INVALID"),
            ("Alpha", "PAYEE_INVALID"),
            ("91330100799655059B", "USCC_ORGANIZATION_CHECK_DIGIT"),
        ] {
            assert_eq!(
                PayeeId::parse(text).map_err(|e| e.reason()),
                Err(reason),
                "{text:?}"
            );
        }
    }
}
