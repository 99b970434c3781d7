//! Which accounts somebody is shown the numbers of, as the trail has it before they are.

use gazelle_kernel::PayeeId;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::revision::Revision;

/// Accounts whose numbers are about to be shown: how many, and a digest of which.
#[derive(Debug, Default)]
pub struct Shown {
    row_count: u64,
    /// Of a line `PAYEE_ID VERSION` for each.
    hash: Sha256,
    /// The payee, while there is only one.
    payee: Option<PayeeId>,
    is_of_several: bool,
}

impl Shown {
    /// Adds a version of a payee's account; they come by payee and version.
    pub fn add(&mut self, payee: &PayeeId, version: i32) {
        self.row_count += 1;
        self.hash.update(format!("{payee} {version}\n"));
        self.is_of_several |= self.payee.as_ref().is_some_and(|other| other != payee);
        if self.payee.is_none() {
            self.payee = Some(payee.clone());
        }
    }

    /// Whether there is nothing to be shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.row_count == 0
    }

    /// The payee; `*` where there are several.
    #[must_use]
    pub fn subject(&self) -> &str {
        let payee = self.payee.as_ref().filter(|_| !self.is_of_several);
        payee.map_or("*", PayeeId::as_str)
    }

    /// What the trail has of it, as JSON: with the revision, the history of accounts tells which
    /// they were.
    #[must_use]
    pub fn content(&self, revision: Revision) -> String {
        let content = json!({
            "list": "account_numbers",
            "revision": revision.get(),
            "row_count": self.row_count,
            "versions_sha256": hex::encode(self.hash.clone().finalize()),
        });
        content.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(versions: &[(&str, i32)]) -> Shown {
        let mut shown = Shown::default();
        for (payee, version) in versions {
            shown.add(&PayeeId::parse(payee).expect("a payee"), *version);
        }
        shown
    }

    #[test]
    fn one_payee_is_named_and_several_are_counted_with_the_digest_that_sha256sum_makes() {
        assert!(shown(&[]).is_empty());
        assert_eq!(
            shown(&[("alpha-mall", 1), ("alpha-mall", 2)]).subject(),
            "alpha-mall"
        );
        let several = shown(&[("91330100799655058B", 2), ("alpha-mall", 1)]);
        assert_eq!(several.subject(), "*");
        // printf '91330100799655058B 2\nalpha-mall 1\n' | sha256sum
        let expected =
            r#"{"list":"account_numbers","revision":7,"row_count":2,"versions_sha256":"DIGEST"}"#;
        let digest = "d12391cd94eca5bbd3c4dfa309283122430743281d5b7fba288a620db43504b4";
        let revision = Revision::new(7).expect("a revision");
        assert_eq!(
            several.content(revision),
            expected.replace("DIGEST", digest)
        );
    }
}
