//! Days, months, times and numbers as people and spreadsheets write them, in the form of the
//! contract.
//!
//! Only what can mean one thing is read: the year comes first, with four digits. Digits and signs
//! may have full width, as Chinese input methods write them; in ids they stay as they are. Anything
//! else stays as it is, and whoever it is sent to refuses it.

use std::borrow::Cow;

/// What a column holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Day,
    Period,
    Instant,
    Number,
    /// An amount, in whole fen.
    Fen,
    /// An id or a code, which is the text that was entered, to the letter.
    Code,
    /// What others call somebody.
    Name,
    Other,
}

/// The columns of all our files keep to this; those of a treasury's answer are as the treasury
/// writes them.
pub(super) fn holds(column: &str) -> Holds {
    const CODES: [&str; 5] = ["uscc", "account_number", "fee_kind", "order", "payment"];
    let column = column.to_lowercase();
    let column = column.as_str();
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| column.ends_with(suffix));
    if column == "period" || ["reports_from", "reports_to"].contains(&column) {
        Holds::Period
    } else if ends(&["_on", "_from", "_to"]) {
        Holds::Day
    } else if ends(&["_at"]) {
        Holds::Instant
    } else if ends(&["_fen"]) {
        Holds::Fen
    } else if ends(&["_count", "headcount", "_year"]) {
        Holds::Number
    } else if CODES.contains(&column) || (ends(&["_id", "_code", "号"]) && column != "序号") {
        Holds::Code
    } else if column == "name" || ends(&["_name"]) {
        Holds::Name
    } else {
        Holds::Other
    }
}

