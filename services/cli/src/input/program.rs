//! A program as a JSON file, as people write and read it: the contract's message, with its enums
//! by name, and the lists that narrow a program under shorter keys.
//!
//! Unknown keys are refused, so that a misspelt one is not a silent default.

use std::io::Read as _;
use std::path::Path;

use gazelle_proto::settlement::v1 as pb;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::{FileKind, kind};
use super::stamp::Stamp;
use super::text;
use crate::failure::Failure;
use crate::files::unreadable;
use crate::output::note;
use crate::words;

/// Longest program file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What the contract calls the fields of a file.
pub const FIELD_NAMES: [(&str, &str); 5] = [
    ("program.platform_ids", "platforms"),
    ("program.district_code_prefixes", "districts"),
    ("program.industry_code_prefixes", "industries"),
    ("program.excluded_program_ids", "excludes"),
    ("program.", ""),
];

/// A program of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProgramFile(#[serde(with = "Shape")] pub pb::Program);

#[derive(Serialize, Deserialize)]
#[serde(remote = "pb::Program", deny_unknown_fields)]
struct Shape {
    program_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    name_zh: String,
    valid_from: String,
    /// Empty or null: unbounded.
    #[serde(default, deserialize_with = "null_is_empty")]
    valid_to: String,
    #[serde(default, rename = "platforms")]
    platform_ids: Vec<String>,
    #[serde(default, rename = "districts")]
    district_code_prefixes: Vec<String>,
    #[serde(default, rename = "industries")]
    industry_code_prefixes: Vec<String>,
    #[serde(with = "size_classes")]
    size_classes: Vec<i32>,
    #[serde(with = "shares")]
    shares: Vec<pb::Share>,
    #[serde(default)]
    enterprise_year_cap_fen: i64,
    #[serde(default, with = "budgets")]
    budgets: Vec<pb::Budget>,
    #[serde(with = "allocation")]
    allocation: i32,
    #[serde(with = "payee")]
    payee: i32,
    #[serde(default, rename = "excludes")]
    excluded_program_ids: Vec<String>,
    /// A week where the file is silent: skipping public notice has to be asked for.
    #[serde(default = "a_week")]
    notice_days: i32,
    #[serde(default)]
    payment_min_fen: i64,
    #[serde(
        default,
        serialize_with = "payer_to",
        deserialize_with = "payer_from",
        skip_serializing_if = "Option::is_none"
    )]
    payer: Option<pb::Payer>,
    // What `program show` adds is no part of a program, and is not read: it can be applied again.
    #[serde(default, skip_serializing, deserialize_with = "passed_over")]
    version: i32,
    #[serde(default, skip_serializing, deserialize_with = "passed_over")]
    applied_by: String,
    #[serde(default, skip_serializing, deserialize_with = "passed_over")]
    applied_at: Option<prost_types::Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "pb::Share", deny_unknown_fields)]
struct Share {
    fee_kind: String,
    government_bps: i32,
    platform_bps: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "pb::Budget", deny_unknown_fields)]
struct Budget {
    year: i32,
    amount_fen: i64,
    #[serde(with = "release")]
    release: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "pb::Payer", deny_unknown_fields)]
struct Payer {
    account_name: String,
    account_number: String,
    bank_code: String,
    bank_name: String,
}

fn passed_over<'de, D: Deserializer<'de>, T: Default>(deserializer: D) -> Result<T, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| T::default())
}

const fn a_week() -> i32 {
    7
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An enum of the contract by its name without the prefix that all of its names have.
macro_rules! by_name {
    ($module:ident, $name:ident, $type:ty, $prefix:literal) => {
        struct $name(i32);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let known = <$type>::try_from(self.0).unwrap_or_default();
                serializer.serialize_str(known.as_str_name().trim_start_matches($prefix))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                <$type>::from_str_name(&format!("{}{name}", $prefix))
                    .filter(|known| *known != <$type>::Unspecified)
                    .map(|known| Self(known.into()))
                    .ok_or_else(|| {
                        let known = (1..).map_while(|code| <$type>::try_from(code).ok());
                        let known = known.map(|it| it.as_str_name().trim_start_matches($prefix));
                        let known: Vec<_> = known.collect();
                        serde::de::Error::custom(unknown_name(&name, stringify!($module), &known))
                    })
            }
        }

        mod $module {
            use super::{Deserialize, Deserializer, Serialize, Serializer, $name};

            pub(super) fn serialize<S: Serializer>(it: &i32, to: S) -> Result<S::Ok, S::Error> {
                $name(*it).serialize(to)
            }

            pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
                Ok($name::deserialize(from)?.0)
            }
        }
    };
}

