//! The unified social credit code, which identifies an enterprise.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Date, ParseError, date::parse_date, serde_text};

const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code: 18 characters with two check characters (GB 32100-2015 over all
/// of it, GB 11714 over the organization code in it).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uscc([u8; 18]);

impl Uscc {
    /// Reads a code of which both checks hold.
    ///
    /// Refused, in this order: `USCC_LENGTH`, `USCC_CHARACTER`, `USCC_ZERO`,
    /// `USCC_IDENTITY_NUMBER`, `USCC_ORGANIZATION_CHECK_DIGIT`, `USCC_CHECK_DIGIT`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let code = Self::parse_excepted(text)?;
        if code.0[17] == check_character(&code.0) {
            return Ok(code);
        }
        Err(ParseError::new(
            "USCC_CHECK_DIGIT",
            text,
            "a last character that checks the 17 before it (GB 32100-2015)",
        ))
    }

    /// Reads a code whose last character need not check the others. A few such codes were issued
    /// officially; one is accepted only on evidence, and from then on read by this.
    pub fn parse_excepted(text: &str) -> Result<Self, ParseError> {
        if text.chars().count() != 18 {
            return Err(ParseError::new(
                "USCC_LENGTH",
                text,
                "a unified social credit code of 18 characters",
            ));
        }
        let code = <[u8; 18]>::try_from(text.as_bytes()).ok();
        let is_spelt = |code: &[u8; 18]| code.iter().all(|letter| ALPHABET.contains(letter));
        let code = code.filter(is_spelt).ok_or_else(|| {
            ParseError::new(
                "USCC_CHARACTER",
                text,
                "digits and capital letters without I, O, S, V and Z",
            )
        })?;
        if code == *b"000000000000000000" {
            return Err(ParseError::new(
                "USCC_ZERO",
                text,
                "a code that was issued, which one of zeros never was",
            ));
        }
        if is_identity_number(text) {
            return Err(ParseError::new(
                "USCC_IDENTITY_NUMBER",
                text,
                "an enterprise's code, not the number of a person's identity card (GB 11643)",
            ));
        }
        if code[16] != organization_check_character(&code) {
            return Err(ParseError::new(
                "USCC_ORGANIZATION_CHECK_DIGIT",
                text,
                "a 17th character that checks the organization code before it (GB 11714)",
            ));
        }
        Ok(Self(code))
    }

    /// Whether the last character checks the others, so that [`Uscc::parse`] would take the code.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        self.0[17] == check_character(&self.0)
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("characters of the alphabet are ASCII")
    }
}

/// GB 32100-2015: weights are the powers of 3 modulo 31 over the first 17 characters.
fn check_character(code: &[u8; 18]) -> u8 {
    let (sum, _) = code[..17].iter().fold((0, 1), |(sum, weight), character| {
        let value = ALPHABET
            .iter()
            .position(|a| a == character)
            .expect("a character of the alphabet");
        (sum + value * weight, weight * 3 % 31)
    });
    ALPHABET[(31 - sum % 31) % 31]
}

/// GB 11714 over characters 9 to 16.
fn organization_check_character(code: &[u8; 18]) -> u8 {
    let value = |character: u8| {
        u32::from(if character.is_ascii_digit() {
            character - b'0'
        } else {
            character - b'A' + 10
        })
    };
    let sum: u32 = code[8..16]
        .iter()
        .zip([3, 7, 9, 10, 5, 8, 4, 2])
        .map(|(&character, weight)| value(character) * weight)
        .sum();
    b"0X987654321"[(sum % 11) as usize]
}

