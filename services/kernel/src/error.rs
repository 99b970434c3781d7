//! Why a text was refused.

/// A text that is not the value it was read as.
///
/// [`reason`](Self::reason) is for machines and stays the same; the message is for people and says
/// what was refused and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: expected {expected}", told(.refused))]
pub struct ParseError {
    reason: &'static str,
    refused: Box<str>,
    expected: &'static str,
}

fn told(refused: &str) -> String {
    if refused.is_empty() {
        return "it is empty".to_owned();
    }
    format!("{refused:?} is not valid")
}

impl ParseError {
    /// Longest part of a refused text that a message repeats, in characters.
    const SHOWN_MAX: usize = 64;

    /// A refusal of `refused`; for values that other crates define in the same way.
    #[must_use]
    pub fn new(reason: &'static str, refused: &str, expected: &'static str) -> Self {
        let refused = match refused.char_indices().nth(Self::SHOWN_MAX) {
            Some((end, _)) => format!("{}...", &refused[..end]).into(),
            None => refused.into(),
        };
        Self {
            reason,
            refused,
            expected,
        }
    }

    /// The machine reason, in capitals, such as `USCC_CHECK_DIGIT`.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_was_refused_and_what_is_expected() {
        let error = ParseError::new("CODE_INVALID", "12\n", "6 digits");
        assert_eq!(
            error.to_string(),
            r#""12\n" is not valid: expected 6 digits"#
        );
        assert_eq!(error.reason(), "CODE_INVALID");
        let empty = ParseError::new("CODE_INVALID", "", "6 digits").to_string();
        assert_eq!(empty, "it is empty: expected 6 digits");
    }

    #[test]
    fn a_long_text_is_cut_on_a_character() {
        let error = ParseError::new("ID_INVALID", &"杭".repeat(1_000), "an id");
        assert!(
            error
                .to_string()
                .starts_with(&format!("\"{}...\"", "杭".repeat(64)))
        );
    }
}
