//! Names that no other test of this process uses.

use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// The characters of a code, in the order of GB 32100-2015.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// What all the codes of here begin with: a district, and what stands before a number.
pub(crate) const CODES_BEGIN: &str = "91330106MA";

fn number() -> u32 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A platform's id, `NAME-NNNNNN`: lists have the earlier one first.
#[must_use]
pub fn platform(name: &str) -> String {
    format!("{name}-{:06}", number())
}

/// A program's id, `NAME-N`.
#[must_use]
pub fn program(name: &str) -> String {
    format!("{name}-{}", number())
}

/// The name of a person, `NAME-N`.
#[must_use]
pub fn person(name: &str) -> String {
    format!("{name}-{}", number())
}

/// A unified social credit code of which both check digits hold; a later one is greater.
#[must_use]
pub fn uscc() -> String {
    let code = without_last();
    let last = last(&code);
    format!("{code}{last}")
}

/// A code of which the last character is wrong and all else is right, as a few were issued.
#[must_use]
pub fn irregular_uscc() -> String {
    let code = without_last();
    let wrong = if last(&code) == '0' { '1' } else { '0' };
    format!("{code}{wrong}")
}

/// 17 characters: the organization code inside has its own check character (GB 11714).
fn without_last() -> String {
    let organization = format!("MA{:06}", number());
    let sum: u32 = organization
        .chars()
        .zip([3, 7, 9, 10, 5, 8, 4, 2])
        .map(|(character, weight)| character.to_digit(36).unwrap() * weight)
        .sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap(),
    };
    format!("{}{organization}{check}", &CODES_BEGIN[..8])
}

/// Whether it is such a code, or reads like one of these.
pub(crate) fn is_uscc(code: &str) -> bool {
    let is_code = code.len() == 18 && code.chars().all(|it| ALPHABET.contains(it));
    // A number of 18 digits is a code as well where its check character holds.
    is_code && (code.starts_with(CODES_BEGIN) || code.ends_with(last(&code[..17])))
}

fn last(code: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for character in code.chars() {
        sum += ALPHABET.find(character).unwrap() * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap()
}
