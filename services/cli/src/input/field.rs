//! What programs put around a value, or in its place.

use gazelle_kernel::{Uscc, without_currency};

use super::cell::Unreadable;
use super::dates::{Holds, exists, holds};
use crate::failure::Failure;
use crate::words;

/// The value in a field, without the blanks around it: columns are aligned by them, and a tab at an
/// end, or `="007"`, keeps a spreadsheet from making a number of an id.
pub(super) fn bare(field: &str) -> &str {
    let text = field.trim();
    let quoted = text.strip_prefix("=\"").and_then(|it| it.strip_suffix('"'));
    match quoted {
        Some(value) if !value.contains('"') => value.trim(),
        _ => text,
    }
}

/// What is told of a field: of an account's number the end alone.
pub(crate) fn told(column: &str, field: &str) -> String {
    if column != "account_number" {
        return field.to_owned();
    }
    let count = field.chars().count();
    let shown = field.chars().skip(count - (count / 2).min(4));
    format!("…{}", shown.collect::<String>())
}

/// Why a text is no id, though it may pass for one: a program made it of one, or of none.
pub(super) fn no_id(column: &str, field: &str) -> Option<Unreadable> {
    let found = told(column, field);
    let (unreadable, text): (fn(String) -> Unreadable, _) = match field.as_bytes() {
        [b'\'' | b'=', ..] => (Unreadable::NoId, words::ID_MARKED),
        _ if is_null(field) => (Unreadable::NoId, words::ID_NULL),
        _ if is_day(field) => (Unreadable::NotText, words::CELL_DAY),
        _ => return None,
    };
    Some(unreadable(text.with(&[("found", &found)])))
}

/// Why a text is no number of what its column asks for, though people read one: its currency stands
/// beside it, which is yuan, and not fen.
pub(super) fn no_number(field: &str) -> Option<Unreadable> {
    if field.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    without_currency(field).map(|_| Unreadable::Currency(field.to_owned()))
}

/// Refuses a name that a file is refused with: the list that has it could not be imported again.
pub fn check_name(name: &str) -> Result<(), Failure> {
    no_name(name).map_or(Ok(()), |why| {
        let bad = why.told(0, "name");
        Err(Failure::new(bad.reason, bad.message))
    })
}

/// Why a text is no name, though it may pass for one: it was wrapped by hand in its cell, or a
/// program that could not write a rare character wrote another sign in its place.
pub(super) fn no_name(field: &str) -> Option<Unreadable> {
    let is_lost = field.contains(['\u{fffd}', '?']) || field.contains("锟斤拷");
    if field.contains(['\n', '\r', '\t']) {
        Some(Unreadable::Broken)
    } else if is_lost && !field.is_ascii() {
        Some(Unreadable::Lost)
    } else {
        None
    }
}

/// Whether it is what databases and programs write where there is no value.
fn is_null(field: &str) -> bool {
    const NULLS: [&str; 4] = ["\\N", "NaN", "None", "undefined"];
    let bare = field.trim_matches(['(', ')', '[', ']', '<', '>']);
    bare.eq_ignore_ascii_case("null") || NULLS.contains(&field)
}

/// Whether it is what spreadsheets make of `1-3`: `1月3日`, `3-Jan`, `Jan-03`.
fn is_day(field: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let is_number =
        |text: &str| matches!(text.len(), 1..=2) && text.bytes().all(|it| it.is_ascii_digit());
    let chinese = field.strip_suffix('日').and_then(|it| it.split_once('月'));
    let english = field.split_once('-');
    let is_english = |(one, other)| {
        let is_month = |text: &str| MONTHS.contains(&text);
        is_number(one) && is_month(other) || is_month(one) && is_number(other)
    };
    chinese.is_some_and(|(month, day)| is_number(month) && is_number(day))
        || english.is_some_and(is_english)
}

/// A field that is not what its column says.
pub struct BadField {
    /// The machine reason.
    pub reason: String,
    /// What is wrong with it.
    pub message: String,
}

/// Whether a text may be what its column holds: not a day that is none, or a code that checks
/// nothing. Of much else only who it is sent to can tell.
#[must_use]
pub fn may_be(column: &str, text: &str) -> bool {
    match holds(column) {
        Holds::Day => exists(Holds::Day, text),
        Holds::Code if column == "uscc" => Uscc::parse_excepted(text).is_ok(),
        _ => true,
    }
}