by_name!(size_class, SizeClassName, pb::SizeClass, "SIZE_CLASS_");
by_name!(release, ReleaseName, pb::Release, "RELEASE_");
by_name!(allocation, AllocationName, pb::Allocation, "ALLOCATION_");
by_name!(payee, PayeeName, pb::Payee, "PAYEE_");

fn unknown_name(name: &str, what: &str, known: &[&str]) -> String {
    let (what, known) = (what.replace('_', " "), known.join(", "));
    format!("{name:?} is no known {what}; known are {known}")
}

/// A list of things that have a shape.
macro_rules! of_shapes {
    ($module:ident, $item:ty, $shape:literal) => {
        mod $module {
            use super::{Deserialize, Deserializer, Serialize, Serializer};

            #[derive(Serialize, Deserialize)]
            struct Item(#[serde(with = $shape)] $item);

            pub(super) fn serialize<S: Serializer>(
                items: &[$item],
                to: S,
            ) -> Result<S::Ok, S::Error> {
                to.collect_seq(items.iter().cloned().map(Item))
            }

            pub(super) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<Vec<$item>, D::Error> {
                let items = Vec::<Item>::deserialize(from)?;
                Ok(items.into_iter().map(|item| item.0).collect())
            }
        }
    };
}

of_shapes!(size_classes, i32, "super::size_class");
of_shapes!(shares, super::pb::Share, "super::Share");
of_shapes!(budgets, super::pb::Budget, "super::Budget");

/// The payer of a program, who may be left out.
#[derive(Serialize, Deserialize)]
struct PayerItem(#[serde(with = "Payer")] pb::Payer);

#[expect(clippy::ref_option, reason = "serde hands over the field as it is")]
fn payer_to<S: Serializer>(payer: &Option<pb::Payer>, to: S) -> Result<S::Ok, S::Error> {
    payer.clone().map(PayerItem).serialize(to)
}

fn payer_from<'de, D: Deserializer<'de>>(from: D) -> Result<Option<pb::Payer>, D::Error> {
    Ok(Option::<PayerItem>::deserialize(from)?.map(|item| item.0))
}

impl ProgramFile {
    /// Reads a file. Refused as `FILE_UNREADABLE`, `FILE_KIND`, or as `PROGRAM_INVALID` with the
    /// place.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let other_kind = |what: &str| {
            let message = words::FILE_KIND_JSON.with(&[("path", &name), ("what", &what)]);
            Failure::new("FILE_KIND", message)
        };
        if path.is_dir() {
            return Err(other_kind(words::A_FOLDER.say()));
        }
        let mut bytes = Vec::new();
        let unreadable = |error| unreadable(path, &error);
        let (file, stamp) = Stamp::open(path).map_err(unreadable)?;
        file.take(FILE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if let Some(stamp) = stamp {
            stamp.check()?;
        }
        if bytes.len() as u64 > FILE_BYTES_MAX {
            let message = words::PROGRAM_TOO_LONG.with(&[("path", &name)]);
            return Err(Failure::new("PROGRAM_INVALID", message));
        }
        match kind(&bytes) {
            FileKind::Text => {}
            FileKind::Zip => return Err(other_kind(words::A_WORKBOOK.say())),
            // What begins as JSON does is one.
            FileKind::Other(what) if what == words::JSON.say() => {}
            FileKind::Other(what) => return Err(other_kind(&what)),
        }
        let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        if bare.trim_ascii().is_empty() {
            let message = words::FILE_IS_EMPTY.with(&[("path", &name)]);
            return Err(Failure::new("FILE_EMPTY", message));
        }
        // It is shown at once: the program itself has no place for it.
        let (json, notes) = text::in_utf8(&name, bytes)?;
        for text in notes {
            note(&text);
        }
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&json);
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(other_kind(words::NO_JSON_OBJECT.say()));
        }
        Self::parse(json)
            .map_err(|failure| failure.hint(&words::CORRECT_FILE.with(&[("path", &name)])))
    }

    fn parse(json: &[u8]) -> Result<Self, Failure> {
        let invalid = |what: String| Failure::new("PROGRAM_INVALID", what);
        let file: Self = serde_json::from_slice(json)
            .map_err(|error| Failure::said("PROGRAM_INVALID", &placed(json, &error)))?;
        if file.0.shares.is_empty() {
            return Err(invalid(words::NO_SHARES.say().to_owned()));
        }
        Ok(file)
    }
}

