//! What programs put around a value, or in its place.

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

/// Whether it is what spreadsheets write where a formula has failed.
pub(super) fn is_cell_error(field: &str) -> bool {
    const ERRORS: [&str; 9] = [
        "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
    ];
    ERRORS.contains(&field)
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
}
