//! A program as a JSON file, as people write and read it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use gazelle_proto::settlement::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Longest program file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A program. Unknown keys are refused, so that a misspelt one is not a silent default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramFile {
    program_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    name_zh: String,
    valid_from: String,
    /// Empty or null: unbounded.
    #[serde(default)]
    valid_to: Option<String>,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(default)]
    districts: Vec<String>,
    #[serde(default)]
    industries: Vec<String>,
    size_classes: Vec<SizeClass>,
    shares: Vec<Share>,
    #[serde(default)]
    enterprise_year_cap_fen: i64,
    #[serde(default)]
    budgets: Vec<Budget>,
    allocation: Allocation,
    payee: Payee,
    #[serde(default)]
    excludes: Vec<String>,
    /// A week where the file is silent: skipping public notice has to be asked for.
    #[serde(default = "a_week")]
    notice_days: i32,
}

const fn a_week() -> i32 {
    7
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    fee_kind: String,
    government_bps: i32,
    platform_bps: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    year: i32,
    amount_fen: i64,
    release: Release,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum SizeClass {
    Micro,
    Small,
    Medium,
    Large,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Release {
    AtOnce,
    Monthly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Allocation {
    FirstCome,
    ProRata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Payee {
    Enterprise,
    Platform,
}

impl ProgramFile {
    /// Reads a file. Refused as `FILE_UNREADABLE`, or as `PROGRAM_INVALID` with the place.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(|error| {
                let message = format!("cannot read {}: {error}", path.display());
                Failure::new("FILE_UNREADABLE", message)
            })?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            let message = format!("{} is too long for a program", path.display());
            return Err(Failure::new("PROGRAM_INVALID", message));
        }
        Self::parse(&bytes).map_err(|failure| failure.hint(&format!("correct {}", path.display())))
    }

    fn parse(json: &[u8]) -> Result<Self, Failure> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        serde_json::from_slice(json)
            .map_err(|error| Failure::new("PROGRAM_INVALID", error.to_string()))
    }
}

impl From<ProgramFile> for pb::Program {
    fn from(file: ProgramFile) -> Self {
        Self {
            program_id: file.program_id,
            name: file.name,
            name_zh: file.name_zh,
            valid_from: file.valid_from,
            valid_to: file.valid_to.unwrap_or_default(),
            platforms: file.platforms,
            districts: file.districts,
            industries: file.industries,
            size_classes: file
                .size_classes
                .into_iter()
                .map(|c| size_class(c).into())
                .collect(),
            shares: file.shares.into_iter().map(share).collect(),
            enterprise_year_cap_fen: file.enterprise_year_cap_fen,
            budgets: file.budgets.iter().map(budget).collect(),
            allocation: match file.allocation {
                Allocation::FirstCome => pb::Allocation::FirstCome,
                Allocation::ProRata => pb::Allocation::ProRata,
            }
            .into(),
            payee: match file.payee {
                Payee::Enterprise => pb::Payee::Enterprise,
                Payee::Platform => pb::Payee::Platform,
            }
            .into(),
            excludes: file.excludes,
            notice_days: file.notice_days,
            version: 0,
            applied_by: String::new(),
            applied_at: String::new(),
        }
    }
}

fn size_class(class: SizeClass) -> pb::SizeClass {
    match class {
        SizeClass::Micro => pb::SizeClass::Micro,
        SizeClass::Small => pb::SizeClass::Small,
        SizeClass::Medium => pb::SizeClass::Medium,
        SizeClass::Large => pb::SizeClass::Large,
    }
}

fn share(share: Share) -> pb::Share {
    pb::Share {
        fee_kind: share.fee_kind,
        government_bps: share.government_bps,
        platform_bps: share.platform_bps,
    }
}

fn budget(budget: &Budget) -> pb::Budget {
    pb::Budget {
        year: budget.year,
        amount_fen: budget.amount_fen,
        release: match budget.release {
            Release::AtOnce => pb::Release::AtOnce,
            Release::Monthly => pb::Release::Monthly,
        }
        .into(),
    }
}

/// The file that would apply the program again. Fails where the program has something that this
/// version of the contract does not know.
impl TryFrom<pb::Program> for ProgramFile {
    type Error = Failure;

