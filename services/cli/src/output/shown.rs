//! How values look to people.

use gazelle_kernel::{Fen, Instant, in_shanghai, text::is_invisible};
use time::macros::{format_description, time};

use crate::words::{self, Lang};

/// A number with thousands separators.
#[must_use]
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether services tell that a sum leaves 64 bits: by the end of the range that it left.
#[must_use]
pub const fn is_beyond(sum_fen: i64) -> bool {
    matches!(sum_fen, i64::MIN | i64::MAX)
}

/// A sum of fen in yuan, which may be [beyond](is_beyond) what a service can tell.
#[must_use]
pub fn sum_in_yuan(sum_fen: i64) -> String {
    let yuan = Fen::new(sum_fen).to_yuan();
    match sum_fen {
        i64::MAX => words::MORE_THAN.with(&[("yuan", &yuan)]),
        i64::MIN => words::LESS_THAN.with(&[("yuan", &yuan)]),
        _ => yuan,
    }
}

/// Text of others without what could move a terminal's cursor, move or hide other text, or be
/// there without being seen.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |c| if is_invisible(c) { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

/// A moment on Shanghai's clocks.
#[must_use]
pub fn shanghai(moment: Instant) -> String {
    let Some(local) = in_shanghai(moment) else {
        // Its year has five digits, which no date here has: the last hours of 9999 in UTC.
        let (hour, minute, second) = moment.to_hms();
        return format!("10000-01-01 {:02}:{minute:02}:{second:02}", hour - 16);
    };
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    local.format(&format).unwrap_or_default()
}

/// A moment that something ends at: midnight is the end of the day before.
#[must_use]
pub fn shanghai_end(moment: Instant, lang: Lang) -> String {
    let last_day = match in_shanghai(moment) {
        Some(local) if local.time() == time!(0:00) => local.date().previous_day(),
        None if moment.time() == time!(16:00) => Some(moment.date()),
        Some(_) | None => None,
    };
    match last_day {
        Some(day) => words::END_OF_DAY
            .in_lang(lang)
            .replace("{day}", &day.to_string()),
        None => shanghai(moment),
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::parse_instant;

    use super::*;

    #[test]
    fn numbers_have_separators_whatever_their_size() {
        assert_eq!(thousands(-1_234_567), "-1,234,567");
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(100), "100");
        assert_eq!(thousands(92_000_000_000_000_001), "92,000,000,000,000,001");
        assert_eq!(thousands(i64::MAX), "9,223,372,036,854,775,807");
        assert_eq!(thousands(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn a_sum_at_the_end_of_its_range_is_beyond_it() {
        assert_eq!(sum_in_yuan(123), "1.23");
        assert_eq!(sum_in_yuan(i64::MAX), "more than 92,233,720,368,547,758.07");
        assert_eq!(
            sum_in_yuan(i64::MIN),
            "less than -92,233,720,368,547,758.08"
        );
    }

    #[test]
    fn text_of_others_moves_and_hides_nothing() {
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\u{fffd}[2J\u{fffd}b");
        for c in [
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{feff}',
            '\u{ad}',
            '\u{2028}',
            '\u{e0041}',
        ] {
            assert_eq!(printable(&format!("z{c}2")), "z\u{fffd}2", "{c:?}");
        }
        assert_eq!(printable("杭州 (west) é"), "杭州 (west) é");
    }

    #[test]
    fn people_see_shanghais_time_and_the_day_that_ends() {
        let at = |text| parse_instant(text).unwrap();
        assert_eq!(
            shanghai(at("2026-11-29T15:59:59.5Z")),
            "2026-11-29 23:59:59"
        );
        let midnight = at("2026-11-29T16:00:00Z");
        assert_eq!(shanghai(midnight), "2026-11-30 00:00:00");
        assert_eq!(shanghai_end(midnight, Lang::En), "end of 2026-11-29");
        assert_eq!(shanghai_end(midnight, Lang::Zh), "2026-11-29 日终");
        assert_eq!(
            shanghai_end(at("2026-11-29T01:00:00Z"), Lang::En),
            "2026-11-29 09:00:00"
        );
        let last = at("9999-12-31T23:59:59Z");
        assert_eq!(shanghai(last), "10000-01-01 07:59:59");
        let midnight = at("9999-12-31T16:00:00Z");
        assert_eq!(shanghai_end(midnight, Lang::En), "end of 9999-12-31");
    }
}
