//! Documents and comments say what is true: the files, modules, targets and commands that they name
//! are there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{CommandFactory as _, error::ErrorKind};
use gazelle_cli::args::Args;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The files under a folder that git may know, with that ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut found = Vec::new();
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && name != ".git" {
                found.extend(files(&path, ending));
            }
        } else if name.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

/// Each document, with the folder that it is in.
fn documents() -> Vec<(PathBuf, String)> {
    let read = |path: PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    files(root(), ".md").into_iter().map(read).collect()
}

/// What stands between backticks within a line.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Where a link leads, without what is elsewhere.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.split("](").skip(1);
    let links = ends.filter_map(|rest| rest.split([')', '#']).next());
    links.filter(|link| !link.is_empty() && !link.contains("://"))
}

/// Whether it is a path from `folder` on: what it begins with is there.
fn begins(folder: &Path, path: &str) -> bool {
    let is_plain = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"_-.0123456789".contains(&byte))
    };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // Names of packages look like paths, and may begin like one.
    let known = if folder == root() {
        1
    } else {
        (parts.len() / 2).max(1)
    };
    path.contains('/')
        && !path.starts_with('/')
        && parts[0] != "target"
        && parts.iter().all(|part| is_plain(part))
        && folder.join(parts[..known].join("/")).exists()
}

/// Whether a file or a folder is there; a Rust file may be named as a module is.
fn exists(path: &Path) -> bool {
    path.exists() || path.with_extension("rs").exists()
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let mut missing = Vec::new();
    for (document, text) in documents() {
        let folder = document.parent().unwrap();
        let linked = links(&text).filter(|link| !folder.join(link).exists());
        missing.extend(linked.map(|link| (document.clone(), link.to_owned())));
        for path in code(&text) {
            let named: Vec<PathBuf> = [root(), folder]
                .iter()
                .filter(|from| begins(from, path))
                .map(|from| from.join(path))
                .collect();
            if !named.is_empty() && !named.iter().any(|path| exists(path)) {
                missing.push((document.clone(), path.to_owned()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What code names in its comments and texts as a file in a folder: from the root on, or from any
/// folder between it and the file.
#[test]
fn every_source_file_that_code_names_is_there() {
    let sources = files(root(), ".rs");
    let mut missing = Vec::new();
    for source in &sources {
        let text = fs::read_to_string(source).unwrap();
        let is_source = |name: &str| Path::new(name).extension().is_some_and(|it| it == "rs");
        let named = code(&text).filter(|name| name.contains('/') && is_source(name));
        let gone = named.filter(|name| !sources.iter().any(|path| path.ends_with(name)));
        missing.extend(gone.map(|name| (source.clone(), name.to_owned())));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_module_that_a_document_names_is_there() {
    let mut missing = Vec::new();
    for (document, text) in documents() {
        for path in code(&text).filter(|path| path.contains("::")) {
            let mut parts = path.split("::");
            let name = parts.next().unwrap().trim_start_matches("gazelle_");
            let source = root().join("services").join(name).join("src");
            let module = parts.next().unwrap_or_default();
            if source.exists() && !exists(&source.join(module)) {
                missing.push((document.clone(), path.to_owned()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What a document has people type, one command each, without what only a shell reads.
fn typed(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    let blocks = text.lines().filter(|line| line.starts_with("$ "));
    let lines = blocks.chain(code(&text).filter(|code| code.contains(' ')));
    let commands = lines.flat_map(|line| line.split(['|', ';', '&', '<', '>', '(', ')']));
    let words = |command: &str| -> Vec<String> {
        let words = command.trim_start_matches("$ ").split_whitespace();
        words
            .take_while(|word| !word.starts_with('#'))
            .map(|word| word.trim_matches(['"', '\'', '[', ']']).to_owned())
            .collect()
    };
    commands.map(words).collect()
}

/// Words in place of a subcommand.
const ANY_COMMAND: [&str; 2] = ["COMMAND", "$what"];

/// What is given to `gazelle`, with its name first, where a command runs it.
fn runs_gazelle(command: &[String]) -> Option<Vec<&str>> {
    let words = command.iter().map(String::as_str);
    let words: Vec<&str> = words
        .skip_while(|word| *word == "do")
        .filter(|word| *word != "...")
        .collect();
    let name = words.first()?.trim_start_matches("target/release/");
    let is_any = words.iter().any(|word| ANY_COMMAND.contains(word));
    (name == "gazelle" && !is_any).then_some(words)
}

#[test]
fn every_command_that_a_document_has_people_type_is_one() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (document, text) in documents() {
        for command in typed(&text) {
            if command.first().is_some_and(|word| word == "make") {
                let target = command.get(1).cloned().unwrap_or_default();
                if !makefile.contains(&format!("\n{target}:")) {
                    wrong.push((document.clone(), command.join(" ")));
                }
            }
            let Some(words) = runs_gazelle(&command) else {
                continue;
            };
            seen += 1;
            let read = Args::command().try_get_matches_from(words);
            let kind = read.err().map(|error| error.kind());
            if matches!(
                kind,
                Some(ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument)
            ) {
                wrong.push((document.clone(), command.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "{seen} commands are hardly all");
}
