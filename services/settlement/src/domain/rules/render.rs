//! The result files of a run, and the digest that identifies them (`SETTLEMENT.md`, Result files).

use std::fmt::{self, Write};

use gazelle_kernel::ParseError;
use sha2::{Digest, Sha256};

use super::settle::{EnterpriseResult, Exclusion, Line, Settlement};

/// `enterprises.csv`. No field ever needs quotes: codes, ids and numbers hold none of `,"\n`.
#[must_use]
pub fn enterprises_csv(rows: &[EnterpriseResult]) -> String {
    table(
        "uscc,uncapped_fen,entitled_fen,granted_before_fen,due_fen,granted_fen,unfunded_fen",
        rows,
        |out, row| {
            let EnterpriseResult {
                uscc,
                uncapped_fen,
                entitled_fen,
                granted_before_fen,
                due_fen,
                granted_fen,
                unfunded_fen,
            } = row;
            writeln!(
                out,
                "{uscc},{uncapped_fen},{entitled_fen},{granted_before_fen},{due_fen},{granted_fen},{unfunded_fen}"
            )
        },
    )
}

/// `lines.csv`.
#[must_use]
pub fn lines_csv(rows: &[Line]) -> String {
    table(
        "uscc,platform_id,fee_kind,fee_fen,government_fen,platform_fen,enterprise_fen",
        rows,
        |out, row| {
            let Line {
                uscc,
                platform_id,
                fee_kind,
                fee_fen,
                government_fen,
                platform_fen,
                enterprise_fen,
            } = row;
            writeln!(
                out,
                "{uscc},{platform_id},{fee_kind},{fee_fen},{government_fen},{platform_fen},{enterprise_fen}"
            )
        },
    )
}

/// `exclusions.csv`.
#[must_use]
pub fn exclusions_csv(rows: &[Exclusion]) -> String {
    table(
        "reason,fee_fen",
        rows,
        |out, Exclusion { reason, fee_fen }| writeln!(out, "{reason},{fee_fen}"),
    )
}

fn table<T>(header: &str, rows: &[T], write: impl Fn(&mut String, &T) -> fmt::Result) -> String {
    let mut text = format!("{header}\n");
    for row in rows {
        write(&mut text, row).expect("a string takes all that is written to it");
    }
    text
}

/// SHA-256 over the three result files, one after the other: `enterprises.csv`, `lines.csv`,
/// `exclusions.csv`. Their headers tell them apart, so no other three files give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResultDigest([u8; 32]);

impl ResultDigest {
    /// The digest of a result; what an approver approves.
    #[must_use]
    pub fn of(settlement: &Settlement) -> Self {
        let mut hash = Sha256::new();
        hash.update(enterprises_csv(&settlement.enterprises));
        hash.update(lines_csv(&settlement.lines));
        hash.update(exclusions_csv(&settlement.exclusions));
        Self(hash.finalize().into())
    }

    /// A stored digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hexadecimal digits in lower case; anything else is refused as `DIGEST_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let invalid = || {
            ParseError::new(
                "DIGEST_INVALID",
                text,
                "64 hexadecimal digits in lower case",
            )
        };
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(invalid());
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| invalid())?;
        Ok(Self(bytes))
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ResultDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture::{kind, platform, uscc},
        rules::eligibility::ExclusionReason,
        rules::settle::Totals,
    };

    fn settlement() -> Settlement {
        let line = Line {
            uscc: uscc(0),
            platform_id: platform("alpha-mall"),
            fee_kind: kind("COMMISSION"),
            fee_fen: 100,
            government_fen: 30,
            platform_fen: 5,
            enterprise_fen: 65,
        };
        Settlement {
            enterprises: vec![],
            lines: vec![line],
            exclusions: vec![Exclusion {
                reason: ExclusionReason::NotEnrolled,
                fee_fen: -7,
            }],
            totals: Totals::default(),
        }
    }

    #[test]
    fn files_have_a_header_and_a_line_a_row() {
        let settlement = settlement();
        assert_eq!(
            enterprises_csv(&settlement.enterprises),
            "uscc,uncapped_fen,entitled_fen,granted_before_fen,due_fen,granted_fen,unfunded_fen\n"
        );
        assert_eq!(
            lines_csv(&settlement.lines),
            "uscc,platform_id,fee_kind,fee_fen,government_fen,platform_fen,enterprise_fen\n91330100799655058B,alpha-mall,COMMISSION,100,30,5,65\n"
        );
        assert_eq!(
            exclusions_csv(&settlement.exclusions),
            "reason,fee_fen\nNOT_ENROLLED,-7\n"
        );
    }

    #[test]
    fn the_digest_is_that_of_the_files_one_after_the_other() {
        let digest = ResultDigest::of(&settlement());
        assert_eq!(
            digest.to_string(),
            "845a04b0008861592f95dc824eba9945dc473caedbf435a26ccd96a1fba6a9b0"
        );
        assert_eq!(ResultDigest::parse(&digest.to_string()), Ok(digest));
        let mut other = settlement();
        other.lines[0].enterprise_fen += 1;
        assert_ne!(ResultDigest::of(&other), digest);
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
