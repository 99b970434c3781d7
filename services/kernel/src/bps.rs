//! Rates in basis points.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Fen, ParseError};

/// A rate in basis points (1/10,000), from 0 to 10,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bps(u16);

impl Bps {
    /// The whole: 10,000 basis points.
    pub const WHOLE: Self = Self(10_000);

    const EXPECTED: &str = "basis points, a whole number from 0 to 10000";

    /// That many basis points; above 10,000 is refused as `BPS_INVALID`.
    pub fn new(bps: u32) -> Result<Self, ParseError> {
        u16::try_from(bps)
            .ok()
            .map(Self)
            .filter(|bps| *bps <= Self::WHOLE)
            .ok_or_else(|| ParseError::new("BPS_INVALID", &bps.to_string(), Self::EXPECTED))
    }

    /// Reads a whole number from 0 to 10,000; anything else is refused as `BPS_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Some(text)
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .and_then(|bps| Self::new(bps).ok())
            .ok_or_else(|| ParseError::new("BPS_INVALID", text, Self::EXPECTED))
    }

    /// The number of basis points.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// This share of an amount, rounded down (towards minus infinity).
    #[must_use]
    pub fn of(self, amount: Fen) -> Fen {
        let product = i128::from(amount.get()) * i128::from(self.0);
        Fen::new(
            i64::try_from(product.div_euclid(10_000))
                .expect("a share of at most the whole fits where the whole does"),
        )
    }
}

/// The number of basis points, as [`Bps::parse`] reads it.
impl fmt::Display for Bps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Bps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u32::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_numbers_up_to_the_whole_are_rates() {
        assert_eq!(Bps::parse("0"), Ok(Bps(0)));
        assert_eq!(Bps::parse("10000"), Ok(Bps::WHOLE));
        for text in ["", "10001", "-1", "+1", "1.5", "70000", "99999999999"] {
            assert_eq!(
                Bps::parse(text).map_err(|e| e.reason()),
                Err("BPS_INVALID"),
                "{text:?}"
            );
        }
        assert_eq!(Bps::new(70_000).map_err(|e| e.reason()), Err("BPS_INVALID"));
    }

    #[test]
    fn a_share_is_rounded_down_whatever_the_sign() {
        let third = Bps(3_333);
        assert_eq!(third.of(Fen::new(10_001)), Fen::new(3_333));
        assert_eq!(third.of(Fen::new(2)), Fen::new(0));
        assert_eq!(third.of(Fen::new(-2)), Fen::new(-1));
    }

    #[test]
    fn a_share_of_the_largest_amount_does_not_overflow() {
        assert_eq!(Bps::WHOLE.of(Fen::new(i64::MAX)), Fen::new(i64::MAX));
        assert_eq!(Bps::WHOLE.of(Fen::new(i64::MIN)), Fen::new(i64::MIN));
        assert_eq!(Bps(1).of(Fen::new(i64::MAX)), Fen::new(922_337_203_685_477));
    }
}
