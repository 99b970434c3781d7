//! Accounts with banks: their numbers, and the names that payment files have.

use std::fmt;

use serde::Serialize;

use crate::{ParseError, text};

/// Reads the name that an account is in, or that a bank has: trimmed, and as much as a payment file
/// holds; anything else is refused as `TEXT_INVALID`.
pub fn parse_name(text: &str) -> Result<&str, ParseError> {
    let expected =
        "1 to 140 characters that show something, on one line, without control characters";
    text::parse_line(text, 140, expected)
}

/// A number of an account: 5 to 34 characters of `0-9A-Z-`. Printed, it shows its last four.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountNumber(Box<str>);

impl AccountNumber {
    /// Reads a number; anything else is refused as `ACCOUNT_NUMBER_INVALID`, and not repeated.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if (5..=34).contains(&text.len()) && text.bytes().all(is_part) {
            return Ok(Self(text.into()));
        }
        let expected = "an account's number: 5 to 34 digits, capital letters and -, without blanks";
        Err(refused(text, expected))
    }

    /// The whole number, for those who need it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last four characters.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

/// The last four characters of an account's number, which a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastFour(Box<str>);

impl LastFour {
    /// Reads four characters of `0-9A-Z-`; anything else is refused as `ACCOUNT_NUMBER_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() == 4 && text.bytes().all(is_part) {
            return Ok(Self(text.into()));
        }
        let expected = "the last four digits, capital letters and - of an account's number";
        Err(refused(text, expected))
    }

    /// The four characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn refused(text: &str, expected: &'static str) -> ParseError {
    ParseError::new("ACCOUNT_NUMBER_INVALID", &masked(text), expected)
}

/// Whether numbers of accounts are made of it.
fn is_part(b: u8) -> bool {
    b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-'
}

/// The last four characters, as far as more is hidden than shown.
fn masked(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let count = text.chars().count();
    let shown: String = text.chars().skip(count - (count / 2).min(4)).collect();
    format!("...{shown}")
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountNumber(...{})", self.last_four())
    }
}

/// A bank's CNAPS code: 12 digits, of which the last checks the others, nearly always.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct BankCode(Box<str>);

impl BankCode {
    /// Reads 12 digits, whatever the last one is; anything else is refused as
    /// `BANK_CODE_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.into()));
        }
        Err(ParseError::new(
            "BANK_CODE_INVALID",
            text,
            "a bank's CNAPS code of 12 digits",
        ))
    }

    /// The 12 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the last digit checks the others (ISO 7064 MOD 11,10).
    #[must_use]
    pub fn is_checked(&self) -> bool {
        let (front, check) = self.0.split_at(11);
        let product = front.bytes().fold(10, |product, digit| {
            let sum = (product + u32::from(digit - b'0')) % 10;
            (if sum == 0 { 10 } else { sum }) * 2 % 11
        });
        let check = u32::from(check.as_bytes()[0] - b'0');
        (product + check) % 10 == 1
    }
}

impl fmt::Display for BankCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_whole_and_shown_by_its_last_four() {
        for text in [
            "12345",
            "6222-0202 ABC".replace(' ', "").as_str(),
            &"9".repeat(34),
        ] {
            let number = AccountNumber::parse(text).expect("a number");
            assert_eq!(number.as_str(), text);
            assert!(!format!("{number:?}").contains(text));
            assert!(text.ends_with(number.last_four()));
        }
        let long = "9".repeat(35);
        for text in ["", "1234", "12345a", "1234 5", "６２２２０", long.as_str()] {
            let refused = AccountNumber::parse(text).expect_err(text);
            assert_eq!(refused.reason(), "ACCOUNT_NUMBER_INVALID");
            assert!(
                text.len() < 5 || !refused.to_string().contains(text),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_name_in_an_account_is_one_line() {
        for name in ["", "甲\n乙", "甲\u{2028}乙", "甲\t乙", &"甲".repeat(141)] {
            let refused = parse_name(name).map_err(|e| e.reason());
            assert_eq!(refused, Err("TEXT_INVALID"), "{name:?}");
        }
        let longest = "甲".repeat(140);
        assert_eq!(parse_name(&format!(" {longest} ")), Ok(&*longest));
    }

    #[test]
    fn codes_of_banks_check_themselves() {
        for code in [
            "102100099996",
            "103100000026",
            "105100000017",
            "308584000013",
        ] {
            assert!(
                BankCode::parse(code).expect("a code").is_checked(),
                "{code}"
            );
        }
        for code in ["102100099995", "102100099969", "000000000000"] {
            assert!(
                !BankCode::parse(code).expect("a code").is_checked(),
                "{code}"
            );
        }
        for text in ["", "10210009999", "1021000999960", "10210009999X"] {
            assert!(BankCode::parse(text).is_err(), "{text:?}");
        }
    }
}
