//! Pages of lists: how many rows, and after which key.
//!
//! A token is the key of a page's last row, bound to its list and filter by a checksum: one that
//! another list handed out, or that was changed or made up, is refused and never misread. It
//! protects nothing; whoever makes one up reads what they may read anyway.

use gazelle_proto::access::ErrorReason;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};

use crate::status::{FieldViolation, Refusal};

const CHECKSUM_BYTES: usize = 8;

/// Separates the parts of a key. No part holds one: PostgreSQL has no text with it.
const SEPARATOR: &str = "\0";

/// A list, with what it is filtered by: what a token is good for.
#[derive(Debug, Clone)]
pub struct List {
    /// Has taken in the name and the filter.
    hash: Sha256,
    size_default: u16,
    size_max: u16,
}

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    size: u16,
    after: Option<String>,
}

impl List {
    /// The list of this name, one for each RPC, filtered so: 100 rows a page where the request
    /// says 0, and at most 1,000.
    #[must_use]
    pub fn new(name: &'static str, filter: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in [name].iter().chain(filter) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self {
            hash,
            size_default: 100,
            size_max: 1_000,
        }
    }

    /// The same, with that many rows a page where the request says 0, and at most.
    #[must_use]
    pub fn sized(self, size_default: u16, size_max: u16) -> Self {
        Self {
            size_default,
            size_max,
            ..self
        }
    }

    /// Reads the page of a request. A size out of bounds is refused as `PAGE_SIZE_INVALID`, a
    /// token that this list did not hand out as `PAGE_TOKEN_INVALID`.
    pub fn page(&self, page_size: i32, page_token: &str) -> Result<Page, Status> {
        let size = match u16::try_from(page_size) {
            Ok(0) => self.size_default,
            Ok(size) if size <= self.size_max => size,
            Ok(_) | Err(_) => {
                let expected = format!(
                    "expected 1 to {} rows, or 0 for {}",
                    self.size_max, self.size_default
                );
                return Err(FieldViolation::new("page_size", "PAGE_SIZE_INVALID", expected).into());
            }
        };
        let after = match page_token {
            "" => None,
            token => Some(self.key(token).ok_or_else(invalid_token)?),
        };
        Ok(Page { size, after })
    }

    /// Cuts rows that were read with [`Page::limit`] to the page, with the token of the next one;
    /// empty: none follows.
    pub fn cut<T, const N: usize>(
        &self,
        page: &Page,
        mut rows: Vec<T>,
        key: impl FnOnce(&T) -> [String; N],
    ) -> (Vec<T>, String) {
        let more = rows.len() > usize::from(page.size);
        rows.truncate(page.size.into());
        let last = rows.last().filter(|_| more);
        let token = last.map_or_else(String::new, |last| self.token(&key(last)));
        (rows, token)
    }

    /// The token of the page after the row with this key.
    #[must_use]
    pub fn token(&self, key: &[String]) -> String {
        self.token_of(&key.join(SEPARATOR))
    }

    fn token_of(&self, key: &str) -> String {
        let digest = self.hash.clone().chain_update(key).finalize();
        hex::encode(&digest[..CHECKSUM_BYTES]) + &hex::encode(key)
    }

    fn key(&self, token: &str) -> Option<String> {
        let key = hex::decode(token.get(2 * CHECKSUM_BYTES..)?).ok()?;
        let key = String::from_utf8(key).ok()?;
        (self.token_of(&key) == token).then_some(key)
    }
}

impl Page {
    /// Rows of the page.
    #[must_use]
    pub fn size(&self) -> i64 {
        self.size.into()
    }

    /// Rows to read: one more than the page has, which tells whether another page follows.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.size() + 1
    }

    /// The key of the last row of the page before, by `read` from its parts; none: the first page.
    pub fn after<T, const N: usize>(
        &self,
        read: impl FnOnce([&str; N]) -> Option<T>,
    ) -> Result<Option<T>, Status> {
        let Some(key) = &self.after else {
            return Ok(None);
        };
        let parts: Vec<&str> = key.split(SEPARATOR).collect();
        let key = parts.try_into().ok().and_then(read);
        key.map(Some).ok_or_else(invalid_token)
    }
}

