//! Texts that people write, and what hides in a text.
//!
//! Two texts that look the same must be the same where they name something: ids and codes hold no
//! character that shows nothing. What people read needs something to read. General categories, NFC
//! and NFKC come from `unicode-properties` and `unicode-normalization`.

use std::{fmt, sync::Arc};

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use crate::{ParseError, serde_text::serde_text};

/// A name of 1 to 200 characters, without white space at its ends. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

impl Name {
    /// Reads a name; anything else is refused as `TEXT_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let expected = "1 to 200 characters that show something, on one line, without control \
                        characters";
        parse_line(text, 200, expected).map(|name| Self(name.into()))
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A reason or evidence of 1 to 500 characters, without white space at its ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Explanation(Box<str>);

impl Explanation {
    /// Reads an explanation; anything else is refused as `TEXT_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let expected = "1 to 500 characters that show something, without control characters but tabs and line breaks";
        parse(text, 500, expected).map(|text| Self(text.into()))
    }

    /// Its text, as the contract and the tables have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

serde_text!(Name, Explanation);

/// Reads a text of a person, white space at its ends left away: 1 to `chars_max` characters of
/// which one at least shows something, and no control characters but those that break lines.
/// Anything else is refused as `TEXT_INVALID`.
pub fn parse<'a>(
    text: &'a str,
    chars_max: usize,
    expected: &'static str,
) -> Result<&'a str, ParseError> {
    let trimmed = text.trim();
    let hides = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let fits = trimmed.chars().nth(chars_max).is_none();
    if fits && trimmed.chars().any(shows) && !trimmed.chars().any(hides) {
        return Ok(trimmed);
    }
    Err(ParseError::new("TEXT_INVALID", text, expected))
}

/// As [`parse`], of a text that stands in rows and tables, which a line's end would cut: no control
/// characters at all, and nothing else that Unicode breaks lines at.
pub fn parse_line<'a>(
    text: &'a str,
    chars_max: usize,
    expected: &'static str,
) -> Result<&'a str, ParseError> {
    let line = parse(text, chars_max, expected)?;
    if line.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(ParseError::new("TEXT_INVALID", text, expected));
    }
    Ok(line)
}

/// The text that goes into lists, unless a spreadsheet would compute it there, or wrote it where it
/// could not: it begins with none of `=`, `+`, `-` and `@`, in any width, and is no
/// [error](is_cell_error). Lists go out as they are, to people who open them so, and come back.
/// Anything else is refused as `TEXT_INVALID`.
pub fn no_formula(text: &str) -> Result<&str, ParseError> {
    let refused = |expected| Err(ParseError::new("TEXT_INVALID", text, expected));
    let normalized = normalized(text);
    if normalized.starts_with(['=', '+', '-', '@']) {
        return refused("a text that begins with none of = + - @, which spreadsheets compute");
    }
    if is_cell_error(&normalized) {
        return refused("a text, and not the error of a spreadsheet");
    }
    Ok(text)
}

/// Whether it is what spreadsheets write where a formula has failed, or what they show where a
/// column is too narrow.
#[must_use]
pub fn is_cell_error(field: &str) -> bool {
    const ERRORS: [&str; 13] = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#GETTING_DATA",
    ];
    let is_number = |code: &str| !code.is_empty() && code.bytes().all(|it| it.is_ascii_digit());
    let is_narrow = field.len() > 2 && field.bytes().all(|it| it == b'#');
    ERRORS.contains(&field) || is_narrow || field.strip_prefix("Err:").is_some_and(is_number)
}

/// The text as it is compared with others that may be written in another width or form: without
/// white space at its ends, in Unicode NFKC.
#[must_use]
pub fn normalized(text: &str) -> String {
    // What NFKC turns into a blank at an end is white space too.
    text.trim().nfkc().collect::<String>().trim().into()
}

/// Whether a text can name something by its look: nothing of it is invisible, it has no white
/// space at either end, and does not begin with a mark, which is shown on whatever stands before.
#[must_use]
pub fn is_legible(text: &str) -> bool {
    text.trim() == text && text.starts_with(shows) && !text.chars().any(is_invisible)
}

/// Whether a text [is legible](is_legible) and is no other one by its look: its only white space is
/// the space of ASCII, it holds nothing that is no character for ever, and what can be written in
/// more than one way is written as Unicode NFC has it.
#[must_use]
pub fn is_distinct(text: &str) -> bool {
    let is_alike = |c: char| (c.is_whitespace() && c != ' ') || is_noncharacter(c);
    is_legible(text) && !text.chars().any(is_alike) && is_nfc(text)
}

/// Code points that Unicode never makes characters of; the last two of each plane are some.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Whether a reader sees nothing of the character, and two texts that differ in it look the same
/// or are shown in another order: control and format characters (`Cc`, `Cf`), separators of lines,
/// what Unicode tells renderers to ignore, and what is drawn blank and yet is no white space.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    if c < '\u{ad}' {
        return c.is_control();
    }
    is_ignorable(c)
        || is_blank(c)
        || matches!(
            c.general_category(),
            GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        )
}

/// `Default_Ignorable_Code_Point`s that are no format characters: joiners, fillers, selectors of
/// variants.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2065}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Letters and signs whose picture is nothing: of braille, hieroglyphs, Khitan and notes.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{2800}' | '\u{13441}'..='\u{13442}' | '\u{16fe4}' | '\u{1d159}'
    )
}

