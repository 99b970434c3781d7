//! SHA-256 digests, as texts.

use crate::ParseError;

/// Reads 64 hexadecimal digits in lower case; anything else is refused as `DIGEST_INVALID`.
pub fn parse_digest(text: &str) -> Result<[u8; 32], ParseError> {
    let mut digest = [0; 32];
    let is_digest = !text.bytes().any(|byte| byte.is_ascii_uppercase())
        && hex::decode_to_slice(text, &mut digest).is_ok();
    let expected = "64 hexadecimal digits in lower case";
    let refused = || ParseError::new("DIGEST_INVALID", text, expected);
    is_digest.then_some(digest).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_text() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(parse_digest(&text).map(hex::encode), Ok(text.clone()));
        for refused in [
            "",
            &text[1..],
            &format!("{text}00"),
            &text.to_uppercase(),
            &text.replace('f', "g"),
            &format!("0x{}", &text[2..]),
            &format!(" {}", &text[1..]),
        ] {
            assert_eq!(
                parse_digest(refused).map_err(|e| e.reason()),
                Err("DIGEST_INVALID"),
                "{refused:?}"
            );
        }
    }
}
