//! What the services and their databases tell those who run them, kept in one folder a run, and
//! looked through for what is somebody's.
//!
//! No list of values is needed: what belongs to enterprises and persons is told from its form.
//! Codes have their check character (or the beginning of those of [`fresh`]), names and banks are
//! Chinese, accounts' numbers are long, amounts are in fen. What services say is English.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use std::{env, process};

use crate::fresh;

/// What a line shows, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Leak {
    /// The file that has it.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub what: &'static str,
    /// The line itself.
    pub text: String,
}

/// Where all of it is kept: beside the binaries.
#[must_use]
pub fn folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    let folder = program.parent().unwrap();
    let beside = if folder.ends_with("deps") {
        folder.parent().unwrap()
    } else {
        folder
    };
    beside.join("test-logs")
}

/// A file to keep there.
#[must_use]
pub fn file(name: &str) -> PathBuf {
    fs::create_dir_all(folder()).unwrap();
    folder().join(name)
}

/// Keeps a text, behind others of this process and name.
pub fn keep(name: &str, text: &str) {
    let name = format!("{}-{name}", process::id());
    let options = File::options().create(true).append(true).open(file(&name));
    writeln!(options.unwrap(), "{text}").unwrap();
}

/// Keeps what services in this process log from here on, ours in every detail. Not of `sqlx`: a
/// statement of a test, with values in it, may be slow.
pub fn keep_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = File::create(file(&format!("{}-suite.log", process::id()))).unwrap();
        let _ = tracing_subscriber::fmt()
            .json()
            .with_env_filter("info,gazelle=debug,sqlx=error")
            .with_writer(Mutex::new(log))
            .try_init();
    });
}

/// Looks through a folder. How many files there are, and what leaked.
#[must_use]
pub fn scan(folder: &Path) -> (usize, Vec<Leak>) {
    let mut leaks = Vec::new();
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default();
    files.sort();
    for file in &files {
        let is_metrics = file.extension().is_some_and(|it| it == "metrics");
        let content = fs::read(file).unwrap();
        for (at, text) in String::from_utf8_lossy(&content).lines().enumerate() {
            let what = if is_metrics {
                // Figures are long as they like; what they are of is in the labels.
                look(text.rsplit_once('}').map_or("", |(labels, _)| labels))
            } else {
                look(text).or_else(|| amount(text))
            };
            leaks.extend(what.map(|what| Leak {
                file: file.clone(),
                line: at + 1,
                what,
                text: text.to_owned(),
            }));
        }
    }
    (files.len(), leaks)
}

/// What refusals for these reasons may show to whom they refuse, who sent it or reads it anyway;
/// the others show nothing that is somebody's.
const MAY_SHOW: [(&str, &[&str]); 24] = [
    // Repeat what was sent.
    ("INVALID_FIELD", &[CODE, NAME, NUMBER, AMOUNT]),
    ("PROGRAM_INVALID", &[NAME, NUMBER, AMOUNT]),
    ("ENTERPRISE_NOT_FOUND", &[CODE]),
    ("ENTERPRISE_NOT_IN_RUN", &[CODE]),
    ("ACCOUNT_NOT_FOUND", &[CODE]),
    ("ACCOUNT_NOT_PROPOSED", &[CODE]),
    ("OBJECTION_EXISTS", &[CODE]),
    ("OBJECTION_NOT_FOUND", &[CODE]),
    ("NOTHING_GRANTED", &[CODE]),
    ("SELF_APPROVAL", &[CODE, NAME]),
    ("IDENTITY_MISMATCH", &[NAME]),
    ("NOT_YOUR_PLATFORM", &[NAME]),
    ("ORDER_NOT_FOUND", &[NAME, NUMBER]),
    ("ANSWER_UNREADABLE", &[NAME, NUMBER]),
    // Whose account the order would not pay to, to who is to release it.
    ("ACCOUNT_CHANGED", &[CODE]),
    ("REVISION_AHEAD", &[NUMBER]),
    ("SEQUENCE_BROKEN", &[NUMBER]),
    // Whose the entry is that is wrong, and what was booked, to who re-adds the books.
    ("LEDGER_BROKEN", &[CODE, NUMBER, AMOUNT]),
    // Whose row is not what the trail says, which shop, and what its records come to, to who checks
    // it.
    ("CHAIN_BROKEN", &[CODE, NAME, NUMBER, AMOUNT]),
    // What the month's platform, and who seals it, compare.
    ("STATEMENT_MISMATCH", &[NUMBER, AMOUNT]),
    ("RECEIPT_MISMATCH", &[AMOUNT]),
    // A shop as its platform calls it, to who seals the month.
    ("TOTAL_OVERFLOW", &[NAME]),
    // What an order says of a payment, to who sent its answer.
    ("ANSWER_MISMATCH", &[NAME, AMOUNT]),
    ("PAYMENT_CLOSED", &[NAME]),
];

