//! Moments, and the days of Asia/Shanghai that they fall on.

use time::{Date, UtcOffset, format_description::well_known::Rfc3339};

use crate::ParseError;

/// A moment with an offset. Compared as a moment: the offset does not matter.
pub use time::OffsetDateTime as Instant;

/// Asia/Shanghai has had no other offset since 1991.
const SHANGHAI: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => panic!("8 hours are an offset"),
};

/// Reads RFC 3339 with an offset, such as `2017-11-11T08:30:00+08:00`, of the years 0 to 9999 in
/// UTC; anything else is refused as `INSTANT_INVALID`.
pub fn parse_instant(text: &str) -> Result<Instant, ParseError> {
    Instant::parse(text, &Rfc3339)
        .ok()
        .filter(|instant| {
            let utc = instant.checked_to_offset(UtcOffset::UTC);
            utc.is_some_and(|utc| (0..=9999).contains(&utc.year()))
        })
        .ok_or_else(|| {
            let expected = "an instant with an offset, as 2017-11-11T08:30:00+08:00";
            ParseError::new("INSTANT_INVALID", text, expected)
        })
}

/// The instant in RFC 3339, in UTC: `2017-11-11T00:30:00Z`, with a fraction where it has one.
#[must_use]
pub fn format_instant(instant: Instant) -> String {
    instant
        .to_offset(UtcOffset::UTC)
        .format(&Rfc3339)
        .expect("an instant that was read or is now has a year of four digits")
}

/// The same moment on the clocks of Asia/Shanghai; none where they show a year beyond 9999.
#[must_use]
pub fn in_shanghai(instant: Instant) -> Option<Instant> {
    instant.checked_to_offset(SHANGHAI)
}

/// The second of the instant in RFC 3339, in Asia/Shanghai: `2017-11-11T08:30:00+08:00`.
#[must_use]
pub fn format_second_in_shanghai(instant: Instant) -> String {
    instant
        .truncate_to_second()
        .to_offset(SHANGHAI)
        .format(&Rfc3339)
        .expect("an instant that was read or is now has a year of four digits")
}

/// Instants by their text, for `#[serde(with = "instant_text")]`.
pub mod instant_text {
    use serde::{Deserializer, Serializer};

    use super::{Instant, format_instant, parse_instant};
    use crate::serde_text;

    /// Writes it in UTC.
    pub fn serialize<S: Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format_instant(*instant))
    }

    /// Reads it with any offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        serde_text::read(deserializer, parse_instant)
    }
}

/// The day of that moment in Asia/Shanghai.
#[must_use]
pub fn day_in_shanghai(instant: Instant) -> Date {
    instant.to_offset(SHANGHAI).date()
}

/// The first moment of a day in Asia/Shanghai.
#[must_use]
pub fn midnight_in_shanghai(day: Date) -> Instant {
    day.midnight().assume_offset(SHANGHAI)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_date;

    fn instant(text: &str) -> Instant {
        parse_instant(text).expect("an instant")
    }

    #[test]
    fn an_instant_is_the_same_with_any_offset() {
        assert_eq!(
            instant("2017-11-11T08:30:00+08:00"),
            instant("2017-11-11T00:30:00Z")
        );
        assert!(instant("2017-11-11T00:00:00+08:00") < instant("2017-11-10T17:00:00Z"));
    }

    #[test]
    fn a_text_without_an_offset_is_refused() {
        for text in [
            "",
            "2017-11-11",
            "2017-11-11T08:30:00",
            "2017-11-11 08:30",
            "2017-02-29T00:00:00Z",
            "0000-01-01T00:00:00+08:00",
        ] {
            assert_eq!(
                parse_instant(text).map_err(|e| e.reason()),
                Err("INSTANT_INVALID"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_instant_is_printed_in_utc() {
        let text = format_instant(instant("2017-11-11T08:30:00.5+08:00"));
        assert_eq!(text, "2017-11-11T00:30:00.5Z");
    }

    #[test]
    fn the_second_of_an_instant_is_printed_in_shanghai() {
        let text = format_second_in_shanghai(instant("2017-11-10T16:30:00.5Z"));
        assert_eq!(text, "2017-11-11T00:30:00+08:00");
    }

    #[test]
    fn the_clocks_of_shanghai_show_no_year_of_five_digits() {
        let last = instant("9999-12-31T15:59:59Z");
        let there = in_shanghai(last).map(|there| (there.hour(), there == last));
        assert_eq!(there, Some((23, true)));
        assert_eq!(in_shanghai(instant("9999-12-31T16:00:00Z")), None);
    }

    #[test]
    fn a_day_in_shanghai_starts_at_its_midnight() {
        let day = parse_date("2017-11-11").expect("a day");
        assert_eq!(midnight_in_shanghai(day), instant("2017-11-10T16:00:00Z"));
        assert_eq!(day_in_shanghai(instant("2017-11-10T16:00:00Z")), day);
        assert_eq!(
            day_in_shanghai(instant("2017-11-10T15:59:59Z")),
            parse_date("2017-11-10").expect("a day")
        );
    }
}
