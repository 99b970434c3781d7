//! A cell of a workbook as it would stand in a CSV file, unless it is not what was entered.
//!
//! Of an id that looks like a number or a day a spreadsheet keeps a number, and the id is lost;
//! of a name no less, since it has to be the one that others know. Such a cell is refused. In a
//! remark a day is as good as its text.

use calamine::{Data, ExcelDateTime};

use super::bad_row::BadRow;
use super::dates::Holds;
use super::shown::Shown;
use crate::words;

/// Why a cell is not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// A number of more digits than a spreadsheet keeps.
    Inexact,
    /// What the sheet shows instead of a value.
    Error(String),
    /// A formula, and not what it comes to.
    Uncomputed,
    /// A number that is shown otherwise, and by which format.
    Shown(String, String),
    /// A whole number in a column of fen, and the format that shows it as yuan.
    Yuan(String, String),
    /// An amount with its currency.
    Currency(String),
    /// What a spreadsheet made of an id or a name, in words.
    NotText(String),
    /// What a program wrote in place of an id, in words.
    NoId(String),
    /// A name on more than one line.
    Broken,
    /// A name without one of its characters.
    Lost,
    /// It has no value of its own.
    Merged,
}

impl Unreadable {
    /// The row that the cell costs.
    pub(super) fn told(&self, line: u64, column: &str) -> BadRow {
        let (reason, message) = match self {
            Self::Inexact => ("NUMBER_INEXACT", words::NUMBER_INEXACT),
            Self::Error(error) => {
                let message = words::CELL_ERROR.with(&[("column", &column), ("error", error)]);
                return BadRow::new(line, "CELL_ERROR", message);
            }
            Self::Uncomputed => ("CELL_ERROR", words::CELL_UNCOMPUTED),
            Self::NotText(what) => {
                let message = words::CELL_NOT_TEXT.with(&[("column", &column), ("what", what)]);
                return BadRow::new(line, "CELL_NOT_TEXT", message);
            }
            Self::Shown(found, format) => {
                let values: [(&str, &dyn std::fmt::Display); 3] =
                    [("column", &column), ("found", found), ("format", format)];
                let message = words::NUMBER_FORMAT.with(&values);
                return BadRow::new(line, "NUMBER_FORMAT", message);
            }
            Self::Yuan(found, format) => {
                let values: [(&str, &dyn std::fmt::Display); 3] =
                    [("column", &column), ("found", found), ("format", format)];
                return BadRow::new(line, "NUMBER_FORMAT", words::SHOWN_AS_YUAN.with(&values));
            }
            Self::Currency(found) => {
                let message = words::CURRENCY_SIGN.with(&[("column", &column), ("found", found)]);
                return BadRow::new(line, "NUMBER_FORMAT", message);
            }
            Self::NoId(what) => {
                let message = words::NO_ID.with(&[("column", &column), ("what", what)]);
                return BadRow::new(line, "ID_INVALID", message);
            }
            Self::Broken => ("TEXT_INVALID", words::NAME_BROKEN),
            Self::Lost => ("TEXT_INVALID", words::NAME_LOST),
            Self::Merged => ("CELL_MERGED", words::CELL_MERGED),
        };
        BadRow::new(line, reason, message.with(&[("column", &column)]))
    }
}

/// A cell as it would stand in a CSV file, in a column that holds `holds`; none: a formula that was
/// never computed.
pub(super) fn text(cell: Option<&Data>, shown: &Shown, holds: Holds) -> Result<String, Unreadable> {
    let names = matches!(holds, Holds::Code | Holds::Name);
    let not_text =
        |text: words::Text, found: &str| Err(Unreadable::NotText(text.with(&[("found", &found)])));
    match cell.ok_or(Unreadable::Uncomputed)? {
        Data::Empty => Ok(String::new()),
        Data::DateTimeIso(text) | Data::DurationIso(text) if names => {
            not_text(words::CELL_DAY, text)
        }
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Ok(text.clone()),
        Data::Int(number) => {
            let number = number.to_string().parse().unwrap_or(f64::INFINITY);
            number_text(number, shown, holds)
        }
        Data::Float(number) => number_text(*number, shown, holds),
        Data::Bool(flag) => {
            let flag = if *flag { "TRUE" } else { "FALSE" };
            if names {
                return not_text(words::CELL_TRUTH, flag);
            }
            Ok(flag.to_owned())
        }
        Data::DateTime(at) if names => not_text(words::CELL_DAY, &instant(*at)),
        Data::DateTime(at) => Ok(instant(*at)),
        Data::Error(error) => Err(Unreadable::Error(error.to_string())),
    }
}

fn number_text(number: f64, shown: &Shown, holds: Holds) -> Result<String, Unreadable> {
    /// Behind the first digit: a spreadsheet shows no more, and reckons with as many.
    const DIGITS: usize = 14;
    if number.abs() >= 1e15 {
        return Err(Unreadable::Inexact);
    }
    let rounded: f64 = format!("{number:.DIGITS$e}").parse().unwrap_or(number);
    // Rust writes the shortest text that means the same number, a whole one without a point.
    let text = rounded.to_string();
    if matches!(holds, Holds::Number | Holds::Fen)
        && let Some(format) = shown.otherwise(number)
    {
        return Err(Unreadable::Shown(text, format.to_owned()));
    }
    // Of whole yuan nobody would see that they were taken for fen.
    if holds == Holds::Fen
        && let Some(format) = shown.pointed(number)
    {
        return Err(Unreadable::Yuan(text, format.to_owned()));
    }
    if !matches!(holds, Holds::Code | Holds::Name) {
        return Ok(text);
    }
    let found: &dyn std::fmt::Display = &text;
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
    let what = match shown {
        Shown::AsItIs | Shown::Pointed(_) | Shown::BelowOtherwise(_) if is_whole => {
            return Ok(text);
        }
        Shown::Padded(digits) if is_whole => return Ok(format!("{text:0>digits$}")),
        Shown::AsItIs | Shown::Pointed(_) | Shown::Padded(_) | Shown::BelowOtherwise(_) => {
            words::CELL_NUMBER.with(&[("found", found)])
        }
        Shown::Spread(format) | Shown::Otherwise(format) => {
            words::CELL_NUMBER_SHOWN.with(&[("found", found), ("format", format)])
        }
    };
    Err(Unreadable::NotText(what))
}