/// Whether a reader sees the character by itself.
fn shows(c: char) -> bool {
    let combines = matches!(
        c.general_category(),
        GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
    );
    !c.is_whitespace() && !is_invisible(c) && !combines
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use super::*;

    #[test]
    fn lengths_are_in_characters_without_the_white_space_around() {
        assert!(Name::parse(&"杭".repeat(200)).is_ok() && Name::parse(&"a".repeat(201)).is_err());
        assert!(Explanation::parse(&"杭".repeat(500)).is_ok());
        assert!(Explanation::parse(&"a".repeat(501)).is_err());
        let padded = format!(" \u{3000}{}\n", "a".repeat(200));
        assert_eq!(Name::parse(&padded).expect("a name").as_str().len(), 200);
    }

    #[test]
    fn what_nobody_can_read_is_no_text() {
        for text in [
            "",
            " ",
            "\n",
            "\u{3000}",
            "a\0b",
            "a\u{7f}",
            "a\nb",
            "a\tb",
            "a\u{2028}b",
            "a\u{2029}b",
            "a\u{85}b",
            "\u{feff}",
            "\u{200b}\u{200b}",
            "\u{202e}",
            "\u{3164}",
            "\u{2800}",
            "\u{115f}\u{1160}\u{ffa0}",
            "\u{16fe4}\u{1d159}",
            "\u{301}",
            "\u{fe0f} \u{ad}",
        ] {
            assert_eq!(
                Name::parse(text).map_err(|e| e.reason()),
                Err("TEXT_INVALID"),
                "{text:?}"
            );
        }
        assert!(Explanation::parse("tax arrears,\n\"major\"").is_ok());
        // Rare characters of names stand in the private area until they have a place of their own.
        assert!(Name::parse("\u{e863}").is_ok() && Name::parse("a\u{200d}b").is_ok());
    }

    /// `Default_Ignorable_Code_Point`, as `DerivedCoreProperties.txt` of Unicode 17 has it.
    const IGNORABLE: [RangeInclusive<char>; 17] = [
        '\u{ad}'..='\u{ad}',
        '\u{34f}'..='\u{34f}',
        '\u{61c}'..='\u{61c}',
        '\u{115f}'..='\u{1160}',
        '\u{17b4}'..='\u{17b5}',
        '\u{180b}'..='\u{180f}',
        '\u{200b}'..='\u{200f}',
        '\u{202a}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{3164}'..='\u{3164}',
        '\u{fe00}'..='\u{fe0f}',
        '\u{feff}'..='\u{feff}',
        '\u{ffa0}'..='\u{ffa0}',
        '\u{fff0}'..='\u{fff8}',
        '\u{1bca0}'..='\u{1bca3}',
        '\u{1d173}'..='\u{1d17a}',
        '\u{e0000}'..='\u{e0fff}',
    ];

    #[test]
    fn invisible_characters_are_told_from_others() {
        for c in [
            '\0',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{34f}',
            '\u{2800}',
            '\u{13441}',
            '\u{16fe4}',
            '\u{1d159}',
        ] {
            assert!(is_invisible(c), "{c:?}");
        }
        for c in IGNORABLE.into_iter().flatten() {
            assert!(is_invisible(c), "{c:?}");
        }
        for c in [
            'a', ' ', '~', 'é', '杭', '\u{301}', '\u{3000}', '😀', '\u{e863}',
        ] {
            assert!(!is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn texts_that_look_the_same_are_not_both_distinct() {
        let blanks = "\u{a0}\u{1680}\u{2000}\u{2002}\u{2003}\u{2005}\u{2007}\u{200a}\u{2028}\u{202f}\
                      \u{205f}\u{3000}\t\n\u{85}";
        let nothing = "\u{fdd0}\u{fdef}\u{fffe}\u{ffff}\u{1fffe}\u{8ffff}\u{10ffff}";
        for c in blanks.chars().chain(nothing.chars()) {
            assert!(!is_distinct(&format!("店{c}7")), "{c:?}");
        }
        // Each is written in one piece in NFC: accents, the sign of the ohm, a Han character of
        // another standard, a syllable of Hangul, two accents in another order.
        for text in [
            "a\u{301}",
            "\u{2126}",
            "\u{f900}",
            "\u{1112}\u{1161}",
            "q\u{307}\u{323}",
        ] {
            assert!(is_legible(text) && !is_distinct(text), "{text:?}");
            let composed: String = text.nfc().collect();
            assert!(is_distinct(&composed), "{composed:?}");
        }
        // Not to be put together, of one's own area, in full width.
        for text in [
            "店 7",
            "x\u{301}",
            "\u{e863}",
            "Ａ１",
            "\u{fdcf}\u{fdf0}",
            "\u{fffd}",
        ] {
            assert!(is_distinct(text), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_nothing_that_a_spreadsheet_computes() {
        for text in [
            "=1+1",
            " @SUM(A1)",
            "\t-1",
            "＝1",
            "\u{3000}＋1",
            "+86",
            " #N/A",
            "＃＃＃＃",
        ] {
            let refused = no_formula(text).map_err(|e| e.reason());
            assert_eq!(refused, Err("TEXT_INVALID"), "{text:?}");
        }
        for text in ["", "杭州=店", "1+1", "（杭州）店", "'=1", "a@b", "—店"] {
            assert_eq!(no_formula(text), Ok(text));
        }
    }

    #[test]
    fn what_a_spreadsheet_shows_in_place_of_a_value_is_none() {
        for field in ["#N/A", "#BLOCKED!", "###", "########", "Err:502"] {
            assert!(is_cell_error(field), "{field}");
        }
        for field in ["", "#", "##", "#7", "Err:", "Err:x"] {
            assert!(!is_cell_error(field), "{field}");
        }
    }

    #[test]
    fn names_in_another_width_are_the_same() {
        assert_eq!(normalized(" ＡＢＣ（杭州）　"), "ABC(杭州)");
        assert_eq!(normalized("\u{a0}a"), "a");
    }
}
