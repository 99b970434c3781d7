//! Pages of lists: how many rows, and after which key.
//!
//! A token holds the last key that was sent, bound to its list and filter by a checksum, so that
//! one that another list handed out, or that was made up, is refused and never misread.

use gazelle_proto::access::ErrorReason;
use gazelle_runtime::status::{FieldViolation, Refusal};
use sha2::{Digest, Sha256};
use tonic::{Code, Status};

use crate::hex;

const CHECKSUM_BYTES: usize = 8;
const SIZE_DEFAULT: i64 = 100;
const SIZE_MAX: i64 = 1_000;

/// What a token is good for: a list, and what selects its rows besides the page.
#[derive(Debug, Clone, Copy)]
pub struct List<'a>(pub &'a [&'a str]);

impl List<'_> {
    /// Reads the token of a request; `None` is the first page.
    pub fn after(&self, token: &str) -> Result<Option<Vec<u8>>, Status> {
        if token.is_empty() {
            return Ok(None);
        }
        self.key(token).map(Some).ok_or_else(invalid)
    }

    /// The token of the page after the row with this key.
    pub fn token(&self, key: &[u8]) -> String {
        hex::encode(&self.checksum(key)) + &hex::encode(key)
    }

    fn key(&self, token: &str) -> Option<Vec<u8>> {
        let bytes = hex::decode(token)?;
        let (checksum, key) = bytes.split_at_checked(CHECKSUM_BYTES)?;
        (checksum == self.checksum(key)).then(|| key.to_vec())
    }

    fn checksum(&self, key: &[u8]) -> [u8; CHECKSUM_BYTES] {
        let mut hash = Sha256::new();
        for part in self.0.iter().map(|part| part.as_bytes()).chain([key]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (checksum, _) = digest
            .split_first_chunk()
            .expect("32 bytes are more than 8");
        *checksum
    }
}

/// A token that this list did not hand out.
pub fn invalid() -> Status {
    let message = "page_token: not one that this list handed out";
    Refusal::shared(
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
        message,
    )
    .into()
}

/// Rows of a page.
pub fn size(page_size: i32) -> Result<i64, FieldViolation> {
    match i64::from(page_size) {
        0 => Ok(SIZE_DEFAULT),
        size @ 1..=SIZE_MAX => Ok(size),
        _ => Err(FieldViolation::new(
            "page_size",
            "PAGE_SIZE_INVALID",
            "expected 0 to 1000",
        )),
    }
}

/// Splits off what is beyond a page of `size` rows, of which one more than that were asked for;
/// whether there was any.
pub fn cut<T>(rows: &mut Vec<T>, size: i64) -> bool {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: List<'_> = List(&["records", "alpha-mall", "2017-03"]);

    #[test]
    fn a_token_leads_back_to_its_key() {
        assert_eq!(LIST.after(&LIST.token(b"key")).unwrap().unwrap(), b"key");
        assert_eq!(LIST.after("").unwrap(), None);
    }

    #[test]
    fn a_token_of_another_list_and_a_made_up_one_are_refused() {
        let token = LIST.token(b"key");
        let mut edited = token.clone();
        edited.replace_range(token.len() - 1.., "0");
        for (list, token) in [
            (List(&["records", "alpha-mall", "2017-04"]), token.as_str()),
            (List(&["records", "alpha-mall2017-03"]), &token),
            (LIST, &edited),
            (LIST, &token[..8]),
            (LIST, "zz"),
            (LIST, "é"),
        ] {
            assert_eq!(
                list.after(token).unwrap_err().code(),
                Code::InvalidArgument,
                "{token}"
            );
        }
    }

    #[test]
    fn a_page_has_the_default_or_the_asked_size_within_the_bound() {
        assert_eq!((size(0), size(1), size(1_000)), (Ok(100), Ok(1), Ok(1_000)));
        assert!(size(-1).is_err() && size(1_001).is_err() && size(i32::MAX).is_err());
    }

    #[test]
    fn a_page_is_cut_to_its_size() {
        let mut rows = vec![1, 2, 3];
        assert!(cut(&mut rows, 2) && rows == [1, 2]);
        assert!(!cut(&mut rows, 2) && rows == [1, 2]);
    }
}