/// A day, with its time of day where it has one; or a time alone, which has no day that could be
/// read.
fn instant(at: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if at.is_duration() || (0.0..1.0).contains(&at.as_f64()) {
        return format!("{hour:02}:{minute:02}:{second:02}");
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return date;
    }
    format!("{date} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    fn read(cell: &Data, shown: &Shown, holds: Holds) -> Result<String, Unreadable> {
        text(Some(cell), shown, holds)
    }

    fn at(value: f64) -> Data {
        Data::DateTime(ExcelDateTime::new(
            value,
            ExcelDateTimeType::DateTime,
            false,
        ))
    }

    #[test]
    fn a_number_that_is_an_id_is_read_as_it_is_shown() {
        for (number, shown, read_as) in [
            (123.0, Shown::AsItIs, "123"),
            (123.0, Shown::Padded(5), "00123"),
            (1_234_567.0, Shown::Padded(5), "1234567"),
            (0.0, Shown::Padded(3), "000"),
        ] {
            let text = read(&Data::Float(number), &shown, Holds::Code).unwrap();
            assert_eq!(text, read_as);
        }
        for (number, shown) in [
            (12.0, Shown::Otherwise("\"R-\"0000".to_owned())),
            (1.5, Shown::AsItIs),
            (-5.0, Shown::Padded(3)),
        ] {
            let refused = read(&Data::Float(number), &shown, Holds::Code).unwrap_err();
            assert_eq!(refused.told(2, "id").reason, "CELL_NOT_TEXT", "{number}");
            let remark = read(&Data::Float(number), &shown, Holds::Other);
            assert_eq!(remark.unwrap(), number.to_string());
        }
        let long = read(&Data::Float(1e15), &Shown::Padded(18), Holds::Code);
        assert_eq!(long, Err(Unreadable::Inexact));
    }

    #[test]
    fn an_amount_is_not_read_otherwise_than_it_is_shown() {
        for (number, format) in [
            (1_234.0, "¥0.00"),
            (12_345.0, "0!.0,\"万元\""),
            (0.05, "0%"),
            (-5.0, "0;(0)"),
            (54_210_000.0, "#,##0.00"),
            (5.0, "0.00;(0.00)"),
        ] {
            let shown = Shown::by(format);
            let refused = read(&Data::Float(number), &shown, Holds::Fen).unwrap_err();
            let refused = refused.told(2, "amount_fen");
            assert_eq!(refused.reason, "NUMBER_FORMAT", "{format}");
            assert!(refused.message.contains(format), "{}", refused.message);
        }
        for (number, format, read_as) in [
            (1_234.0, "#,##0", "1234"),
            (1_234.0, "00000", "1234"),
            (12.0, "0,000", "12"),
            (5.0, "0;(0)", "5"),
            (-5.0, "#,##0", "-5"),
            (-5.0, "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ", "-5"),
        ] {
            let read = read(&Data::Float(number), &Shown::by(format), Holds::Fen);
            assert_eq!(read.unwrap(), read_as, "{format}");
        }
        // People are counted in nothing else.
        let shown = Shown::by("0.00");
        let headcount = read(&Data::Float(12.0), &shown, Holds::Number);
        assert_eq!(headcount.unwrap(), "12");
    }

    #[test]
    fn a_number_has_as_many_digits_as_a_spreadsheet_shows() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (1_233.999_999_999_999_8, "1234"),
            (1_680.32, "1680.32"),
            (123_456_789_012_345.0, "123456789012345"),
        ] {
            assert_eq!(
                read(&Data::Float(number), &Shown::AsItIs, Holds::Number).unwrap(),
                text
            );
        }
    }

    #[test]
    fn a_day_or_a_truth_value_is_no_id_and_no_name_but_may_be_a_remark() {
        for (cell, text) in [
            (at(45_660.0), "2025-01-03"),
            (Data::Bool(true), "TRUE"),
            (Data::DateTimeIso("2025-01-03".to_owned()), "2025-01-03"),
        ] {
            for holds in [Holds::Code, Holds::Name] {
                let bad = read(&cell, &Shown::AsItIs, holds).unwrap_err();
                let bad = bad.told(7, "merchant_id");
                assert_eq!((bad.line, bad.reason.as_str()), (7, "CELL_NOT_TEXT"));
                assert!(bad.message.starts_with("merchant_id: "), "{}", bad.message);
                assert!(bad.message.contains(text), "{}", bad.message);
            }
            let remark = read(&cell, &Shown::AsItIs, Holds::Other).unwrap();
            assert_eq!(remark, text);
        }
    }

    #[test]
    fn a_time_without_a_day_is_on_no_day() {
        for (value, text) in [
            (0.395_833_333_333_333, "09:30:00"),
            (0.0, "00:00:00"),
            (45_660.395_833_333_333, "2025-01-03 09:30:00"),
        ] {
            assert_eq!(
                read(&at(value), &Shown::AsItIs, Holds::Instant).unwrap(),
                text
            );
        }
    }
}
