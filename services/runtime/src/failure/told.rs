//! What the log is told of an error: what failed, and none of the values that it failed on.
//!
//! Texts of errors are written for whoever sent the value that they name. A fault is told to the
//! log, which others read; and what a database or a peer says can repeat any value.

use std::{error::Error, iter::once};

use gazelle_kernel::ParseError;

use super::{causes, sqlstate};

/// What stands for a value.
const HIDDEN: &str = "[...]";

/// Length of a unified social credit code.
const USCC_LENGTH: usize = 18;

/// Digits from which on a number may be that of an account.
const NUMBER_DIGITS_MIN: usize = 8;

/// The chain of causes of an error, without what looks like a value of somebody's.
#[must_use]
pub fn told(error: &(dyn Error + 'static)) -> String {
    let chain: Vec<String> = causes(error).map(one).collect();
    chain.join(": ")
}

fn one(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<ParseError>() {
        return format!("a value that is not valid ({})", error.reason());
    }
    if sqlstate::is_about_a_value(error) {
        return "the database refuses a value".to_owned();
    }
    without_values(&error.to_string())
}

/// A text of which codes, long numbers, Chinese names, and whatever is quoted and no name of a
/// table or constraint, are hidden.
#[must_use]
pub(crate) fn without_values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, part) in text.split('"').enumerate() {
        let quoted = at % 2 == 1;
        if at > 0 {
            out.push('"');
        }
        if quoted
            && !part
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        {
            out.push_str(HIDDEN);
        } else {
            hide_words(part, &mut out);
        }
    }
    out
}

fn hide_words(text: &str, out: &mut String) {
    let mut word = String::new();
    for character in text.chars().map(Some).chain(once(None)) {
        match character {
            Some(character) if character.is_alphanumeric() => word.push(character),
            other => {
                out.push_str(if is_value(&word) { HIDDEN } else { &word });
                word.clear();
                out.extend(other);
            }
        }
    }
}

fn is_value(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    let is_code = word.len() == USCC_LENGTH && digits + capitals == USCC_LENGTH && digits > 0;
    let is_number = digits >= NUMBER_DIGITS_MIN && digits == word.len();
    is_code || is_number || !word.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot save {0}")]
    struct NotSaved(&'static str, #[source] ParseError);

    #[test]
    fn a_cause_is_told_without_the_value_that_it_names() {
        let refused = ParseError::new("USCC_LENGTH", "龙井茶庄", "18 characters");
        let said = told(&NotSaved("91330106MA0000012X", refused));
        assert_eq!(
            said,
            "cannot save [...]: a value that is not valid (USCC_LENGTH)"
        );
    }

    #[test]
    fn names_of_constraints_and_states_stay_and_values_do_not() {
        for (text, kept) in [
            (
                r#"duplicate key value violates unique constraint "enterprise_pkey""#,
                r#"duplicate key value violates unique constraint "enterprise_pkey""#,
            ),
            (
                "Key (uscc)=(91330106MA0000012X) already exists",
                "Key (uscc)=([...]) already exists",
            ),
            (
                "row contains (6222020200012345678, 杭州市西湖区龙井茶庄, 5)",
                "row contains ([...], [...], 5)",
            ),
            (r#"no shop "Li Wei's tea""#, r#"no shop "[...]""#),
            (
                "code: PERMISSION_DENIED, INTERNATIONALIZATION",
                "code: PERMISSION_DENIED, INTERNATIONALIZATION",
            ),
        ] {
            assert_eq!(without_values(text), kept);
        }
    }
}