fn invalid_token() -> Status {
    let message = "page_token: not one that this list handed out; pass the `next_page_token` of \
                   the page before";
    Refusal::shared(
        Code::InvalidArgument,
        ErrorReason::PageTokenInvalid,
        message,
    )
    .into()
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use super::*;

    fn lines(run: &str) -> List {
        List::new("lines", &[run])
    }

    fn key(parts: [&str; 2]) -> [String; 2] {
        parts.map(Into::into)
    }

    fn after(page: &Page) -> Option<[String; 2]> {
        page.after(|parts| Some(key(parts))).unwrap()
    }

    fn token_refused(result: Result<impl std::fmt::Debug, Status>, list: &str) {
        let status = result.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{list}");
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, "PAGE_TOKEN_INVALID", "{list}");
    }

    #[test]
    fn a_token_leads_back_to_its_key() {
        let token = lines("run-1").token(&key(["91330100799655058B", "店铺 7"]));
        let page = lines("run-1").page(7, &token).unwrap();
        assert_eq!((page.size(), page.limit()), (7, 8));
        assert_eq!(after(&page), Some(key(["91330100799655058B", "店铺 7"])));
        assert_eq!(after(&lines("run-1").page(7, "").unwrap()), None);
    }

    #[test]
    fn a_token_of_another_list_and_a_made_up_one_are_refused() {
        let list = || List::new("records", &["mall", "2017-03"]);
        let token = list().token(&key(["a", "z"]));
        let mut edited = token.clone();
        edited.replace_range(token.len() - 1.., "0");
        assert!(list().page(0, &token).is_ok());
        for (list, token) in [
            (List::new("records", &["mall", "2017-04"]), token.as_str()),
            (List::new("records", &["mall2017-03", ""]), &token),
            (List::new("refused", &["mall", "2017-03"]), &token),
            (list(), &edited),
            (list(), &token.to_uppercase()),
            (list(), &token[1..]),
            (list(), &token[2..]),
            (list(), &token[..8]),
            (list(), "00"),
            (list(), "x"),
            (list(), "é"),
        ] {
            token_refused(list.page(0, token), token);
        }
    }

    #[test]
    fn a_key_of_other_parts_or_values_is_refused() {
        let token = lines("r").token(&key(["a", "b"]));
        let page = lines("r").page(0, &token).unwrap();
        token_refused(page.after(|[_]| Some(())), "one part");
        token_refused(page.after(|[_, _, _]| Some(())), "three parts");
        token_refused(page.after(|[_, _]| None::<()>), "no value");
    }

    #[test]
    fn a_page_is_cut_where_more_rows_follow() {
        let list = lines("r");
        let page = list.page(2, "").unwrap();
        let id = |row: &i32| key([&row.to_string(), "x"]);
        assert_eq!(list.cut(&page, vec![1, 2], id), (vec![1, 2], String::new()));
        let (rows, token) = list.cut(&page, vec![1, 2, 3], id);
        assert_eq!(rows, [1, 2]);
        assert_eq!(after(&list.page(2, &token).unwrap()), Some(key(["2", "x"])));
    }

    #[test]
    fn a_page_has_the_default_or_the_asked_size_within_the_bound_of_its_list() {
        let small = lines("r");
        let large = lines("r").sized(1_000, 5_000);
        let size = |list: &List, asked| list.page(asked, "").map(|page| page.size()).ok();
        assert_eq!(
            [0, 1, 1_000].map(|asked| size(&small, asked)),
            [100, 1, 1_000].map(Some)
        );
        assert_eq!(
            [0, 1, 5_000].map(|asked| size(&large, asked)),
            [1_000, 1, 5_000].map(Some)
        );
        for (list, asked) in [
            (&small, -1),
            (&small, 1_001),
            (&large, 5_001),
            (&small, 65_536),
            (&small, i32::MIN),
            (&small, i32::MAX),
        ] {
            let status = list.page(asked, "").unwrap_err();
            let fields = status.get_details_bad_request().unwrap().field_violations;
            assert_eq!(fields[0].field, "page_size", "{asked}");
            assert_eq!(fields[0].reason, "PAGE_SIZE_INVALID", "{asked}");
        }
    }
}
