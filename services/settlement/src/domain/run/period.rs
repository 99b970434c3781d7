//! Through which period a run may settle.

use gazelle_kernel::{Instant, Period, Year};

use crate::domain::rules::inputs::is_before;

/// Why a period can't be settled through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRefused {
    /// It has days to come.
    #[error("period {0} is not over in Asia/Shanghai: settle through an earlier one")]
    NotOver(Period),
    /// It is before January of the program year.
    #[error("period {through} is before January of program year {year}")]
    BeforeYear {
        /// The last period to read.
        through: Period,
        /// The program year.
        year: Year,
    },
    /// It is before that of the last approved run of the program and year.
    #[error("the period is before {0}, through which the year is settled already")]
    BeforeLastRun(Period),
}

/// Checks that a period is not before a program year.
pub fn check_year(year: Year, through: Period) -> Result<(), PeriodRefused> {
    if is_before(through, year) {
        return Err(PeriodRefused::BeforeYear { through, year });
    }
    Ok(())
}

/// Checks the period of a new run (`SETTLEMENT.md`, What is settled). `last_approved` is that of
/// the last approved run of the program and year; the same period may be settled again. `now` is
/// the database's.
pub fn check_period(
    year: Year,
    through: Period,
    last_approved: Option<Period>,
    now: Instant,
) -> Result<(), PeriodRefused> {
    if !through.is_over(now) {
        return Err(PeriodRefused::NotOver(through));
    }
    check_year(year, through)?;
    match last_approved {
        Some(last) if through < last => Err(PeriodRefused::BeforeLastRun(last)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{instant, period, year};

    #[test]
    fn a_year_is_settled_forward_only() {
        let check = |through, last: Option<&str>| {
            let now = instant("2020-01-01T00:00:00Z");
            check_period(year(2017), period(through), last.map(period), now)
        };
        let before = PeriodRefused::BeforeYear {
            through: period("2016-12"),
            year: year(2017),
        };
        assert_eq!(check("2016-12", None), Err(before));
        assert_eq!(check("2017-01", None), Ok(()));
        assert_eq!(
            check("2017-03", Some("2017-04")),
            Err(PeriodRefused::BeforeLastRun(period("2017-04")))
        );
        assert_eq!(check("2017-04", Some("2017-04")), Ok(()));
        assert_eq!(check("2018-01", Some("2017-12")), Ok(()));
    }
    #[test]
    fn a_period_is_settled_through_once_its_last_day_is_over_in_shanghai() {
        let check = |now| check_period(year(2017), period("2017-02"), None, instant(now));
        assert_eq!(
            check("2017-02-28T15:59:59Z"),
            Err(PeriodRefused::NotOver(period("2017-02")))
        );
        assert_eq!(check("2017-02-28T16:00:00Z"), Ok(()));
    }
}
