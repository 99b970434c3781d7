//! Days and half-open intervals of days, in Asia/Shanghai.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
pub use time::Date;
use time::{Duration, Month};

use crate::ParseError;

/// Reads a day in strict ISO 8601, `YYYY-MM-DD`, that is in the calendar and in the years 1900 to
/// 2999; anything else is refused as `DATE_INVALID`. Printing a [`Date`] gives the same text.
pub fn parse_date(text: &str) -> Result<Date, ParseError> {
    iso_date(text).ok_or_else(|| {
        ParseError::new(
            "DATE_INVALID",
            text,
            "a day of the years 1900 to 2999 as YYYY-MM-DD",
        )
    })
}

fn iso_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let year = digits(&[y1, y2, y3, y4]).filter(|year| (1900..=2999).contains(year))?;
    let month = Month::try_from(u8::try_from(digits(&[m1, m2])?).ok()?).ok()?;
    let day = u8::try_from(digits(&[d1, d2])?).ok()?;
    Date::from_calendar_date(year, month, day).ok()
}

/// Days by their text, for `#[serde(with = "date_text")]`.
pub mod date_text {
    use serde::{Deserializer, Serializer};

    use super::{Date, parse_date};
    use crate::serde_text;

    /// Writes a day as `YYYY-MM-DD`.
    pub fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    /// Reads a day that is written as `YYYY-MM-DD`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        serde_text::read(deserializer, parse_date)
    }

    /// Days that may be missing, for `#[serde(with = "date_text::option")]`: null where they are.
    pub mod option {
        use serde::{Deserialize, Deserializer, Serializer};

        use super::Date;

        /// A day as the outer module reads it.
        #[derive(Deserialize)]
        struct Day(#[serde(with = "super")] Date);

        /// Writes `YYYY-MM-DD` or null.
        pub fn serialize<S: Serializer>(
            day: &Option<Date>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match day {
                Some(day) => super::serialize(day, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads `YYYY-MM-DD` or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Date>, D::Error> {
            Ok(Option::<Day>::deserialize(deserializer)?.map(|day| day.0))
        }
    }
}

/// The day that many days later, or earlier for a negative number; at the ends of the calendar it
/// stays there.
#[must_use]
pub fn days_later(day: Date, days: i64) -> Date {
    day.saturating_add(Duration::days(days))
}

/// The number that a few ASCII digits write.
pub(crate) fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + i32::from(byte - b'0'))
    })
}

/// Days from `from` on, up to but without `to`; without end when there is no `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interval {
    from: Date,
    to: Option<Date>,
}

impl Interval {
    /// The interval `[from, to)`; refused as `INTERVAL_EMPTY` unless `to` is after `from`.
    pub fn new(from: Date, to: Option<Date>) -> Result<Self, ParseError> {
        let interval = Self { from, to };
        if to.is_some_and(|to| to <= from) {
            return Err(ParseError::new(
                "INTERVAL_EMPTY",
                &interval.to_string(),
                "an end after the start",
            ));
        }
        Ok(interval)
    }

    /// Reads the two columns of a table; an empty `to` is no end.
    pub fn parse(from: &str, to: &str) -> Result<Self, ParseError> {
        let to = if to.is_empty() {
            None
        } else {
            Some(parse_date(to)?)
        };
        Self::new(parse_date(from)?, to)
    }

    /// The first day.
    #[must_use]
    pub const fn from(self) -> Date {
        self.from
    }

    /// The first day after, if there is an end.
    #[must_use]
    pub const fn to(self) -> Option<Date> {
        self.to
    }

    /// Whether the day is one of the interval's.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }

    /// Whether the two have a day in common; intervals that only touch have none.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.to.is_none_or(|to| other.from < to) && other.to.is_none_or(|to| self.from < to)
    }
}

/// `[2017-01-01, 2018-01-01)`, or `[2017-01-01, )` without an end.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Some(to) => write!(f, "[{}, {to})", self.from),
            None => write!(f, "[{}, )", self.from),
        }
    }
}

/// `{"from": "2017-01-01", "to": null}`.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Interval", deny_unknown_fields)]
struct Ends {
    #[serde(with = "date_text")]
    from: Date,
    #[serde(with = "date_text::option", default)]
    to: Option<Date>,
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { from, to } = *self;
        Ends { from, to }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Ends { from, to } = Ends::deserialize(deserializer)?;
        Self::new(from, to).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: &str, to: &str) -> Interval {
        Interval::parse(from, to).expect("an interval")
    }

    #[test]
    fn a_day_is_printed_as_it_is_read() {
        for text in ["1900-01-01", "2016-02-29", "2017-11-11", "2999-12-31"] {
            assert_eq!(parse_date(text).expect("a day").to_string(), text);
        }
    }

    #[test]
    fn days_that_are_not_in_the_calendar_or_not_iso_are_refused() {
        for text in [
            "",
            "2017-02-29",
            "2017-13-01",
            "2017-00-10",
            "2017-01-00",
            "2017-1-1",
            "20170101",
            "1899-12-31",
            "3000-01-01",
            " 2017-01-01",
            "2017-01-01Z",
            "+017-01-01",
            "2017/01/01",
        ] {
            assert_eq!(
                parse_date(text).map_err(|e| e.reason()),
                Err("DATE_INVALID"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn days_are_counted_over_the_ends_of_months() {
        let day = parse_date("2016-02-28").expect("a day");
        assert_eq!(days_later(day, 2).to_string(), "2016-03-01");
        assert_eq!(days_later(day, -59).to_string(), "2015-12-31");
    }

    #[test]
    fn an_interval_has_its_first_day_and_not_its_last() {
        let year = interval("2017-01-01", "2018-01-01");
        let holds = |day| year.contains(parse_date(day).expect("a day"));
        assert!(
            !holds("2016-12-31")
                && holds("2017-01-01")
                && holds("2017-12-31")
                && !holds("2018-01-01")
        );
        assert!(interval("2017-01-01", "").contains(parse_date("2999-12-31").expect("a day")));
    }

    #[test]
    fn an_interval_ends_after_it_starts() {
        for to in ["2017-01-01", "2016-12-31"] {
            assert_eq!(
                Interval::parse("2017-01-01", to).map_err(|e| e.reason()),
                Err("INTERVAL_EMPTY")
            );
        }
    }

    #[test]
    fn intervals_that_touch_do_not_overlap() {
        let (first, second, open) = (
            interval("2017-01-01", "2017-02-01"),
            interval("2017-02-01", "2017-03-01"),
            interval("2017-01-31", ""),
        );
        assert!(!first.overlaps(second) && !second.overlaps(first));
        assert!(
            first.overlaps(open)
                && open.overlaps(first)
                && open.overlaps(second)
                && first.overlaps(first)
        );
    }
}
