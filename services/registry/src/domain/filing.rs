//! What enterprises file each year.

use gazelle_kernel::{
    Date, Fen, IndustryCode, ParseError, SizeClass, Uscc, parse_date, size_class,
};
use serde::Serialize;

/// Most persons that an enterprise may say it employs: some ten times as many as any ever did.
const HEADCOUNT_MAX: i64 = 100_000_000;

/// A fiscal year from 1990 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FiscalYear(i32);

impl FiscalYear {
    /// That year; beyond 1990 to 2099 it is refused as `YEAR_INVALID`.
    pub fn new(year: i32) -> Result<Self, ParseError> {
        if (1990..=2099).contains(&year) {
            return Ok(Self(year));
        }
        let expected = "a fiscal year from 1990 to 2099";
        Err(ParseError::new("YEAR_INVALID", &year.to_string(), expected))
    }

    /// The number of the year.
    #[must_use]
    pub fn get(self) -> i32 {
        self.0
    }

    /// The year's last day, December 31.
    #[must_use]
    pub fn last_day(self) -> Date {
        parse_date(&format!("{}-12-31", self.0)).expect("every year has a December 31")
    }
}

/// Persons employed; below 0 or above 100,000,000 they are refused as `HEADCOUNT_INVALID`.
pub fn headcount(persons: i64) -> Result<i64, ParseError> {
    if (0..=HEADCOUNT_MAX).contains(&persons) {
        return Ok(persons);
    }
    let expected = "persons employed, 0 to 100000000";
    Err(ParseError::new(
        "HEADCOUNT_INVALID",
        &persons.to_string(),
        expected,
    ))
}

/// An amount of a filing; below 0 it is refused as `AMOUNT_NEGATIVE`.
pub fn amount(fen: i64) -> Result<Fen, ParseError> {
    if fen >= 0 {
        return Ok(Fen::new(fen));
    }
    Err(ParseError::new(
        "AMOUNT_NEGATIVE",
        &fen.to_string(),
        "0 fen or more",
    ))
}

/// What an enterprise filed for a fiscal year; the key is both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filing {
    pub uscc: Uscc,
    pub fiscal_year: FiscalYear,
    /// Persons employed, see [`headcount`].
    pub headcount: i64,
    /// Operating revenue of the year, 0 or more.
    #[serde(rename = "annual_revenue_fen")]
    pub annual_revenue: Fen,
    /// Total assets at the end of the year, 0 or more.
    #[serde(rename = "total_assets_fen")]
    pub total_assets: Fen,
}

impl Filing {
    /// What makes it the same filing.
    #[must_use]
    pub fn key(&self) -> (Uscc, FiscalYear) {
        (self.uscc, self.fiscal_year)
    }

    /// The size class by this filing in an industry (`SETTLEMENT.md`, Size class).
    #[must_use]
    pub fn size_class(&self, industry: IndustryCode) -> SizeClass {
        size_class::classify(
            &industry,
            self.headcount,
            self.annual_revenue,
            self.total_assets,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fiscal_years_are_from_1990_to_2099() {
        assert_eq!(
            FiscalYear::new(1990).unwrap().last_day().to_string(),
            "1990-12-31"
        );
        assert!(FiscalYear::new(2099).is_ok());
        for year in [1989, 2100, 0, -2017, i32::MAX] {
            assert_eq!(
                FiscalYear::new(year).map_err(|e| e.reason()),
                Err("YEAR_INVALID")
            );
        }
    }

    #[test]
    fn figures_are_what_an_enterprise_may_have() {
        assert_eq!(
            (headcount(0), headcount(100_000_000)),
            (Ok(0), Ok(100_000_000))
        );
        for persons in [-1, 100_000_001, 92_233_720_368_547_759] {
            let reason = headcount(persons).map_err(|e| e.reason());
            assert_eq!(reason, Err("HEADCOUNT_INVALID"), "{persons}");
        }
        assert_eq!(amount(i64::MAX), Ok(Fen::new(i64::MAX)));
        assert_eq!(amount(-1).map_err(|e| e.reason()), Err("AMOUNT_NEGATIVE"));
    }
}
