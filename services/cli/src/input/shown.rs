//! How a workbook shows a number, by its format: in a column of ids and names what is shown is what
//! was meant, and so it is in one of amounts, where it may be yuan or tens of thousands of them.

/// What a format makes of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// Its digits, perhaps in groups, or with blanks around it.
    AsItIs,
    /// The same with digits behind a point, be they zeros; by which format.
    Pointed(String),
    /// So many digits at least, with zeros before them.
    Padded(usize),
    /// Its digits with zeros before them, in groups or with zeros behind a point; by which format.
    Spread(String),
    /// One above zero as it is, and one below otherwise; by which format.
    BelowOtherwise(String),
    /// Anything else; by which format.
    Otherwise(String),
}

impl Shown {
    /// By the code of a format. Of its sections the first is for what ids are, numbers above zero,
    /// and the second for those below.
    pub(super) fn by(code: &str) -> Self {
        if code.is_empty() {
            return Self::AsItIs;
        }
        let (above, below) = sections(code);
        match Places::of(above) {
            _ if is_general(above) && shows_below(below) => Self::plain(code, below),
            Some(places) if places.digits_min <= 1 && shows_below(below) => {
                if places.has_point {
                    Self::Pointed(code.to_owned())
                } else {
                    Self::plain(code, below)
                }
            }
            Some(places)
                if places.digits_min > 1
                    && (places.has_groups || places.has_point || below.is_some_and(has_point)) =>
            {
                Self::Spread(code.to_owned())
            }
            Some(places) if places.digits_min > 1 => Self::Padded(places.digits_min),
            Some(_) => Self::BelowOtherwise(code.to_owned()),
            None if is_general(above) => Self::BelowOtherwise(code.to_owned()),
            None => Self::Otherwise(code.to_owned()),
        }
    }

    /// The format that shows `number` otherwise than as that number, if it does.
    pub(super) fn otherwise(&self, number: f64) -> Option<&str> {
        match self {
            Self::Otherwise(format) => Some(format),
            Self::BelowOtherwise(format) if number < 0.0 => Some(format),
            Self::AsItIs
            | Self::Pointed(_)
            | Self::Padded(_)
            | Self::Spread(_)
            | Self::BelowOtherwise(_) => None,
        }
    }

    /// As it is above zero; below, perhaps with digits behind a point.
    fn plain(code: &str, below: Option<&str>) -> Self {
        match below {
            Some(below) if has_point(below) => Self::Pointed(code.to_owned()),
            _ => Self::AsItIs,
        }
    }

    /// The format that shows a whole number with digits behind a point, as yuan are shown.
    pub(super) fn pointed(&self, number: f64) -> Option<&str> {
        match self {
            Self::Pointed(format) | Self::Spread(format) | Self::BelowOtherwise(format) => {
                let (above, below) = sections(format);
                let shows = below.filter(|_| number < 0.0).unwrap_or(above);
                has_point(shows).then_some(format)
            }
            Self::AsItIs | Self::Padded(_) | Self::Otherwise(_) => None,
        }
    }
}

/// The sections of a format for numbers above and below zero; a semicolon may be quoted.
fn sections(code: &str) -> (&str, Option<&str>) {
    let mut ends = Vec::new();
    let (mut is_quoted, mut is_taken) = (false, false);
    for (at, sign) in code.char_indices() {
        match sign {
            _ if is_taken => is_taken = false,
            '"' => is_quoted = !is_quoted,
            '\\' | '_' | '*' if !is_quoted => is_taken = true,
            ';' if !is_quoted => ends.push(at),
            _ => {}
        }
    }
    let Some(&first) = ends.first() else {
        return (code, None);
    };
    let second = ends.get(1).copied().unwrap_or(code.len());
    let below = &code[first + 1..second];
    // The last of them may be for texts.
    (&code[..first], Some(below).filter(|below| *below != "@"))
}

/// Whether a section has a point among its digits: not one that only a blank is as wide as.
fn has_point(section: &str) -> bool {
    let mut signs = section.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '_' | '*' | '\\' => drop(signs.next()),
            '.' => return true,
            _ => {}
        }
    }
    false
}

