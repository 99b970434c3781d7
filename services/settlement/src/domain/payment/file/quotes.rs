//! Quotes of a CSV, of which one that is missing makes a cell of the rows after it.

/// Why a quote stands wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stray {
    /// It begins a cell that nothing ends.
    Open,
    /// The cell that it ends goes on after it.
    Inside,
}

impl Stray {
    /// In words.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Open => "a quote begins a cell and none ends it",
            Self::Inside => "a quote stands inside a cell that another began: write it twice",
        }
    }
}

/// The first quote that stands wrong, by the place where its cell begins; cells without one at
/// their begin may have any.
pub fn stray(text: &[u8], separator: u8) -> Option<(usize, Stray)> {
    let ends_cell = |byte: u8| byte == separator || b"\r\n".contains(&byte);
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'"' {
            at += text[at..].iter().position(|byte| ends_cell(*byte))? + 1;
            continue;
        }
        let begin = at;
        at += 1;
        loop {
            let Some(quote) = text[at..].iter().position(|byte| *byte == b'"') else {
                return Some((begin, Stray::Open));
            };
            at += quote + 1;
            if text.get(at) == Some(&b'"') {
                at += 1;
                continue;
            }
            // Blanks may stand behind it.
            let blank = |byte: &u8| b" \t".contains(byte) && *byte != separator;
            at += text[at..].iter().take_while(|byte| blank(byte)).count();
            match text.get(at) {
                None => return None,
                Some(byte) if ends_cell(*byte) => break,
                Some(_) => return Some((begin, Stray::Inside)),
            }
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_that_is_missing_is_found_by_the_cell_that_it_would_end() {
        for text in [
            "",
            "a,b\n1,2\n",
            "a,\"b\"\n\"1\",\"x,\n\"\"y\"\"\"\r\n\"\",3",
            "a,b\"c\n=\"0012\",\"\"",
            "\"a\"",
            "1,\"x\" ,2\n\"y\"\t\n",
        ] {
            assert_eq!(stray(text.as_bytes(), b','), None, "{text}");
        }
        for (text, found) in [
            ("a,\"b\n1,2\n", (2, Stray::Open)),
            ("\"", (0, Stray::Open)),
            ("\"a\"\"\n", (0, Stray::Open)),
            ("1,\"x\n2,\"y\n", (2, Stray::Inside)),
            ("1,\"x\n2,\"y\"\n", (2, Stray::Inside)),
            ("1,\"x\" y,2\n", (2, Stray::Inside)),
        ] {
            assert_eq!(stray(text.as_bytes(), b','), Some(found), "{text}");
        }
    }
}
