//! How a workbook shows a number, by its format: in a column of ids and names what is shown is what
//! was meant.

/// What a format makes of a whole number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// Its digits, perhaps in groups, with zeros behind a point, or with blanks around it.
    AsItIs,
    /// So many digits at least, with zeros before them.
    Padded(usize),
    /// Anything else; by which format.
    Otherwise(String),
}

impl Shown {
    /// By the code of a format. Of its sections the first counts, which is for what ids are:
    /// numbers above zero.
    pub(super) fn by(code: &str) -> Self {
        const GENERAL: [&str; 4] = ["", "General", "@", "G/通用格式"];
        if GENERAL.iter().any(|known| known.eq_ignore_ascii_case(code)) {
            return Self::AsItIs;
        }
        match Places::of(code) {
            Some(places) if places.digits_min <= 1 => Self::AsItIs,
            Some(places) if !places.has_more => Self::Padded(places.digits_min),
            Some(_) | None => Self::Otherwise(code.to_owned()),
        }
    }
}

/// Where a format has digits.
#[derive(Default)]
struct Places {
    digits_min: usize,
    /// Groups, or a point.
    has_more: bool,
}

impl Places {
    /// None: it shows something else than the digits of a number, or not all of them.
    fn of(code: &str) -> Option<Self> {
        let mut places = Self::default();
        let mut before = ' ';
        let (mut has_digits, mut has_ended, mut is_fraction) = (false, false, false);
        let mut rest = code.chars();
        while let Some(sign) = rest.next().filter(|sign| *sign != ';') {
            match sign {
                '0' | '#' | '?' if has_ended => return None,
                '0' | '#' | '?' => {
                    let is_zero = sign == '0' || places.digits_min > 0;
                    places.digits_min += usize::from(is_zero && !is_fraction);
                    has_digits = true;
                }
                ',' if has_digits && !has_ended => places.has_more = true,
                '.' if before != ',' => (is_fraction, places.has_more) = (true, true),
                // A blank of that width.
                '_' => drop(rest.next()?),
                '*' | '\\' if rest.next()? == ' ' => has_ended = has_digits,
                ' ' => has_ended = has_digits,
                '"' if rest
                    .by_ref()
                    .take_while(|it| *it != '"')
                    .all(|it| it == ' ') =>
                {
                    has_ended = has_digits;
                }
                '[' => {
                    let inside: String = rest.by_ref().take_while(|it| *it != ']').collect();
                    is_look(&inside).then_some(())?;
                }
                _ => return None,
            }
            before = sign;
        }
        // A comma at the end divides by a thousand.
        (has_digits && before != ',').then_some(places)
    }
}

/// Whether what a format has in brackets is a colour or a language, which change no digit.
fn is_look(inside: &str) -> bool {
    const COLOURS: [&str; 8] = [
        "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow",
    ];
    let inside = inside.to_ascii_lowercase();
    inside.starts_with("$-") || inside.starts_with("color") || COLOURS.contains(&inside.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_shows_the_digits_of_a_number_changes_none() {
        for code in [
            "General",
            "GENERAL",
            "@",
            "0",
            "#",
            "0_ ",
            "0_);[Red]\\(0\\)",
            "#,##0",
            "#,##0.00",
            "0.00_ ",
            "[$-804]0",
            "[Red]0;[Blue]-0",
            "0\" \"",
            "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ",
        ] {
            assert_eq!(Shown::by(code), Shown::AsItIs, "{code}");
        }
    }

    #[test]
    fn a_format_of_zeros_pads() {
        for (code, digits) in [
            ("00000", 5),
            ("#00", 2),
            ("0##", 3),
            ("000000;@", 6),
            ("[$-804]0000_ ", 4),
        ] {
            assert_eq!(Shown::by(code), Shown::Padded(digits), "{code}");
        }
    }

    #[test]
    fn a_format_of_anything_else_shows_another_text() {
        for code in [
            "\"R-\"0000",
            "R0000",
            "000-0000",
            "0000 0000",
            "00,000",
            "000.0",
            "0%",
            "0.00E+00",
            "# ?/?",
            "0,",
            "0!.0,",
            "#,##0,.0",
            "[DBNum1][$-804]General",
            "[>9]0;00",
            "[$¥-804]0",
            "*00",
            "\\-0",
            ";;;",
            "General\"号\"",
        ] {
            assert_eq!(Shown::by(code), Shown::Otherwise(code.to_owned()), "{code}");
        }
    }
}