fn is_general(section: &str) -> bool {
    const GENERAL: [&str; 3] = ["General", "@", "G/通用格式"];
    GENERAL
        .iter()
        .any(|known| known.eq_ignore_ascii_case(section))
}

/// Whether numbers below zero are shown as they are: by the digits of the section for them, behind
/// a minus, which a section has to have itself. Where there is none, the one above gets a minus.
fn shows_below(section: Option<&str>) -> bool {
    const MINUSES: [&str; 3] = ["\"-\"", "\\-", "-"];
    section.is_none_or(|section| {
        let parts = |minus: &'static str| {
            let places = section.match_indices(minus).map(|(at, _)| at);
            places.map(move |at| (&section[..at], &section[at + minus.len()..]))
        };
        MINUSES.into_iter().flat_map(parts).any(|(before, digits)| {
            let before = format!("{before}0");
            let is_blank = Places::of(&before)
                .is_some_and(|it| it.digits_min == 1 && !it.has_groups && !it.has_point);
            is_blank && (is_general(digits) || Places::of(digits).is_some())
        })
    })
}

/// Where a format has digits.
#[derive(Default)]
struct Places {
    digits_min: usize,
    has_groups: bool,
    has_point: bool,
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
                ',' if has_digits && !has_ended => places.has_groups = true,
                '.' if before != ',' => (is_fraction, places.has_point) = (true, true),
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
            "#,##0",
            "[$-804]0",
            "[Red]0;[Blue]-0",
            "0\" \"",
            "General;[Red]-General",
            "[$-804]#,##0;[$-804]-#,##0",
            "_-* #,##0_-;\\-* #,##0_-;_-* \"-\"_-;_-@_-",
            "0_ ;[Red]\\-0\\ ",
            "#,##0;@",
            "0;\"-\"0",
            "_ * #,##0_ ;_ * \\-#,##0_ ;_ * \"-\"_ ;_ @_ ",
        ] {
            assert_eq!(Shown::by(code), Shown::AsItIs, "{code}");
        }
    }

    #[test]
    fn a_format_with_a_point_shows_yuan() {
        for code in ["#,##0.00", "0.00_ ", "0.##", "000.0", "0.00;(0.00)"] {
            let shown = Shown::by(code);
            assert_eq!(shown.pointed(12.0), Some(code));
            assert_eq!(shown.otherwise(12.0), None, "{code}");
        }
        for code in ["0;-0.00", "General;-0.00", "0.00", "00;-0.00"] {
            assert_eq!(Shown::by(code).pointed(-5.0), Some(code));
        }
        for code in [
            "0",
            "#,##0",
            "00,000",
            "0;(0.0)",
            "General;General",
            "0;-0.00",
            "0_.;-0_.",
        ] {
            assert_eq!(Shown::by(code).pointed(12.0), None, "{code}");
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
    fn zeros_before_a_number_are_no_id_where_it_is_in_groups() {
        for code in ["00,000", "000.0"] {
            let shown = Shown::by(code);
            assert_eq!(shown, Shown::Spread(code.to_owned()));
            assert_eq!(shown.otherwise(12.0), None, "{code}");
        }
    }

    #[test]
    fn a_number_below_zero_is_shown_as_it_is_behind_a_minus_alone() {
        for code in [
            "0_);[Red]\\(0\\)",
            "#,##0;[Red]#,##0",
            "0;(0)",
            "0;;0",
            "0;-0%",
            "0;\\-¥0",
            "General;General",
        ] {
            let shown = Shown::by(code);
            assert_eq!(shown, Shown::BelowOtherwise(code.to_owned()));
            assert_eq!(shown.otherwise(-5.0), Some(code));
            assert_eq!(shown.otherwise(5.0), None, "{code}");
        }
    }

    #[test]
    fn a_format_of_anything_else_shows_another_text() {
        for code in [
            "\"R-\"0000",
            "R0000",
            "000-0000",
            "0000 0000",
            "0%",
            "0.00E+00",
            "\"¥\"#,##0.00",
            "_ \"¥\"* #,##0.00_ ",
            "#,##0.00,",
            "0!.0000\"万\"",
            "(0)",
            "-0",
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
            assert_eq!(Shown::by(code).otherwise(5.0), Some(code));
        }
    }
}
