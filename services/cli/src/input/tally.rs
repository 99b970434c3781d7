//! How common the characters of a text are, by each encoding that it can be in.
//!
//! Encodings of two bytes have their common characters in a block of their own. Chinese in GB18030
//! is nearly all of GB 2312; Big5 and Shift-JIS read as it come out of its rare corners.

use crate::words;

/// Characters of a text, and how many of them are common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CharacterCount {
    characters: u64,
    common: u64,
}

/// How a text is cut into characters: the bytes of the first, and whether it is common; none: it is
/// no character. Its first byte is beyond ASCII.
type Cut = fn(&[u8]) -> Option<(usize, bool)>;

/// What else a text may be, each while all of it can be.
const OTHERS: [(&str, Cut); 2] = [("Big5", big5), ("Shift_JIS", shift_jis)];

/// Why a text is not read as GB18030.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is another encoding, by all that can be told; and what it would be read as.
    Other(&'static str, String),
    /// A part of it is UTF-8; its first text.
    Mixed(String),
}

impl Doubt {
    pub(super) fn told(&self, path: &str) -> String {
        match self {
            Self::Other(encoding, sample) => {
                let values: [(&str, &dyn std::fmt::Display); 3] =
                    [("path", &path), ("encoding", encoding), ("sample", sample)];
                words::OTHER_ENCODING.with(&values)
            }
            Self::Mixed(sample) => {
                words::MIXED_ENCODINGS.with(&[("path", &path), ("sample", sample)])
            }
        }
    }
}

/// Of the lines of a file that are not UTF-8.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    gb18030: CharacterCount,
    others: [CharacterCount; OTHERS.len()],
    is_out: [bool; OTHERS.len()],
}

impl Tallies {
    /// Fewer characters tell nothing: a name may be of rare ones alone.
    const CHARACTERS_MIN: u64 = 6;

    pub(super) fn look(&mut self, line: &[u8]) {
        self.gb18030.add(line, gb18030);
        let others = self.others.iter_mut().zip(&mut self.is_out);
        for ((_, cut), (tally, is_out)) in OTHERS.iter().zip(others) {
            *is_out |= !tally.add(line, *cut);
        }
    }

    /// Whether the text, which as GB18030 begins with `sample`, is another encoding: nearly all of
    /// it is common there, and most of it rare here.
    pub(super) fn doubt(&self, sample: &str) -> Option<Doubt> {
        let is_rare = self.gb18030.common * 2 < self.gb18030.characters;
        let tallies = self.others.iter().zip(self.is_out);
        let other = OTHERS.iter().zip(tallies).find(|(_, (tally, is_out))| {
            let is_common = tally.common * 10 >= tally.characters * 9;
            !is_out && is_common && tally.characters >= Self::CHARACTERS_MIN
        });
        let ((encoding, _), _) = other.filter(|_| is_rare)?;
        Some(Doubt::Other(encoding, sample.to_owned()))
    }
}

impl CharacterCount {
    /// Adds the characters of a line; returns whether it can be cut so, to its end.
    fn add(&mut self, line: &[u8], cut: Cut) -> bool {
        let mut rest = line;
        while let [first, more @ ..] = rest {
            if first.is_ascii() {
                rest = more;
                continue;
            }
            let Some((bytes, is_common)) = cut(rest) else {
                return false;
            };
            self.characters += 1;
            self.common += u64::from(is_common);
            rest = rest.get(bytes..).unwrap_or_default();
        }
        true
    }
}

/// Common are the characters of GB 2312, its signs, and letters in full width.
fn gb18030(text: &[u8]) -> Option<(usize, bool)> {
    match *text {
        [_, 0x30..=0x39, ..] => Some((4, false)),
        [0xa1 | 0xa3 | 0xb0..=0xf7, 0xa1..=0xfe, ..] => Some((2, true)),
        [_, _, ..] => Some((2, false)),
        _ => None,
    }
}

/// Common are the characters of its first level, and its signs.
fn big5(text: &[u8]) -> Option<(usize, bool)> {
    match *text {
        [lead @ 0x81..=0xfe, 0x40..=0x7e | 0xa1..=0xfe, ..] => {
            Some((2, matches!(lead, 0xa1 | 0xa4..=0xc6)))
        }
        _ => None,
    }
}

/// Common are the characters of the first level of JIS, kana, and its signs.
fn shift_jis(text: &[u8]) -> Option<(usize, bool)> {
    match *text {
        [0xa1..=0xdf, ..] => Some((1, true)),
        [
            lead @ (0x81..=0x9f | 0xe0..=0xfc),
            0x40..=0x7e | 0x80..=0xfc,
            ..,
        ] => Some((2, matches!(lead, 0x81..=0x83 | 0x88..=0x98))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_its_characters_and_those_that_are_common() {
        let tally = |text: &[u8], cut: Cut| {
            let mut tally = CharacterCount::default();
            let fits = tally.add(text, cut);
            (fits, tally.characters, tally.common)
        };
        // 杭 and 珺, with ASCII between; then 㛃, of four bytes.
        assert_eq!(tally(b"\xba\xbca,\xacB", gb18030), (true, 2, 1));
        assert_eq!(tally(b"\x82\x30\xb8\x37a", gb18030), (true, 1, 0));
        assert_eq!(tally(b"\xba\xbc\xac", gb18030), (false, 1, 1));
        // 台 and 龘.
        assert_eq!(tally(b"\xa5x\xf9\xd5", big5), (true, 2, 1));
        assert_eq!(tally(b"\x82\x30", big5), (false, 0, 0));
        // 東, ｶ of half width, and 龠.
        assert_eq!(tally(b"\x93\x8c\xb6\xea\x9f", shift_jis), (true, 3, 2));
    }
}
