//! What identifies a run's result: what an approver approves.

use std::fmt;

use gazelle_kernel::{ParseError, parse_digest};
use sha2::{Digest, Sha256};

use super::owed::Scope;
use crate::domain::rules::{
    render::{enterprises_csv, exclusions_csv, lines_csv},
    result::Settlement,
};

/// SHA-256 over the three result files, one after the other: `enterprises.csv`, `lines.csv`,
/// `exclusions.csv`; then, where there are any, over the months that were left out, and over the
/// platforms that the run has nothing of, as tables too. Their headers tell them apart, so no other
/// tables give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResultDigest([u8; 32]);

impl ResultDigest {
    /// The digest of a result; what an approver approves.
    #[must_use]
    pub fn of(settlement: &Settlement, scope: &Scope) -> Self {
        let mut hash = Sha256::new();
        hash.update(enterprises_csv(&settlement.enterprises));
        hash.update(lines_csv(&settlement.lines));
        hash.update(exclusions_csv(&settlement.exclusions));
        let left_out = scope.left_out.iter();
        let left_out = left_out.map(|owed| format!("{},{}", owed.platform_id, owed.period));
        add(&mut hash, "platform_id,period", left_out);
        let silent = scope.silent_platform_ids.iter().map(ToString::to_string);
        add(&mut hash, "silent_platform_id", silent);
        Self(hash.finalize().into())
    }

    /// A stored digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits in lower case; anything else is refused as `DIGEST_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse_digest(text).map(Self)
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ResultDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// What came of deciding a run again.
#[derive(Debug)]
pub struct Verified {
    /// The digest that is stored with the run; where the run's tables, as they are stored, have
    /// another one than was decided now, theirs.
    pub stored: ResultDigest,
    /// The digest of what was decided now; none where that was not possible, since something that
    /// the run was decided from is gone or another.
    pub recomputed: Option<ResultDigest>,
}

impl Verified {
    /// Whether both are the same.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.recomputed == Some(self.stored)
    }
}

/// Adds a table that has rows.
fn add(hash: &mut Sha256, header: &str, rows: impl Iterator<Item = String>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        for line in std::iter::once(header.to_owned()).chain(rows) {
            hash.update(line);
            hash.update("\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Fen;

    use super::*;
    use crate::domain::{
        fixture::{period, platform, settlement},
        run::OwedPeriod,
    };

    fn left_out(text: &str) -> Scope {
        let owed = OwedPeriod {
            platform_id: platform("alpha-mall"),
            period: period(text),
        };
        Scope {
            left_out: vec![owed],
            ..Scope::default()
        }
    }

    fn silent(id: &str) -> Scope {
        Scope {
            silent_platform_ids: vec![platform(id)],
            ..Scope::default()
        }
    }

    #[test]
    fn the_digest_is_that_of_the_files_one_after_the_other() {
        let digest = ResultDigest::of(&settlement(), &Scope::default());
        assert_eq!(
            digest.to_string(),
            "845a04b0008861592f95dc824eba9945dc473caedbf435a26ccd96a1fba6a9b0"
        );
        assert_eq!(ResultDigest::parse(&digest.to_string()), Ok(digest));
        let mut other = settlement();
        other.lines[0].enterprise_fen = Fen::new(66);
        assert_ne!(ResultDigest::of(&other, &Scope::default()), digest);
    }

    #[test]
    fn what_was_left_out_and_who_was_silent_are_part_of_the_digest() {
        let scopes = [
            Scope::default(),
            left_out("2025-01"),
            left_out("2025-02"),
            silent("alpha-mall"),
            silent("beta-pay"),
        ];
        let digests = scopes.map(|scope| ResultDigest::of(&settlement(), &scope));
        let different: std::collections::BTreeSet<_> = digests.into_iter().collect();
        assert_eq!(different.len(), 5);
    }

    #[test]
    fn other_texts_are_no_digests() {
        for text in [
            "",
            "00",
            &"g".repeat(64),
            &"A".repeat(64),
            &"0".repeat(65),
            &"杭".repeat(22),
        ] {
            assert_eq!(
                ResultDigest::parse(text).map_err(|e| e.reason()),
                Err("DIGEST_INVALID"),
                "{text:?}"
            );
        }
    }
}
