//! Pages of lists, and the tokens that lead from one to the next.
//!
//! A token is the key of the page's last row, with a checksum over it and the list: one that was
//! cut, or that another list handed out, is refused. It protects nothing; whoever makes one up
//! reads what they may read anyway.

use gazelle_kernel::ParseError;
use gazelle_proto::access::ErrorReason;
use gazelle_runtime::status::{FieldExt, FieldViolation, Refusal};
use sha2::{Digest, Sha256};
use tonic::{Code, Status};

const SIZE_MAX: i64 = 1_000;
const SIZE_DEFAULT: i64 = 100;
const CHECKSUM_BYTES: usize = 8;

/// Separates the parts of a key; no part holds one.
const SEPARATOR: &str = "\0";

/// Rows of a page: 1 to 1,000, 100 when 0 is asked for.
pub(super) fn size(asked: i32) -> Result<i64, FieldViolation> {
    match i64::from(asked) {
        0 => Ok(SIZE_DEFAULT),
        size @ 1..=SIZE_MAX => Ok(size),
        size => {
            let expected = "1 to 1000 rows, or 0 for 100";
            Err(ParseError::new(
                "PAGE_SIZE_INVALID",
                &size.to_string(),
                expected,
            ))
            .field("page_size")
        }
    }
}

/// The token that leads on from a row of `list` with this key.
pub(super) fn token(list: &str, key: &[&str]) -> String {
    let key = key.join(SEPARATOR);
    let mut bytes = checksum(list, key.as_bytes()).to_vec();
    bytes.extend(key.as_bytes());
    hex(&bytes)
}

/// The key in a token of `list`, read by `read` from its parts; `None` for the first page.
pub(super) fn after<T>(
    list: &str,
    token: &str,
    read: impl Fn(&[&str]) -> Option<T>,
) -> Result<Option<T>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let key = unhex(token).and_then(|bytes| {
        let (sum, key) = bytes.split_at_checked(CHECKSUM_BYTES)?;
        let key = (checksum(list, key) == sum).then_some(key)?;
        let parts: Vec<&str> = std::str::from_utf8(key).ok()?.split(SEPARATOR).collect();
        read(&parts)
    });
    key.map(Some).ok_or_else(|| {
        Refusal::shared(
            Code::InvalidArgument,
            ErrorReason::PageTokenInvalid,
            "not a page token of this list: pass the `next_page_token` of the page before",
        )
        .into()
    })
}

/// Drops what was read beyond the page; whether there was anything.
pub(super) fn cut<T>(rows: &mut Vec<T>, size: i64) -> bool {
    let size = usize::try_from(size).expect("a page has 1 to 1,000 rows");
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

fn checksum(list: &str, key: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hash = Sha256::new();
    hash.update((list.len() as u64).to_be_bytes());
    hash.update(list);
    hash.update(key);
    let digest: [u8; 32] = hash.finalize().into();
    *digest
        .first_chunk()
        .expect("a digest is longer than a checksum")
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str, token: &str) -> Result<Option<Vec<String>>, Code> {
        let owned = |parts: &[&str]| Some(parts.iter().map(ToString::to_string).collect());
        after(list, token, owned).map_err(|status| status.code())
    }

    #[test]
    fn a_token_leads_on_in_its_own_list_alone() {
        let token = token("bindings/alpha", &["alpha", "店铺 7", "2017-01-01"]);
        let key = vec!["alpha".into(), "店铺 7".into(), "2017-01-01".into()];
        assert_eq!(read("bindings/alpha", &token), Ok(Some(key)));
        assert_eq!(read("bindings/", &token), Err(Code::InvalidArgument));
        assert_eq!(read("bindings/", ""), Ok(None));
    }

    #[test]
    fn a_token_that_was_changed_is_refused() {
        let token = token("platforms", &["alpha"]);
        let changed = token.replace('6', "7");
        for broken in [
            "x",
            "00",
            &token[1..],
            &token[2..],
            &token.to_uppercase(),
            &changed,
        ] {
            assert_eq!(
                read("platforms", broken),
                Err(Code::InvalidArgument),
                "{broken}"
            );
        }
    }

    #[test]
    fn a_page_has_1_to_1000_rows() {
        assert_eq!((size(0), size(1), size(1_000)), (Ok(100), Ok(1), Ok(1_000)));
        for asked in [-1, 1_001, i32::MIN, i32::MAX] {
            assert_eq!(
                size(asked).map_err(|violation| violation.reason),
                Err("PAGE_SIZE_INVALID")
            );
        }
    }
}
