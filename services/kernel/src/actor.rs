//! Who does something.

use std::{fmt, sync::Arc};

use unicode_normalization::UnicodeNormalization as _;

use crate::{ParseError, serde_text::serde_text};

/// Who does something, by the name that is written down and stays the same for ever: `person:SUB`,
/// `platform:ID` or `service:NAME`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Actor(Arc<str>);

impl Actor {
    const KINDS: [&str; 3] = ["person:", "platform:", "service:"];

    /// The actor of that name, as a caller was identified; it is not checked again.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Reads a kind and a name of 1 to 255 bytes without control characters; anything else is
    /// refused as `ACTOR_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::KINDS
            .iter()
            .find_map(|kind| text.strip_prefix(kind))
            .filter(|name| (1..=255).contains(&name.len()) && !name.chars().any(char::is_control))
            .map(|_| Self(text.into()))
            .ok_or_else(|| {
                let expected = "person:, platform: or service: and a name of 1 to 255 bytes";
                ParseError::new("ACTOR_INVALID", text, expected)
            })
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both may be one and the same, where two different ones are asked for. A provider
    /// may write the name of one person in capitals, in full width or with other blanks; so names
    /// that differ in nothing else are taken for one. What a database takes for one by
    /// `lower(normalize())` is one here too.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        self == other || self.folded() == other.folded()
    }

    /// The name without what capitals, width and blanks make of it: the same of all names that
    /// [`may_be`](Self::may_be) one. It is in capitals once, which alone are the same for σ and
    /// ς, ß and ss, i and ı; the dot is that of İ. And it is composed once more, since ΐ has no
    /// capital of its own and comes back from there in parts. Several blanks are one.
    #[must_use]
    pub fn folded(&self) -> String {
        let name: String = self.0.nfkc().collect();
        let words: Vec<&str> = name.split_whitespace().collect();
        words
            .join(" ")
            .chars()
            .flat_map(char::to_lowercase)
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .filter(|c| *c != '\u{307}')
            .nfkc()
            .collect()
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_text!(Actor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_capitals_or_full_width_may_be_the_same_person() {
        let alice = Actor::new("person:alice");
        for name in [
            "person:alice",
            "person:Alice",
            "person:ALICE",
            "person:ａｌｉｃｅ",
        ] {
            assert!(alice.may_be(&Actor::new(name)), "{name}");
        }
        for name in [
            "person:alice2",
            "person:al1ce",
            "service:alice",
            "person:ali ce",
        ] {
            assert!(!alice.may_be(&Actor::new(name)), "{name}");
        }
    }

    #[test]
    fn capitals_are_those_of_any_script_and_language() {
        for (one, other) in [
            ("Kim", "\u{212a}im"),
            ("Su\u{17f}e", "SUSE"),
            ("stra\u{df}e", "STRASSE"),
            ("stra\u{1e9e}e", "strasse"),
            ("οδος", "ΟΔΟΣ"),
            ("οδοσ", "οδος"),
            ("\u{130}lker", "ilker"),
            ("\u{131}lker", "ILKER"),
            ("e\u{301}mile", "\u{c9}MILE"),
            ("ﬁona", "FIONA"),
            ("\u{1c90}", "\u{10d0}"),
            ("ma\u{390}os", "MA\u{3aa}\u{301}OS"),
            ("\u{1f0}", "J\u{30c}"),
            ("li wei", "Li\u{3000} Wei"),
        ] {
            let [one, other] = [one, other].map(|name| Actor::new(format!("person:{name}")));
            assert!(one.may_be(&other) && other.may_be(&one), "{one} {other}");
        }
        let [one, other] = ["person:emile", "person:\u{e9}mile"].map(Actor::new);
        assert!(!one.may_be(&other));
    }

    #[test]
    fn an_actor_has_a_kind_and_a_name() {
        for text in [
            "person:alice",
            "person:a:b",
            "platform:alpha-mall",
            "service:settlement",
        ] {
            assert_eq!(Actor::parse(text).expect("an actor").as_str(), text);
        }
        let long = format!("person:{}", "a".repeat(256));
        for text in ["", "alice", "person:", "robot:1", "person:a\nb", &long] {
            assert_eq!(
                Actor::parse(text).map_err(|e| e.reason()),
                Err("ACTOR_INVALID"),
                "{text:?}"
            );
        }
    }
}