/// Whether 18 characters are the number of an identity card (GB 11643): a region of 6 digits, the
/// day of birth, 3 digits, and a last character that checks them (ISO 7064 MOD 11-2). Such a number
/// may pass both checks of a code.
fn is_identity_number(text: &str) -> bool {
    let (front, check) = text.split_at(17);
    if !front.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    // Provinces of GB/T 2260, and what residents of Hong Kong, Macao and Taiwan have, 81 to 83.
    let is_region = matches!(
        front[..2].parse(),
        Ok(11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
    );
    let birth = format!("{}-{}-{}", &front[6..10], &front[10..12], &front[12..14]);
    let is_birth = |day: Date| (1900..2100).contains(&day.year());
    let sum: u32 = front
        .bytes()
        .zip([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let expected = b"10X98765432"[(sum % 11) as usize];
    is_region && parse_date(&birth).is_ok_and(is_birth) && check.as_bytes() == [expected]
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Debug for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uscc({self})")
    }
}

impl Serialize for Uscc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What was written down was accepted before, by [`Uscc::parse_excepted`] or more.
impl<'de> Deserialize<'de> for Uscc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_text::read(deserializer, Self::parse_excepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUED: [&str; 4] = [
        "91330100799655058B",
        "9144030071526726XG",
        "914403001922038216",
        "91110000802100433B",
    ];
    const ISSUED_WITH_A_WRONG_CHECK: [&str; 3] = [
        "91350211M0000XUF46",
        "91350100M0001TGQXM",
        "91350628M0000K0H44",
    ];

    fn refusal(text: &str) -> Option<&'static str> {
        Uscc::parse(text).err().map(|e| e.reason())
    }

    #[test]
    fn issued_codes_and_both_ends_of_the_check_are_accepted() {
        for text in ISSUED
            .into_iter()
            .chain(["91330106MA20003340", "91330106MA2000211Y"])
        {
            assert_eq!(
                Uscc::parse(text).map(|code| (code.to_string(), code.is_regular())),
                Ok((text.into(), true))
            );
        }
    }

    #[test]
    fn issued_codes_that_fail_the_outer_check_need_an_exception() {
        for text in ISSUED_WITH_A_WRONG_CHECK {
            assert_eq!(refusal(text), Some("USCC_CHECK_DIGIT"));
            assert_eq!(
                Uscc::parse_excepted(text).map(|code| code.is_regular()),
                Ok(false)
            );
        }
    }

    #[test]
    fn each_refusal_has_its_reason() {
        assert_eq!(refusal(""), Some("USCC_LENGTH"));
        assert_eq!(refusal("91330100799655058B "), Some("USCC_LENGTH"));
        assert_eq!(refusal("杭杭杭杭杭杭"), Some("USCC_LENGTH"));
        assert_eq!(refusal("９1330100799655058B"), Some("USCC_CHARACTER"));
        assert_eq!(refusal("91330100799655058b"), Some("USCC_CHARACTER"));
        assert_eq!(refusal("9133010079965505OB"), Some("USCC_CHARACTER"));
        assert_eq!(
            refusal("91330100799655059B"),
            Some("USCC_ORGANIZATION_CHECK_DIGIT")
        );
        assert_eq!(refusal("91330100799655058C"), Some("USCC_CHECK_DIGIT"));
    }

    #[test]
    fn zeros_and_numbers_of_identity_cards_are_no_codes_though_both_checks_hold() {
        assert_eq!(refusal("000000000000000000"), Some("USCC_ZERO"));
        for text in [
            "330106195001060201",
            "110101195001010009",
            "440305195001040251",
        ] {
            assert_eq!(refusal(text), Some("USCC_IDENTITY_NUMBER"));
            assert!(Uscc::parse_excepted(text).is_err());
            let code = text.as_bytes().try_into().expect("18 characters");
            assert_eq!(organization_check_character(&code), code[16]);
            assert_eq!(check_character(&code), code[17]);
        }
    }

    #[test]
    fn no_change_of_one_character_goes_unseen() {
        for text in ISSUED {
            for at in 0..18 {
                for &other in ALPHABET
                    .iter()
                    .filter(|&&other| other != text.as_bytes()[at])
                {
                    let mut changed = text.as_bytes().to_vec();
                    changed[at] = other;
                    assert!(refusal(std::str::from_utf8(&changed).expect("ASCII")).is_some());
                }
            }
        }
    }
}