/// `text` in the form of the contract, where it can be told.
pub(super) fn normal(holds: Holds, text: &str) -> Cow<'_, str> {
    if matches!(holds, Holds::Code | Holds::Name | Holds::Other) {
        return Cow::Borrowed(text);
    }
    let narrow = narrow(text);
    let read = match holds {
        Holds::Code | Holds::Name | Holds::Other => None,
        Holds::Day => day_and_time(&narrow).and_then(|(day, time)| midnight(time).then_some(day)),
        Holds::Period => period(&narrow),
        Holds::Instant => instant(&narrow),
        Holds::Number | Holds::Fen => match narrow {
            Cow::Owned(number) if is_number(&number) => Some(number),
            Cow::Owned(_) | Cow::Borrowed(_) => None,
        },
    };
    match read {
        Some(read) if read != text => Cow::Owned(read),
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// The text with its digits and signs in the width of ASCII.
fn narrow(text: &str) -> Cow<'_, str> {
    let is_wide = |c: &char| ('\u{ff01}'..='\u{ff5e}').contains(c);
    if text.is_ascii() || !text.chars().any(|c| is_wide(&c)) {
        return Cow::Borrowed(text);
    }
    let narrow = |c: char| {
        let ascii = u32::from(c).checked_sub(0xfee0).filter(|_| is_wide(&c));
        ascii.and_then(char::from_u32).unwrap_or(c)
    };
    Cow::Owned(text.chars().map(narrow).collect())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether what was read is a number or in the calendar. What is not is refused by whoever it is
/// sent to.
pub(super) fn exists(holds: Holds, read: &str) -> bool {
    let day = match holds {
        Holds::Code | Holds::Name | Holds::Other => return false,
        Holds::Number | Holds::Fen => return true,
        Holds::Period => format!("{read}-01"),
        Holds::Day | Holds::Instant => read.get(..10).unwrap_or_default().to_owned(),
    };
    gazelle_kernel::parse_date(&day).is_ok()
}

/// `2025/1/3` and its kin: the day, and what comes after it.
fn day_and_time(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    let (date, time) = match text.find([' ', 'T', '\u{3000}']) {
        Some(at) => (
            &text[..at],
            text[at..].trim_start_matches(['T', '\u{3000}']).trim(),
        ),
        None => (text, ""),
    };
    let date = date.strip_suffix('日').unwrap_or(date);
    let [year, month, day] = numbers(date)?;
    Some((format!("{year:04}-{month:02}-{day:02}"), time))
}

/// `2025/1`, `2025年1月`, or any first of a month as spreadsheets make it of `2025-01`. Not `2025.1`,
/// which they make of `2025.10`, too.
fn period(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 6 && text.ends_with(".1") {
        return None;
    }
    let bare = text.strip_suffix('月').unwrap_or(text);
    if let Some([year, month]) = numbers(bare) {
        return Some(format!("{year:04}-{month:02}"));
    }
    let (day, time) = day_and_time(text)?;
    (day.ends_with("-01") && midnight(time)).then(|| day[..7].to_owned())
}

/// A day and a time of day without an offset, which are Shanghai's.
fn instant(text: &str) -> Option<String> {
    let (day, time) = day_and_time(text)?;
    let mut parts = time.split(':');
    let mut part = |limit: u32| {
        let text = parts.next()?;
        let number = digits(text, 2)?;
        (number < limit).then_some(number)
    };
    if time.is_empty() {
        return Some(format!("{day}T00:00:00+08:00"));
    }
    let (hour, minute) = (part(24)?, part(60)?);
    let second = if time.matches(':').count() == 2 {
        part(60)?
    } else {
        0
    };
    if parts.next().is_some() {
        return None;
    }
    Some(format!("{day}T{hour:02}:{minute:02}:{second:02}+08:00"))
}

fn midnight(time: &str) -> bool {
    let time = time.strip_suffix("+08:00").unwrap_or(time);
    ["", "0:00", "00:00", "0:00:00", "00:00:00", "00:00:00.000"].contains(&time)
}

/// A number in a column of days or months of a workbook: the day that it is there, by 1900 or by
/// 1904. Only those from 1927 to 2119, or 1931 to 2122, which no year and no month looks like.
pub(super) fn serial(holds: Holds, text: &str, is_1904: bool) -> Option<String> {
    /// The day 0 of workbooks, in Julian days.
    const DAY_0: i32 = 2_415_019;
    const DAY_0_OF_1904: i32 = 2_416_481;
    if !matches!(holds, Holds::Day | Holds::Period) {
        return None;
    }
    let number: i32 = text
        .parse()
        .ok()
        .filter(|it| (10_000..80_000).contains(it))?;
    let day_0 = if is_1904 { DAY_0_OF_1904 } else { DAY_0 };
    let day = time::Date::from_julian_day(day_0 + number).ok()?;
    let day = format!(
        "{}-{:02}-{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    );
    Some(normal(holds, &day).into_owned())
}

/// A year of four digits, and then numbers of one or two; or all of it in digits, two for each of
/// the others.
fn numbers<const N: usize>(text: &str) -> Option<[u32; N]> {
    let digits_only = text.len() == 2 + 2 * N && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits_only {
        let mut numbers = [0; N];
        for (at, number) in numbers.iter_mut().enumerate() {
            let begin = if at == 0 { 0 } else { 2 + 2 * at };
            *number = text[begin..4 + 2 * at].parse().ok()?;
        }
        return Some(numbers);
    }
    let mut parts = text.split(['/', '-', '.', '年', '月']);
    let mut numbers = [0; N];
    for (at, number) in numbers.iter_mut().enumerate() {
        let part = parts.next()?;
        if at == 0 && part.len() != 4 {
            return None;
        }
        *number = digits(part, if at == 0 { 4 } else { 2 })?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str, max: usize) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= max && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written_where_the_year_comes_first() {
        for text in [
            "2025-01-03",
            "2025/1/3",
            "2025-1-3",
            "2025.1.3",
            "2025/01/03",
            "2025年1月3日",
            " 2025/1/3 ",
            "２０２５／１／３",
            "２０２５年１月３日",
            "2025/1/3 0:00",
            "2025-01-03 00:00:00",
            "2025-01-03T00:00:00+08:00",
            "20250103",
        ] {
            assert_eq!(normal(Holds::Day, text), "2025-01-03", "{text}");
        }
        for text in [
            "",
            "1/3/2025",
            "25/1/3",
            "2025/1/3 9:30",
            "2025/1",
            "202501",
            "2025013",
            "2025-01-03T00:00:00Z",
            "soon",
        ] {
            assert_eq!(normal(Holds::Day, text), text);
        }
        // Not a day of any month, which whoever it is sent to says.
        assert_eq!(normal(Holds::Day, "2025/2/30"), "2025-02-30");
    }

    #[test]
    fn what_is_in_no_calendar_does_not_exist() {
        for (holds, read, is_there) in [
            (Holds::Day, "2025-02-28", true),
            (Holds::Day, "2025-02-30", false),
            (Holds::Day, "2025-13-01", false),
            (Holds::Period, "2025-12", true),
            (Holds::Period, "2025-13", false),
            (Holds::Instant, "2025-01-03T09:30:00+08:00", true),
            (Holds::Instant, "2025-13-01T09:30:00+08:00", false),
        ] {
            assert_eq!(exists(holds, read), is_there, "{read}");
        }
    }

    #[test]
    fn months_are_read_also_as_the_first_day_that_a_spreadsheet_makes_of_them() {
        for text in [
            "2025-01",
            "2025/1",
            "2025年1月",
            "202501",
            "20250101",
            "2025-01-01",
            "2025/1/1 0:00",
        ] {
            assert_eq!(normal(Holds::Period, text), "2025-01", "{text}");
        }
        assert_eq!(normal(Holds::Period, "2025.10"), "2025-10");
        assert_eq!(normal(Holds::Period, "2025.2"), "2025-02");
        for text in ["2025-01-02", "2025.1"] {
            assert_eq!(normal(Holds::Period, text), text);
        }
    }

    #[test]
    fn a_number_of_a_workbook_is_the_day_that_it_is_there_unless_it_may_be_another() {
        let day = |text, is_1904| serial(Holds::Day, text, is_1904);
        assert_eq!(day("45721", false).as_deref(), Some("2025-03-05"));
        assert_eq!(day("44259", true).as_deref(), Some("2025-03-05"));
        assert_eq!(
            serial(Holds::Period, "45717", false).as_deref(),
            Some("2025-03")
        );
        for text in ["2025", "202503", "20250305", "45721.5", "1", "-45721", ""] {
            assert_eq!(day(text, false), None, "{text}");
        }
        assert_eq!(serial(Holds::Other, "45721", false), None);
    }

    #[test]
    fn times_without_an_offset_are_shanghais() {
        for (text, read) in [
            ("2025/1/3 9:30", "2025-01-03T09:30:00+08:00"),
            ("2025-01-03 09:30:05", "2025-01-03T09:30:05+08:00"),
            ("2025/1/3", "2025-01-03T00:00:00+08:00"),
            ("2025-01-03T09:30:00Z", "2025-01-03T09:30:00Z"),
            ("2025-01-03T09:30:00+08:00", "2025-01-03T09:30:00+08:00"),
            ("2025-01-03 25:30", "2025-01-03 25:30"),
        ] {
            assert_eq!(normal(Holds::Instant, text), read);
        }
    }

    #[test]
    fn digits_of_full_width_are_digits_where_a_number_is_asked_for() {
        for (text, read) in [
            ("１２３４５", "12345"),
            ("－１２", "-12"),
            ("１23", "123"),
            ("123", "123"),
            ("１２３．４５", "１２３．４５"),
            ("１，２００", "１，２００"),
            ("一百", "一百"),
            ("", ""),
        ] {
            assert_eq!(normal(Holds::Number, text), read);
        }
        assert_eq!(normal(Holds::Other, "１２３"), "１２３");
    }

    #[test]
    fn a_columns_name_says_what_it_holds() {
        assert_eq!(holds("established_on"), Holds::Day);
        assert_eq!(holds("bound_to"), Holds::Day);
        assert_eq!(holds("applied_at"), Holds::Instant);
        assert_eq!(holds("reports_from"), Holds::Period);
        assert_eq!(holds("amount_fen"), Holds::Fen);
        for column in ["record_count", "headcount", "fiscal_year"] {
            assert_eq!(holds(column), Holds::Number, "{column}");
        }
        for column in [
            "uscc",
            "merchant_id",
            "reverses_record_id",
            "district_code",
            "account_number",
            "fee_kind",
            "支付单号",
            "ORDER_ID",
        ] {
            assert_eq!(holds(column), Holds::Code, "{column}");
        }
        for column in ["name", "bank_name"] {
            assert_eq!(holds(column), Holds::Name, "{column}");
        }
        for column in [
            "uscc_exception_evidence",
            "序号",
            "备注",
            "金额(元)",
            "结果",
        ] {
            assert_eq!(holds(column), Holds::Other, "{column}");
        }
    }
}