/// Hears a refusal. What it shows and must not is kept with what leaked, and of others the reason,
/// so that a scan finds the one and counts the other.
pub fn heard(reason: &str, text: &str) {
    keep("refusals", &heard_line(reason, text));
}

fn heard_line(reason: &str, text: &str) -> String {
    let known = MAY_SHOW.iter().find(|(it, _)| *it == reason);
    let may = known.map_or(&[][..], |(_, may)| may);
    let shown = all(text).into_iter().chain(amount(text));
    let too_much: Vec<_> = shown.filter(|it| !may.contains(it)).collect();
    if too_much.is_empty() {
        return reason.to_owned();
    }
    // Of one line, since each line of what is kept is looked through by itself.
    let text = text.replace(char::is_control, " ");
    format!("{reason} shows {too_much:?}: {text}")
}

const CODE: &str = "a code";
const NAME: &str = "a name";
const NUMBER: &str = "an account's number";
const AMOUNT: &str = "an amount";

fn look(text: &str) -> Option<&'static str> {
    all(text).first().copied()
}

/// Everything but amounts.
fn all(text: &str) -> Vec<&'static str> {
    // Parts of UUIDs may be digits alone.
    let words = || text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'));
    // No account has as many as a trace id, which is all zeros where nobody traces; none begins
    // as a segment of PostgreSQL's log of changes does.
    let is_number = |word: &str| {
        let is_long = (12..=30).contains(&word.len()) && !word.starts_with("0000000");
        is_long && word.bytes().all(|it| it.is_ascii_digit())
    };
    let is_chinese = |it| matches!(it, '\u{3400}'..='\u{9fff}');
    // Also inside of accounts' numbers.
    let has_code = text.contains(fresh::CODES_BEGIN)
        || words().any(|word| word.split('-').any(fresh::is_uscc));
    [
        (CODE, has_code),
        (NAME, text.chars().any(is_chinese)),
        (NUMBER, words().any(is_number)),
    ]
    .into_iter()
    .filter_map(|(what, is)| is.then_some(what))
    .collect()
}

