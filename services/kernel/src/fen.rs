//! Money in whole fen.

use std::fmt;

use crate::{ParseError, text::normalized};

/// An amount of CNY in whole fen (1 yuan = 100 fen); negative in a reversal or a clawback.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Fen(i64);

impl Fen {
    /// An amount of nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of that many fen.
    #[must_use]
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// The number of fen.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads a plain integer of fen: digits, a minus before them if need be, nothing else.
    ///
    /// Refused as `AMOUNT_INVALID`: a decimal point, a plus sign, spaces, more than 64 bits.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(fen) if plain => Ok(Self(fen)),
            _ => Err(ParseError::new(
                "AMOUNT_INVALID",
                text,
                "a whole number of fen in 64 bits, such as -1250",
            )),
        }
    }

    /// The sum, or `None` beyond 64 bits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` beyond 64 bits.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount in 128 bits, in which no sum or product of amounts and rates overflows.
    #[must_use]
    pub fn wide(self) -> i128 {
        self.0.into()
    }

    /// The amount of a sum or product, or `None` beyond 64 bits.
    #[must_use]
    pub fn from_wide(fen: i128) -> Option<Self> {
        fen.try_into().ok().map(Self)
    }

    /// The sum of amounts, or `None` where it is beyond 64 bits, whatever partial sums are.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        Self::from_wide(amounts.into_iter().map(Self::wide).sum())
    }

    /// The amount for people, in yuan: `1,234.56`, `-0.05`.
    #[must_use]
    pub fn to_yuan(self) -> String {
        let fen = self.0.unsigned_abs();
        let digits = (fen / 100).to_string();
        let mut yuan = String::with_capacity(digits.len() * 4 / 3 + 4);
        if self.0 < 0 {
            yuan.push('-');
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                yuan.push(',');
            }
            yuan.push(digit);
        }
        yuan + &format!(".{:02}", fen % 100)
    }
}

/// The number of fen, as [`Fen::parse`] reads it.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number in a text that has the sign or the name of the currency beside it, as `¥6,870.49` or
/// `6870.49元`; none: it has none, or what is left is no number.
#[must_use]
pub fn without_currency(text: &str) -> Option<String> {
    const SIGNS: [&str; 6] = ["人民币", "¥", "元", "圆", "CNY", "RMB"];
    let whole = normalized(text).to_uppercase();
    let mut number = whole.as_str();
    while let Some(rest) = SIGNS.iter().find_map(|sign| {
        number
            .strip_prefix(sign)
            .or_else(|| number.strip_suffix(sign))
    }) {
        number = rest.trim();
    }
    let is_number = number.bytes().any(|byte| byte.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-., ".contains(&byte));
    (is_number && number != whole).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_integers_are_read_over_all_64_bits() {
        for fen in [0, 1, -1, 1_250, i64::MAX, i64::MIN] {
            assert_eq!(Fen::parse(&fen.to_string()), Ok(Fen::new(fen)));
        }
    }

    #[test]
    fn anything_but_a_plain_integer_is_refused() {
        for text in [
            "",
            "-",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1,000",
            "--1",
            "1e3",
            "١",
            "9223372036854775808",
            "-9223372036854775809",
        ] {
            assert_eq!(
                Fen::parse(text).map_err(|e| e.reason()),
                Err("AMOUNT_INVALID"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn yuan_have_two_decimals_and_separators() {
        let cases = [
            (0, "0.00"),
            (-5, "-0.05"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (123_456, "1,234.56"),
            (i64::MIN, "-92,233,720,368,547,758.08"),
        ];
        for (fen, yuan) in cases {
            assert_eq!(Fen::new(fen).to_yuan(), yuan);
        }
    }

    #[test]
    fn sums_beyond_64_bits_are_no_sums() {
        assert_eq!(Fen::new(i64::MAX).checked_add(Fen::new(1)), None);
        assert_eq!(Fen::new(i64::MIN).checked_sub(Fen::new(1)), None);
        assert_eq!(Fen::new(1).checked_sub(Fen::new(3)), Some(Fen::new(-2)));
        let most = Fen::new(i64::MAX);
        assert_eq!(Fen::sum([most, most, Fen::new(-i64::MAX)]), Some(most));
        assert_eq!(Fen::sum([most, Fen::new(1)]), None);
    }

    #[test]
    fn a_number_is_told_from_the_currency_beside_it() {
        for text in [
            "¥6870.49",
            "￥ 6870.49",
            "6870.49元",
            "CNY6870.49",
            "rmb 6870.49 元",
        ] {
            assert_eq!(without_currency(text).as_deref(), Some("6870.49"), "{text}");
        }
        for text in ["6870.49", "1.5万元", "元", "¥", "", "壹元整", "USD 1"] {
            assert_eq!(without_currency(text), None, "{text}");
        }
    }
}
