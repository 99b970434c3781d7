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
    /// The file.
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

fn look(text: &str) -> Option<&'static str> {
    // Also inside of accounts' numbers.
    if text.contains(fresh::CODES_BEGIN) {
        return Some("a code");
    }
    if text.chars().any(|it| matches!(it, '\u{3400}'..='\u{9fff}')) {
        return Some("a name");
    }
    // Parts of UUIDs may be digits alone.
    let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'));
    for word in words {
        if word.split('-').any(fresh::is_uscc) {
            return Some("a code");
        }
        // No account has as many as a trace id, which is all zeros where nobody traces; none begins
        // as a segment of PostgreSQL's log of changes does.
        let is_long = (12..=30).contains(&word.len()) && !word.starts_with("0000000");
        if is_long && word.bytes().all(|it| it.is_ascii_digit()) {
            return Some("an account's number");
        }
    }
    None
}

fn amount(text: &str) -> Option<&'static str> {
    let said = text.match_indices(" fen").any(|(at, _)| {
        let before = text[..at].bytes().next_back();
        before.is_some_and(|it| it.is_ascii_digit())
    });
    (said || text.contains("_fen\":")).then_some("an amount")
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