fn amount(text: &str) -> Option<&'static str> {
    let said = text.match_indices(" fen").any(|(at, _)| {
        let before = text[..at].bytes().next_back();
        before.is_some_and(|it| it.is_ascii_digit())
    });
    (said || text.contains("_fen\":")).then_some(AMOUNT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk;

    #[test]
    fn what_is_somebodys_is_told_from_its_form_and_what_is_not_passes() {
        let code = fresh::uscc();
        for (text, what) in [
            (format!("Key (uscc)=({code}) exists"), "a code"),
            (fresh::irregular_uscc(), "a code"),
            ("杭州市西湖区龙井茶庄".to_owned(), "a name"),
            ("to 6222020200012345678".to_owned(), "an account's number"),
            (bulk::account_number(&code), "a code"),
        ] {
            assert_eq!(look(&text), Some(what), "{text}");
        }
        for text in [
            r#"{"timestamp":"2026-11-28T12:21:29.000001Z","run_id":"0197b1e2-1234-7123-8123-123456789012"}"#,
            r#""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736""#,
            r#""trace_id":"00000000000000000000000000000000""#,
            "invalid magic number 0000 in log segment 000000010000000000000002, offset 15450112",
            "INTERNATIONALIZATI and 65536 bytes",
        ] {
            assert_eq!(look(text).or_else(|| amount(text)), None, "{text}");
        }
        assert_eq!(amount("a grant of 1200 fen"), Some("an amount"));
        assert_eq!(amount(r#"{"granted_fen":12}"#), Some("an amount"));
    }

    #[test]
    fn what_is_planted_is_found_in_each_kind_of_file_that_is_kept() {
        let code = fresh::uscc();
        let name = "西湖区龙井茶庄";
        let planted = [
            (
                "7-suite.log",
                format!(r#"{{"fields":{{"message":"put {code}"}}}}"#),
            ),
            (
                "gazelle-a-registry.log",
                format!(r#"{{"fields":{{"cause":"Key (name)=({name})"}}}}"#),
            ),
            ("gazelle-a-up.log", "paid to 6222020200012345678".to_owned()),
            (
                "7-admin.metrics",
                format!("gazelle_held{{platform=\"{code}\"}} 1"),
            ),
            (
                "7-traces",
                format!("put_accounts Status [(\"holder\", \"{name}\")]"),
            ),
            (
                "gazelle-a-postgres.log",
                format!("DETAIL:  Key (uscc)=({code}) already exists."),
            ),
            (
                "gazelle-b-postgres.log",
                format!("CONTEXT:  COPY record, line 1: \"{name}\""),
            ),
            (
                "gazelle-c-postgres.log",
                format!("STATEMENT:  select '{name}'"),
            ),
            ("gazelle-d-usage.log", r#"{"granted_fen":120}"#.to_owned()),
        ];
        let folder = tempfile::tempdir().unwrap();
        for (file, line) in &planted {
            fs::write(folder.path().join(file), format!("before\n{line}\n")).unwrap();
        }
        let (count, leaks) = scan(folder.path());
        let mut found: Vec<_> = leaks.iter().map(|it| (it.file.clone(), it.line)).collect();
        let mut expected: Vec<_> = planted
            .map(|(file, _)| (folder.path().join(file), 2))
            .into();
        found.sort();
        expected.sort();
        assert_eq!((count, found), (expected.len(), expected));
    }

    #[test]
    fn a_refusal_shows_what_its_reason_may_and_what_else_it_shows_is_found() {
        let code = fresh::uscc();
        let found = |reason: &str, text: &str| {
            let line = heard_line(reason, text);
            look(&line).or_else(|| amount(&line))
        };
        let text = format!("no enterprise has the code {code}");
        assert_eq!(found("ENTERPRISE_NOT_FOUND", &text), None);
        assert_eq!(found("RUN_NOT_FOUND", &text), Some(CODE));
        let name = format!("{text}, which is 西湖区龙井茶庄's");
        assert!(found("ENTERPRISE_NOT_FOUND", &name).is_some());
        let number = "it has 6222020200012345678";
        assert_eq!(found("ACCOUNT_NOT_FOUND", number), Some(NUMBER));
        assert_eq!(found("OVERLOADED", "a grant of 12 fen"), Some(AMOUNT));
        let lines = heard_line("RUN_NOT_FOUND", &format!("here is\n{text}\n"));
        assert_eq!((lines.lines().count(), look(&lines)), (1, Some(CODE)));
    }

    #[test]
    fn a_leak_is_found_where_it_is_and_figures_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "a.metrics",
            "bytes{of=\"x\"} 18446744073709551615\nbytes 18446744073709551615",
        );
        write("b.log", &format!("{{}}\nno {} here", fresh::uscc()));
        let (count, leaks) = scan(folder.path());
        let found: Vec<_> = leaks.iter().map(|it| (it.line, it.what)).collect();
        assert_eq!((count, found), (2, vec![(2, "a code")]));
        assert!(leaks[0].file.ends_with("b.log"));
    }
}
