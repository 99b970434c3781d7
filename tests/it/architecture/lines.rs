//! What the lines of all files keep, those of tests too.

use std::{fs, path::PathBuf};

use syn::{
    ItemFn,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use super::{none, root, sources::files};

/// The files of the repository of one kind, with their texts.
fn texts(extension: &str) -> Vec<(PathBuf, String)> {
    let folders = ["deploy", "proto", "services", "tests"];
    let paths = folders
        .iter()
        .flat_map(|folder| files(&root().join(folder), extension));
    let read = |path: PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    paths.map(read).collect()
}

#[test]
fn no_file_has_more_than_450_lines() {
    const LINES_MAX: usize = 450;
    let mut found = Vec::new();
    for (path, text) in ["proto", "rs", "sql"].into_iter().flat_map(texts) {
        let count = text.lines().count();
        if count > LINES_MAX {
            found.push(format!("{} has {count} lines", path.display()));
        }
    }
    none(&found);
}

/// Where lines of files of a kind are such as they are not to be.
fn lines(extension: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in texts(extension) {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| is_wrong(line));
        found.extend(lines.map(|(number, _)| format!("{}:{number}", path.display())));
    }
    found
}

/// Whether a line has a comment, and is too wide to be read beside another file.
fn is_too_wide(line: &str, begin: &str) -> bool {
    const COLUMNS_MAX: usize = 100;
    let has_comment = line.trim_start().starts_with(begin) || line.contains(&format!(" {begin} "));
    has_comment && line.chars().count() > COLUMNS_MAX
}

#[test]
fn a_comment_fits_into_100_columns() {
    none(&lines("rs", |line| is_too_wide(line, "//")));
    none(&lines("sql", |line| is_too_wide(line, "--")));
    none(&lines("proto", |line| is_too_wide(line, "//")));
    let long = "x".repeat(98);
    assert!(is_too_wide(&format!("/// {long}"), "//"));
    assert!(is_too_wide(&format!("{long} -- y"), "--"));
    assert!(!is_too_wide(&format!("let url = \"http://{long}\";"), "//"));
    assert!(!is_too_wide(&format!("//{long}"), "//"));
}

/// Whether a line names what a module of tests has, which is that module's alone.
fn names_tests(line: &str) -> bool {
    let names = |(before, _): (&str, &str)| {
        !before.contains('"')
            && !before.ends_with(|last: char| last == '_' || last.is_alphanumeric())
    };
    line.split_once("tests::").is_some_and(names)
}

#[test]
fn what_modules_of_tests_share_is_in_none_of_them() {
    none(&lines("rs", names_tests));
    assert!(names_tests("use crate::tls::tests::authority::server;"));
    assert!(names_tests("        tests::{Suite, suite_with},"));
    assert!(!names_tests("use gazelle_tests::fresh;"));
    assert!(!names_tests("let name = \"port::accept::tests::some\";"));
}

/// Functions of tests, by name and first line, which have more lines than one takes in.
#[derive(Default)]
struct Long(Vec<(String, usize)>);

impl<'a> Visit<'a> for Long {
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        const LINES_MAX: usize = 60;
        let is_test = |path: &syn::Path| path.segments.last().is_some_and(|it| it.ident == "test");
        let first = item.sig.span().start().line;
        let lines = item.block.span().end().line + 1 - first;
        if lines > LINES_MAX && item.attrs.iter().any(|it| is_test(it.path())) {
            self.0.push((item.sig.ident.to_string(), first));
        }
        visit::visit_item_fn(self, item);
    }
}

fn long(text: &str) -> Vec<(String, usize)> {
    let mut found = Long::default();
    found.visit_file(&syn::parse_str(text).unwrap());
    found.0
}

#[test]
fn a_test_has_at_most_60_lines() {
    let mut found = Vec::new();
    for (path, text) in texts("rs") {
        let long = long(&text).into_iter();
        found.extend(long.map(|(name, line)| format!("{}:{line} {name}", path.display())));
    }
    none(&found);
    let of_lines =
        |count: usize| format!("#[tokio::test]\nasync fn f() {{{}}}", "\n".repeat(count));
    assert_eq!(long(&of_lines(59)), []);
    assert_eq!(long(&of_lines(60)), [("f".to_owned(), 2)]);
    assert_eq!(long(&format!("mod tests {{ {} }}", of_lines(60))).len(), 1);
}
