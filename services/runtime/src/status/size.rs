//! How much of a refusal is told.
//!
//! It travels in the trailers, the message twice: percent-encoded as it is, and in the details,
//! which are base64. Clients and proxies take 8 KiB of them in all, some less, and what is longer
//! loses its reason: the client then only says that something was too long.

use std::fmt::{Display, Write as _};

/// Longest message, in bytes as it travels percent-encoded.
pub(super) const MESSAGE_BYTES_MAX: usize = 1_536;

/// Longest value of the metadata, and all of them with their keys together, in bytes.
pub(super) const VALUE_BYTES_MAX: usize = 384;
pub(super) const METADATA_BYTES_MAX: usize = 1_024;

/// All fields together with what is said of them, in bytes.
pub(super) const FIELDS_BYTES_MAX: usize = 1_280;

/// Longest path of a field, and longest description of one.
pub(super) const FIELD_BYTES_MAX: usize = 128;
pub(super) const DESCRIPTION_BYTES_MAX: usize = 256;

/// The first `max` of some things, and how many more there are: `a, b and 120 more`.
pub fn listed<T: Display>(items: impl IntoIterator<Item = T>, max: usize) -> String {
    let mut items = items.into_iter();
    let mut text = String::new();
    for item in items.by_ref().take(max) {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}{item}");
    }
    match items.count() {
        0 => text,
        more if text.is_empty() => more.to_string(),
        more => format!("{text} and {more} more"),
    }
}

/// The text, cut on a character so that it and the dots that tell so have `max` bytes at most,
/// when each character has as many bytes as `bytes` says.
fn cut_by(text: &str, max: usize, bytes: impl Fn(char) -> usize) -> String {
    const DOTS: &str = "...";
    if text.chars().map(&bytes).sum::<usize>() <= max {
        return text.to_owned();
    }
    let mut left = max - DOTS.len();
    let fits = |character: &char| {
        let fits = bytes(*character) <= left;
        left = left.saturating_sub(bytes(*character));
        fits
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push_str(DOTS);
    cut
}

/// The text in at most `max` bytes.
pub(super) fn cut(text: &str, max: usize) -> String {
    cut_by(text, max, char::len_utf8)
}

/// A message in at most as many bytes as it may have on the wire, where all but printable ASCII
/// takes three for each.
pub(super) fn cut_message(text: &str) -> String {
    cut_by(text, MESSAGE_BYTES_MAX, |character| match character {
        '%' => 3,
        ' '..='~' => 1,
        other => 3 * other.len_utf8(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_how_many_more_there_are() {
        assert_eq!(listed(["a", "b"], 2), "a, b");
        assert_eq!(listed(1..=122, 2), "1, 2 and 120 more");
        assert_eq!(listed([0; 0], 2), "");
    }

    #[test]
    fn a_text_is_cut_on_a_character_by_its_bytes_on_the_wire() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abc...");
        assert_eq!(cut("杭州市", 8), "杭...");
        let long = cut_message(&"杭".repeat(1_000));
        assert_eq!(long.chars().filter(|&c| c == '杭').count(), (1_536 - 3) / 9);
        assert_eq!(cut_message(&"a".repeat(1_536)).len(), 1_536);
    }
}
