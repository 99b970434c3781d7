//! Amounts and moments in what a service says: in fen and UTC for programs, in yuan and Shanghai's
//! time for people.

use gazelle_kernel::{Fen, parse_instant};

use super::shown::shanghai;
use crate::words;

/// A message as people read it.
#[must_use]
pub fn for_people(message: &str) -> String {
    let mut told = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit() || c == '-') {
        let (before, from) = rest.split_at(at);
        told.push_str(before);
        // What goes on from a letter or a digit is a part of a name.
        let is_begun = told.chars().next_back().is_none_or(|c| !is_of_name(c));
        let (figure, length) = match amount(from).or_else(|| moment(from)) {
            Some(found) if is_begun => found,
            _ => {
                let length = from[1..]
                    .find(|c| !is_of_name(c))
                    .map_or(from.len(), |it| it + 1);
                (from[..length].to_owned(), length)
            }
        };
        told.push_str(&figure);
        rest = &from[length..];
    }
    told + rest
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// An amount in fen at the start of a text, in yuan, and how much of the text it is.
fn amount(text: &str) -> Option<(String, usize)> {
    let sign = usize::from(text.starts_with('-'));
    let digits = text[sign..].find(|c: char| !c.is_ascii_digit())?;
    let end = sign + digits;
    let fen: i64 = text[..end].parse().ok()?;
    let after = text[end..].strip_prefix(" fen")?;
    if after.chars().next().is_some_and(is_of_name) {
        return None;
    }
    let told = words::YUAN.with(&[("amount", &Fen::new(fen).to_yuan())]);
    Some((told, end + " fen".len()))
}

/// A moment in UTC at the start of a text, in Shanghai's time, and how much of the text it is.
fn moment(text: &str) -> Option<(String, usize)> {
    let end = text.find('Z')? + 1;
    let at = parse_instant(&text[..end]).ok()?;
    Some((shanghai(at), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_yuan_and_shanghais_time_in_what_a_service_says() {
        for (message, told) in [
            (
                "received 20 of 1145866 fen, and 1",
                "received 20 of 11,458.66 yuan, and 1",
            ),
            ("-5 fen; 0 or more", "-0.05 yuan; 0 or more"),
            (
                "sealed at 2026-12-06T16:30:00Z by me",
                "sealed at 2026-12-07 00:30:00 by me",
            ),
            // A name that looks like one is a name.
            ("a-2026-12-06T16:30:00Z", "a-2026-12-06T16:30:00Z"),
            (
                "r7 fen, 7 fennel, 7fen, x-7 fen",
                "r7 fen, 7 fennel, 7fen, x-7 fen",
            ),
            ("2026-12-06 and 120-3, 行-", "2026-12-06 and 120-3, 行-"),
        ] {
            assert_eq!(for_people(message), told, "{message}");
        }
    }
}
