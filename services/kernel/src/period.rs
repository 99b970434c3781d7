//! Calendar months, in which usage is reported and sealed, and the years they make up.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{Date, Month};

use crate::{Instant, Interval, ParseError, date::digits, day_in_shanghai, serde_text::serde_text};

/// A calendar year from 2000 to 2099.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Year(i16);

impl Year {
    const EXPECTED: &str = "a year from 2000 to 2099";

    /// That year; beyond 2000 to 2099 it is refused as `YEAR_INVALID`.
    pub fn new(year: i32) -> Result<Self, ParseError> {
        i16::try_from(year)
            .ok()
            .filter(|year| (2000..=2099).contains(year))
            .map(Self)
            .ok_or_else(|| ParseError::new("YEAR_INVALID", &year.to_string(), Self::EXPECTED))
    }

    /// Reads four digits.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Some(text.as_bytes())
            .filter(|text| text.len() == 4)
            .and_then(digits)
            .and_then(|year| Self::new(year).ok())
            .ok_or_else(|| ParseError::new("YEAR_INVALID", text, Self::EXPECTED))
    }

    /// The number of the year.
    #[must_use]
    pub fn get(self) -> i32 {
        self.0.into()
    }

    /// The year's first day, January 1.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.january().first_day()
    }

    /// The year's last day, December 31.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.december().last_day()
    }

    /// All its days.
    #[must_use]
    pub fn days(self) -> Interval {
        Interval::new(self.first_day(), self.last_day().next_day())
            .expect("a year ends after it starts")
    }

    /// Its first period.
    #[must_use]
    pub fn january(self) -> Period {
        Period(self.0 * 12)
    }

    /// Its last period.
    #[must_use]
    pub fn december(self) -> Period {
        Period(self.0 * 12 + 11)
    }
}

/// As four digits.
impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A calendar month of the years 2000 to 2099, `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period(i16);

impl Period {
    const EXPECTED: &str = "a month of the years 2000 to 2099 as YYYY-MM";

    /// Reads `YYYY-MM`; anything else is refused as `PERIOD_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let parts = |text: &[u8]| match text {
            [year @ .., b'-', m1, m2] if year.len() == 4 => {
                Some((digits(year)?, digits(&[*m1, *m2])?))
            }
            _ => None,
        };
        parts(text.as_bytes())
            .and_then(|(year, month)| Self::new(Year::new(year).ok()?, u8::try_from(month).ok()?))
            .ok_or_else(|| ParseError::new("PERIOD_INVALID", text, Self::EXPECTED))
    }

    /// The month of that number, from 1 to 12, of a year.
    #[must_use]
    pub fn new(year: Year, month: u8) -> Option<Self> {
        (1..=12)
            .contains(&month)
            .then(|| Self(year.0 * 12 + i16::from(month) - 1))
    }

    /// The first month of a year.
    #[must_use]
    pub fn january(year: Year) -> Self {
        year.january()
    }

    /// The month that a day is in, if its year is from 2000 to 2099.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        Self::new(Year::new(day.year()).ok()?, day.month().into())
    }

    /// The compact form for storage: year x 12 + month - 1.
    #[must_use]
    pub fn index(self) -> i16 {
        self.0
    }

    /// The period of a stored index; beyond 2000-01 to 2099-12 it is refused as `PERIOD_INVALID`.
    pub fn from_index(index: i16) -> Result<Self, ParseError> {
        if (2000 * 12..2100 * 12).contains(&index) {
            return Ok(Self(index));
        }
        Err(ParseError::new(
            "PERIOD_INVALID",
            &index.to_string(),
            "year x 12 + month - 1 of a month from 2000-01 to 2099-12",
        ))
    }

    /// The year that it is in.
    #[must_use]
    pub fn year(self) -> Year {
        Year(self.0 / 12)
    }

    /// The number of the month, from 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        u8::try_from(self.0 % 12 + 1).expect("a remainder of 12")
    }

    /// The day that it starts with.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.day(1)
    }

    /// The day that it ends with.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.day(self.calendar_month().length(self.year().get()))
    }

    /// Whether its first day has come at a moment, in Asia/Shanghai.
    #[must_use]
    pub fn has_begun(self, now: Instant) -> bool {
        self.first_day() <= day_in_shanghai(now)
    }

    /// Whether it has no days to come at a moment, in Asia/Shanghai.
    #[must_use]
    pub fn is_over(self, now: Instant) -> bool {
        self.last_day() < day_in_shanghai(now)
    }

    /// The month after, if it is not past 2099.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::from_index(self.0 + 1).ok()
    }

    /// This month and each after it, up to and with `last`; none when `last` is before it.
    pub fn through(self, last: Self) -> impl DoubleEndedIterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    fn calendar_month(self) -> Month {
        Month::try_from(self.month()).expect("a month from 1 to 12")
    }

    fn day(self, day: u8) -> Date {
        Date::from_calendar_date(self.year().get(), self.calendar_month(), day)
            .expect("a day of the month")
    }
}