    fn try_from(program: pb::Program) -> Result<Self, Failure> {
        let unknown = |what| {
            move || {
                Failure::new(
                    "PROGRAM_INVALID",
                    format!("the service sent {what} that is not known here"),
                )
            }
        };
        let allocation = match program.allocation() {
            pb::Allocation::FirstCome => Some(Allocation::FirstCome),
            pb::Allocation::ProRata => Some(Allocation::ProRata),
            pb::Allocation::Unspecified => None,
        };
        let payee = match program.payee() {
            pb::Payee::Enterprise => Some(Payee::Enterprise),
            pb::Payee::Platform => Some(Payee::Platform),
            pb::Payee::Unspecified => None,
        };
        let classes: Option<Vec<_>> = program.size_classes().map(known_size_class).collect();
        let budgets: Option<Vec<_>> = program.budgets.iter().map(known_budget).collect();
        Ok(Self {
            size_classes: classes.ok_or_else(unknown("a size class"))?,
            budgets: budgets.ok_or_else(unknown("a release"))?,
            allocation: allocation.ok_or_else(unknown("an allocation"))?,
            payee: payee.ok_or_else(unknown("a payee"))?,
            shares: program.shares.into_iter().map(known_share).collect(),
            program_id: program.program_id,
            name: program.name,
            name_zh: program.name_zh,
            valid_from: program.valid_from,
            valid_to: Some(program.valid_to),
            platforms: program.platforms,
            districts: program.districts,
            industries: program.industries,
            enterprise_year_cap_fen: program.enterprise_year_cap_fen,
            excludes: program.excludes,
            notice_days: program.notice_days,
        })
    }
}

fn known_size_class(class: pb::SizeClass) -> Option<SizeClass> {
    match class {
        pb::SizeClass::Unspecified => None,
        pb::SizeClass::Micro => Some(SizeClass::Micro),
        pb::SizeClass::Small => Some(SizeClass::Small),
        pb::SizeClass::Medium => Some(SizeClass::Medium),
        pb::SizeClass::Large => Some(SizeClass::Large),
    }
}

fn known_share(share: pb::Share) -> Share {
    Share {
        fee_kind: share.fee_kind,
        government_bps: share.government_bps,
        platform_bps: share.platform_bps,
    }
}

fn known_budget(budget: &pb::Budget) -> Option<Budget> {
    let release = match budget.release() {
        pb::Release::AtOnce => Release::AtOnce,
        pb::Release::Monthly => Release::Monthly,
        pb::Release::Unspecified => return None,
    };
    Some(Budget {
        year: budget.year,
        amount_fen: budget.amount_fen,
        release,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = r#"{"program_id": "a-share", "valid_from": "2025-01-01", "valid_to": null,
        "size_classes": ["MICRO"], "allocation": "PRO_RATA", "payee": "PLATFORM",
        "shares": [{"fee_kind": "COMMISSION", "government_bps": 1, "platform_bps": 2}],
        "budgets": [{"year": 2025, "amount_fen": 4000000000000000000, "release": "AT_ONCE"}]}"#;

    fn refusal(json: &str) -> String {
        ProgramFile::parse(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_a_file_leaves_out_is_unbounded_and_on_notice_for_a_week() {
        let program = pb::Program::from(ProgramFile::parse(SHORT.as_bytes()).unwrap());
        assert_eq!((program.valid_to.as_str(), program.notice_days), ("", 7));
        assert_eq!(program.budgets[0].amount_fen, 4_000_000_000_000_000_000);
        assert!(program.platforms.is_empty() && program.excludes.is_empty());
    }

    #[test]
    fn a_program_that_is_shown_can_be_applied_again() {
        let program = pb::Program::from(ProgramFile::parse(SHORT.as_bytes()).unwrap());
        let shown = serde_json::to_vec(&ProgramFile::try_from(program.clone()).unwrap()).unwrap();
        assert_eq!(
            pb::Program::from(ProgramFile::parse(&shown).unwrap()),
            program
        );
    }

    #[test]
    fn a_key_that_nobody_knows_is_refused_by_its_name() {
        let refusal = refusal(&SHORT.replace("\"valid_to\"", "\"valid_until\""));
        assert!(
            refusal.starts_with("PROGRAM_INVALID: unknown field `valid_until`"),
            "{refusal}"
        );
    }

    #[test]
    fn amounts_are_whole_numbers_of_64_bits() {
        for amount in ["1.5", "1e3", "9223372036854775808", "\"1\""] {
            let refusal = refusal(&SHORT.replace("4000000000000000000", amount));
            assert!(
                refusal.starts_with("PROGRAM_INVALID: invalid "),
                "{refusal}"
            );
        }
    }
}
