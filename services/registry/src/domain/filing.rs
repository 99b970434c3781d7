//! What enterprises file each year.

use gazelle_kernel::{Date, IndustryCode, ParseError, SizeClass, Uscc, parse_date, size_class};

/// A fiscal year from 1990 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// December 31.
    #[must_use]
    pub fn last_day(self) -> Date {
        parse_date(&format!("{}-12-31", self.0)).expect("every year has a December 31")
    }
}

/// A figure of a filing, 0 or more; below 0 it is refused as `AMOUNT_INVALID`.
pub fn figure(number: i64) -> Result<i64, ParseError> {
    if number >= 0 {
        return Ok(number);
    }
    Err(ParseError::new(
        "AMOUNT_INVALID",
        &number.to_string(),
        "0 or more",
    ))
}

/// What an enterprise filed for a fiscal year; the key is both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Whose.
    pub uscc: Uscc,
    /// For which year.
    pub fiscal_year: FiscalYear,
    /// Persons employed, 0 or more.
    pub headcount: i64,
    /// Operating revenue of the year in fen, 0 or more.
    pub annual_revenue_fen: i64,
    /// Total assets at the end of the year in fen, 0 or more.
    pub total_assets_fen: i64,
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
            self.annual_revenue_fen,
            self.total_assets_fen,
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
    fn figures_are_not_negative() {
        assert_eq!((figure(0), figure(i64::MAX)), (Ok(0), Ok(i64::MAX)));
        assert_eq!(figure(-1).map_err(|e| e.reason()), Err("AMOUNT_INVALID"));
    }
}