/// Writes a period as `YYYY-MM`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.year(), self.month())
    }
}

serde_text!(Period);

impl Serialize for Year {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Year {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i32::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_instant;

    fn period(text: &str) -> Period {
        Period::parse(text).expect("a period")
    }

    #[test]
    fn a_period_is_printed_and_stored_as_it_is_read() {
        for text in ["2000-01", "2017-11", "2099-12"] {
            assert_eq!(period(text).to_string(), text);
            assert_eq!(Period::from_index(period(text).index()), Ok(period(text)));
        }
        assert_eq!(period("2017-11").index(), 2017 * 12 + 10);
    }

    #[test]
    fn other_texts_and_indexes_are_refused() {
        for text in [
            "",
            "2017",
            "2017-1",
            "2017-00",
            "2017-13",
            "1999-12",
            "2100-01",
            "2017-011",
            "2017/01",
            "201701",
            "2017-01-01",
        ] {
            assert_eq!(
                Period::parse(text).map_err(|e| e.reason()),
                Err("PERIOD_INVALID"),
                "{text:?}"
            );
        }
        for index in [0, 2000 * 12 - 1, 2100 * 12, i16::MAX] {
            assert_eq!(
                Period::from_index(index).map_err(|e| e.reason()),
                Err("PERIOD_INVALID")
            );
        }
        for text in ["", "1999", "2100", "017", "+017", "20177"] {
            assert_eq!(
                Year::parse(text).map_err(|e| e.reason()),
                Err("YEAR_INVALID"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_month_knows_its_days() {
        assert_eq!(period("2016-02").first_day().to_string(), "2016-02-01");
        assert_eq!(period("2016-02").last_day().to_string(), "2016-02-29");
        assert_eq!(
            Period::of(period("2017-02").last_day()),
            Some(period("2017-02"))
        );
        let year = Year::parse("2017").expect("a year");
        assert_eq!(
            (year.first_day().to_string(), year.last_day().to_string()),
            ("2017-01-01".into(), "2017-12-31".into())
        );
        assert_eq!(Period::january(year), period("2017-01"));
        assert_eq!(year.days().to_string(), "[2017-01-01, 2018-01-01)");
    }

    #[test]
    fn a_month_begins_and_is_over_by_the_days_of_shanghai() {
        let midnight = parse_instant("2017-03-31T16:00:00Z").expect("an instant");
        let before = midnight - time::Duration::NANOSECOND;
        let (march, april) = (period("2017-03"), period("2017-04"));
        assert!(march.is_over(midnight) && !march.is_over(before));
        assert!(april.has_begun(midnight) && !april.has_begun(before));
        assert!(march.has_begun(before) && !april.is_over(midnight));
    }

    #[test]
    fn months_follow_one_another_over_the_end_of_a_year() {
        assert_eq!(period("2017-12").next(), Some(period("2018-01")));
        assert_eq!(period("2099-12").next(), None);
        let months: Vec<String> = period("2017-11")
            .through(period("2018-01"))
            .map(|p| p.to_string())
            .collect();
        assert_eq!(months, ["2017-11", "2017-12", "2018-01"]);
        assert_eq!(period("2018-01").through(period("2017-12")).count(), 0);
    }
}
