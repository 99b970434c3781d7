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
const SEPARATOR: char = '\u{1f}';

/// A list, with what it is filtered by: what a token is good for.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    name: &'static str,
    filter: &'a str,
    key_parts: usize,
    size_default: u16,
    size_max: u16,
}

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    size: usize,
    after: Option<Vec<String>>,
}

impl Page {
    /// Rows to read: one more than the page has, which tells whether another page follows.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size + 1).expect("pages are small")
    }

    /// The key of the last row of the page before, by `parse`; none: the first page.
    pub fn after<T>(&self, parse: impl Fn(&[String]) -> Option<T>) -> Result<Option<T>, Status> {
        let Some(key) = &self.after else {
            return Ok(None);
        };
        parse(key).map(Some).ok_or_else(invalid_token)
    }
}

fn invalid_token() -> Status {
    let message = "page_token: not one that this list handed out";
    Refusal::shared(
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
        message,
    )
    .into()
}

impl<'a> List<'a> {
    /// The list of this name, one for each RPC, filtered so, with a key of that many parts.
    pub fn new(name: &'static str, filter: &'a str, key_parts: usize) -> Self {
        Self {
            name,
            filter,
            key_parts,
            size_default: 100,
            size_max: 1_000,
        }
    }

    /// The same, with that many rows a page where the request says 0, and at most.
    pub fn sized(self, size_default: u16, size_max: u16) -> Self {
        Self {
            size_default,
            size_max,
            ..self
        }
    }

    /// Reads the page of a request.
    pub fn page(&self, page_size: i32, page_token: &str) -> Result<Page, Status> {
        let size = match u16::try_from(page_size) {
            Ok(0) => self.size_default,
            Ok(size) if size <= self.size_max => size,
            _ => {
                let description = format!("expected 0 to {}", self.size_max);
                return Err(
                    FieldViolation::new("page_size", "PAGE_SIZE_INVALID", description).into(),
                );
            }
        };
        let after = match page_token {
            "" => None,
            token => Some(self.key(token).ok_or_else(invalid_token)?),
        };
        Ok(Page {
            size: size.into(),
            after,
        })
    }

    /// Cuts rows that were read with [`Page::limit`] to the page, with the token of the next one.
    pub fn cut<T>(
        &self,
        page: &Page,
        mut rows: Vec<T>,
        key: impl Fn(&T) -> Vec<String>,
    ) -> (Vec<T>, String) {
        if rows.len() <= page.size {
            return (rows, String::new());
        }
        rows.truncate(page.size);
        let token = rows
            .last()
            .map(|last| self.token(&key(last)))
            .unwrap_or_default();
        (rows, token)
    }

    fn token(&self, key: &[String]) -> String {
        let key = key.join(&SEPARATOR.to_string());
        let mut token = hex::encode(&self.checksum(&key));
        token.push_str(&hex::encode(key.as_bytes()));
        token
    }

    fn key(&self, token: &str) -> Option<Vec<String>> {
        let bytes = hex::decode(token)?;
        let (checksum, key) = bytes.split_at_checked(CHECKSUM_BYTES)?;
        let key = std::str::from_utf8(key).ok()?;
        let parts: Vec<String> = key.split(SEPARATOR).map(Into::into).collect();
        (checksum == self.checksum(key) && parts.len() == self.key_parts).then_some(parts)
    }

    fn checksum(&self, key: &str) -> [u8; CHECKSUM_BYTES] {
        let mut hash = Sha256::new();
        for part in [self.name, self.filter, key] {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(run: &str) -> List<'_> {
        List::new("lines", run, 2)
    }

    fn key(parts: [&str; 2]) -> Vec<String> {
        parts.map(String::from).into()
    }

    #[test]
    fn a_token_leads_back_to_its_key() {
        let token = lines("run-1").token(&key(["91330100799655058B", "店"]));
        let page = lines("run-1").page(7, &token).unwrap();
        assert_eq!(page.size, 7);
        assert_eq!(page.after.unwrap(), ["91330100799655058B", "店"]);
    }

    #[test]
    fn a_token_of_another_list_and_a_made_up_one_are_refused() {
        let token = lines("run-1").token(&key(["a", "b"]));
        let mut edited = token.clone();
        edited.replace_range(token.len() - 1.., "3");
        let cases = [
            (lines("run-2"), token.as_str()),
            (lines("run-1"), &edited),
            (lines("run-1"), "x"),
            (lines("run-1"), "é"),
            (lines("run-1"), &token[1..]),
            (lines("run-1"), &token[..8]),
            (
                List {
                    name: "rows",
                    ..lines("run-1")
                },
                &token,
            ),
        ];
        for (list, token) in cases {
            let status = list.page(0, token).unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument, "{token}");
        }
    }

    #[test]
    fn a_page_is_cut_where_more_rows_follow() {
        let list = lines("r");
        let page = list.page(2, "").unwrap();
        let id = |row: &i32| key([&row.to_string(), "x"]);
        assert_eq!(list.cut(&page, vec![1, 2], id), (vec![1, 2], String::new()));
        let (rows, token) = list.cut(&page, vec![1, 2, 3], id);
        assert_eq!(rows, [1, 2]);
        assert_eq!(list.page(2, &token).unwrap().after.unwrap(), ["2", "x"]);
    }

    #[test]
    fn a_page_has_the_default_or_the_asked_size_within_the_bound() {
        assert_eq!(
            lines("r").page(0, "").unwrap(),
            Page {
                size: 100,
                after: None
            }
        );
        assert_eq!(lines("r").page(1_000, "").unwrap().size, 1_000);
        for size in [-1, 1_001, i32::MAX] {
            assert_eq!(
                lines("r").page(size, "").unwrap_err().code(),
                Code::InvalidArgument
            );
        }
    }
}
