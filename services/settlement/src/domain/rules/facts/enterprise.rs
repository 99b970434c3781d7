//! What the registry holds about an enterprise.

use std::collections::BTreeMap;

use gazelle_kernel::{
    Date, DistrictCode, Fen, IndustryCode, Interval, SizeClass, Uscc, Year, size_class,
};
use serde::{Deserialize, Serialize};

use super::dated::Dated;

/// What an enterprise filed for a fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    pub headcount: i64,
    /// Revenue of the year.
    pub annual_revenue_fen: Fen,
    /// Total assets at its end.
    pub total_assets_fen: Fen,
}

impl Filing {
    /// The size class that it amounts to in an industry (`SETTLEMENT.md`, Size class).
    #[must_use]
    pub fn size_class(&self, industry: &IndustryCode) -> SizeClass {
        size_class::classify(
            industry,
            self.headcount,
            self.annual_revenue_fen,
            self.total_assets_fen,
        )
    }
}

/// What the registry holds about an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterpriseFacts {
    /// By which it is known for ever.
    pub uscc: Uscc,
    /// What it does; decides its size class too.
    pub industry: Dated<IndustryCode>,
    /// Where it is registered.
    pub district: Dated<DistrictCode>,
    /// What it filed, by fiscal year.
    pub filings: BTreeMap<i32, Filing>,
    /// The days on which it is suspended.
    pub suspensions: Vec<Interval>,
}

impl EnterpriseFacts {
    /// Whether it is suspended on a day.
    #[must_use]
    pub fn suspended_on(&self, day: Date) -> bool {
        self.suspensions
            .iter()
            .any(|suspension| suspension.contains(day))
    }

    /// The newer of the filings for the two fiscal years before a program year, with its year
    /// (`SETTLEMENT.md`, Eligibility 5 and 6).
    #[must_use]
    pub fn filing_for(&self, program_year: Year) -> Option<(i32, &Filing)> {
        let year = program_year.get();
        [year - 1, year - 2]
            .into_iter()
            .find_map(|fiscal_year| Some((fiscal_year, self.filings.get(&fiscal_year)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{enterprise, year};

    #[test]
    fn the_newer_of_the_two_years_before_counts() {
        let filing = |headcount| Filing {
            headcount,
            annual_revenue_fen: Fen::ZERO,
            total_assets_fen: Fen::ZERO,
        };
        let mut enterprise = enterprise(0);
        enterprise.filings = [
            (2014, filing(14)),
            (2015, filing(15)),
            (2016, filing(16)),
            (2017, filing(17)),
        ]
        .into();
        let counts =
            |enterprise: &EnterpriseFacts| enterprise.filing_for(year(2017)).map(|(year, _)| year);
        assert_eq!(counts(&enterprise), Some(2016));
        enterprise.filings.remove(&2016);
        assert_eq!(counts(&enterprise), Some(2015));
        enterprise.filings.remove(&2015);
        assert_eq!(counts(&enterprise), None);
    }

    #[test]
    fn facts_come_back_as_they_were_written() {
        let enterprise = enterprise(0);
        let text = serde_json::to_string(&enterprise).expect("JSON");
        let read: EnterpriseFacts = serde_json::from_str(&text).expect("facts");
        assert_eq!(read, enterprise);
    }
}