/// Whether a column holds ids or codes, by its name.
#[must_use]
pub fn is_code(column: &str) -> bool {
    holds(column) == Holds::Code
}

/// Whether it is what programs make of a long number, as `2.02504E+17`: its last digits are gone,
/// and many ids have become one.
#[must_use]
pub fn is_cut(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((number, power)) = id.split_once(['E', 'e']) else {
        return false;
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = whole.len() == 1 && digits(whole) && (fraction.is_empty() || digits(fraction));
    // A sign or a point, since letters and digits alone make ids, too.
    let power = match power.strip_prefix('+') {
        Some(power) => power,
        None if number.contains('.') => power,
        None => return false,
    };
    is_number && digits(power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::rows::RowFile;

    #[test]
    fn what_stands_around_a_value_is_none_of_it() {
        for field in [
            "007",
            " 007",
            "007\t",
            "\t007",
            "\u{3000}007\u{a0}",
            "=\"007\"",
            " =\" 007\t\" ",
        ] {
            assert_eq!(bare(field), "007", "{field:?}");
        }
        for field in ["=\"", "=\"a\"b\"", "=A1", "'007", "\"007\"", ""] {
            assert_eq!(bare(field), field);
        }
    }

    #[test]
    fn of_the_number_of_an_account_the_end_is_told() {
        assert_eq!(told("account_number", "'6222020200012345"), "…2345");
        assert_eq!(told("account_number", "'62"), "…2");
        assert_eq!(told("uscc", "'6222"), "'6222");
        let refused = no_id("account_number", "'6222020200012345").unwrap();
        let message = refused.told(1, "account_number").message;
        assert!(
            message.contains("…2345") && !message.contains("0200"),
            "{message}"
        );
    }

    #[test]
    fn a_day_or_a_mark_for_spreadsheets_or_no_value_is_no_id() {
        for field in [
            "NULL",
            "(null)",
            "\\N",
            "NaN",
            "'007",
            "=A1",
            "=\"a\"&\"b\"",
            "1月3日",
            "3-Jan",
            "Jan-03",
        ] {
            assert!(no_id("id", field).is_some(), "{field}");
        }
        for field in [
            "",
            "nullah",
            "none",
            "007",
            "1-3",
            "3-jan",
            "3-January",
            "103-Jan",
            "2025-01-03",
            "月日",
            "a'b",
            "a=b",
        ] {
            assert_eq!(no_id("id", field), None, "{field}");
        }
    }

    #[test]
    fn a_name_of_which_a_character_was_lost_is_no_name() {
        for field in ["张?", "\u{fffd}\u{fffd}公司", "锟斤拷公司"] {
            assert_eq!(no_name(field), Some(Unreadable::Lost), "{field}");
        }
        assert_eq!(no_name("杭州\n店"), Some(Unreadable::Broken));
        for field in ["", "张㛃", "Who?", "好吗？店", "杭州 店"] {
            assert_eq!(no_name(field), None, "{field}");
        }
    }

    #[test]
    fn a_number_that_was_cut_is_told_from_an_id() {
        for id in [
            "2.0250401E+17",
            "2E+17",
            "2.02504e+17",
            "2.02504E17",
            "1.5e10",
        ] {
            assert!(is_cut(id), "{id}");
        }
        for id in [
            "2.5E+x", "E+17", "22.5E+17", "r-1E+2", "2.5", "2E17", "7e10", "2.E", "1.2E-5", "",
        ] {
            assert!(!is_cut(id), "{id}");
        }
    }

    #[test]
    fn an_amount_with_its_currency_costs_its_row_by_a_reason_that_says_so() {
        let text = "id,amount_fen\na,¥6870.49\nb,100元\nc,100\nd,-5\ne,1e5\n";
        let input = Box::new(std::io::Cursor::new(text.as_bytes()));
        let mut file = RowFile::read(input, &["id", "amount_fen"], &[]).unwrap();
        let mut reasons = Vec::new();
        while let Some(row) = file.next_row().unwrap() {
            reasons.push(row.map_or_else(|bad| bad.reason, |row| row.fields[1].clone()));
        }
        assert_eq!(
            reasons,
            ["NUMBER_FORMAT", "NUMBER_FORMAT", "100", "-5", "1e5"]
        );
    }
}