/// What is wrong with a file, with the key whose value it is.
fn placed(json: &[u8], error: &serde_json::Error) -> String {
    let what = error.to_string();
    let what = ["i32", "i64"].iter().fold(what, |what, number| {
        what.replace(&format!("expected {number}"), "expected a whole number")
    });
    // A key that is missing or unknown names itself, and what is no JSON has none.
    if !error.is_data() || what.contains(" field `") {
        return what;
    }
    match key_before(json, error.line(), error.column()) {
        Some(key) => format!("{key}: {what}"),
        None => what,
    }
}

/// The last key before a place, which JSON's reader counts from 1.
fn key_before(json: &[u8], line: usize, column: usize) -> Option<String> {
    let before: usize = json
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.checked_sub(1)?)
        .map(<[u8]>::len)
        .sum();
    let read = json.get(..(before + column).min(json.len()))?;
    let text = String::from_utf8_lossy(read);
    let mut parts: Vec<&str> = text.split('"').collect();
    // What follows a key begins with a colon.
    while let Some(after) = parts.pop() {
        if after.trim_start().starts_with(':') {
            return parts.pop().map(str::to_owned);
        }
    }
    None
}

#[cfg(test)]
#[path = "program_chinese_tests.rs"]
mod chinese_tests;

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
    fn a_file_that_is_no_json_object_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program.json");
        let refusal = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            ProgramFile::read(&path).unwrap_err()
        };
        for nothing in [&b""[..], b" \n", b"\xef\xbb\xbf"] {
            assert_eq!(refusal(nothing).reason(), "FILE_EMPTY", "{nothing:?}");
        }
        for other in [&b"program_id,name\na,b\n"[..], b"[]", b"\"x\"", b"\x89PNG"] {
            assert_eq!(refusal(other).reason(), "FILE_KIND", "{other:?}");
        }
        assert_eq!(refusal(b"{}").reason(), "PROGRAM_INVALID");
    }

    #[test]
    fn what_a_file_leaves_out_is_unbounded_and_on_notice_for_a_week() {
        let program = ProgramFile::parse(SHORT.as_bytes()).unwrap().0;
        assert_eq!((program.valid_to.as_str(), program.notice_days), ("", 7));
        assert_eq!(program.budgets[0].amount_fen, 4_000_000_000_000_000_000);
        assert!(program.platform_ids.is_empty() && program.excluded_program_ids.is_empty());
    }

    #[test]
    fn a_program_that_is_shown_can_be_applied_again() {
        let program = ProgramFile::parse(SHORT.as_bytes()).unwrap().0;
        let shown = serde_json::to_string(&ProgramFile(program.clone())).unwrap();
        assert_eq!(ProgramFile::parse(shown.as_bytes()).unwrap().0, program);
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
                refusal.starts_with("PROGRAM_INVALID: amount_fen: invalid ")
                    || refusal.starts_with("PROGRAM_INVALID: amount_fen: number out of range"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn a_program_that_shares_nothing_or_has_an_unknown_name_is_refused() {
        let share = r#"{"fee_kind": "COMMISSION", "government_bps": 1, "platform_bps": 2}"#;
        let none = refusal(&SHORT.replace(share, ""));
        assert!(none.starts_with("PROGRAM_INVALID: shares: none"), "{none}");
        for (name, wrong, told) in [
            (
                "MICRO",
                "TINY",
                "size_classes: \"TINY\" is no known size class; known are MICRO, SMALL",
            ),
            ("MICRO", "UNSPECIFIED", "is no known size class"),
            (
                "PRO_RATA",
                "pro_rata",
                "allocation: \"pro_rata\" is no known allocation",
            ),
            (
                "AT_ONCE",
                "at once",
                "release: \"at once\" is no known release; known are AT_ONCE, MONTHLY",
            ),
        ] {
            let refusal = refusal(&SHORT.replace(name, wrong));
            assert!(refusal.contains(told), "{refusal}");
        }
    }

    #[test]
    fn a_least_payment_and_a_payer_may_be_given() {
        let more = r#"{"payment_min_fen": 100, "payer": {"account_name": "区财政局",
            "account_number": "12345", "bank_code": "102331002013", "bank_name": "工行"}, "program_id""#;
        let program = ProgramFile::parse(SHORT.replace("{\"program_id\"", more).as_bytes())
            .unwrap()
            .0;
        assert_eq!(program.payment_min_fen, 100);
        assert_eq!(program.payer.unwrap().account_name, "区财政局");
    }
}
