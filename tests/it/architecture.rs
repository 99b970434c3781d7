//! The architecture invariants of `ARCHITECTURE.md`, read from the sources.

use std::fs;
use std::path::{Path, PathBuf};

const SERVICES: [&str; 3] = ["registry", "usage", "settlement"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate is a folder of the workspace")
        .to_owned()
}

fn sources(under: &Path) -> Vec<PathBuf> {
    if under.is_file() {
        return vec![under.to_owned()];
    }
    let Ok(entries) = fs::read_dir(under) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    found.sort();
    found
}

/// Lines of code of a file, without comments and what follows `#[cfg(test)]`.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).expect("a readable source");
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.contains("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(at, line)| (at + 1, line.to_owned()))
        .collect()
}

/// Every place under the layer of any service where `forbidden` holds for a line of code.
fn violations(layer: &str, forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for service in SERVICES {
        let src = root().join("services").join(service).join("src");
        let mut files = sources(&src.join(layer));
        files.extend(sources(&src.join(format!("{layer}.rs"))));
        for file in files {
            for (at, line) in code(&file) {
                if forbidden(&line) {
                    found.push(format!("{}:{at}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    found
}

/// The names of a layer's own modules, of all services.
fn modules(layer: &str) -> Vec<String> {
    let folders = SERVICES.map(|service| root().join("services").join(service).join("src"));
    let files = folders.iter().flat_map(|src| sources(&src.join(layer)));
    let stem = |file: PathBuf| file.file_stem()?.to_str().map(str::to_owned);
    files.filter_map(stem).collect()
}

fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).expect("a readable manifest");
    let section = text
        .split("[dependencies]")
        .nth(1)
        .expect("a dependencies section");
    section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_service_has_the_four_layers() {
    for service in SERVICES {
        for layer in ["grpc", "app", "domain", "store"] {
            let src = root().join("services").join(service).join("src");
            let files =
                sources(&src.join(layer)).len() + sources(&src.join(format!("{layer}.rs"))).len();
            assert!(files > 0, "{service} has no {layer}");
        }
    }
}

#[test]
fn domain_is_pure() {
    const ALLOWED: [&str; 9] = [
        "std",
        "foldhash",
        "gazelle_kernel",
        "crate::domain",
        "super",
        "self",
        "sha2",
        "thiserror",
        "time",
    ];
    let own = modules("domain");
    let impure = violations("domain", |line| {
        let line = line.trim();
        // The first line of an import; a line of a text may begin with the same word.
        let import = line
            .strip_prefix("use ")
            .or_else(|| line.strip_prefix("pub use "))
            .filter(|path| path.ends_with([';', '{']));
        import.is_some_and(|path| {
            let first = path.split([':', ';']).next().unwrap_or_default();
            !path.starts_with(|first: char| first.is_uppercase())
                && !own.iter().any(|module| module == first)
                && !ALLOWED.iter().any(|allowed| {
                    path.strip_prefix(allowed)
                        .is_some_and(|rest| rest.starts_with("::") || rest.starts_with(';'))
                })
        }) || [
            "sqlx::",
            "tokio::",
            "tonic::",
            "gazelle_proto",
            ".await",
            "now_utc",
            "std::fs",
            "std::time::",
        ]
        .iter()
        .any(|name| line.contains(name))
    });
    assert!(impure.is_empty(), "{impure:#?}");
}

#[test]
fn store_does_not_know_the_contract() {
    let found = violations("store", |line| {
        line.contains("gazelle_proto") || line.contains("tonic::")
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn grpc_does_not_know_the_database() {
    let found = violations("grpc", |line| {
        line.contains("sqlx") || line.contains("crate::store")
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn only_app_and_the_ingest_writers_open_transactions() {
    for layer in ["grpc", "store", "domain"] {
        let found = violations(layer, |line| {
            line.contains(".begin(") || line.contains(".begin_with(")
        });
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn services_meet_only_over_the_contract() {
    for service in SERVICES {
        let others: Vec<String> = dependencies(&format!("services/{service}/Cargo.toml"))
            .into_iter()
            .filter(|name| {
                SERVICES
                    .iter()
                    .any(|other| *name == format!("gazelle-{other}"))
            })
            .collect();
        assert!(others.is_empty(), "{service} depends on {others:?}");
    }
}

#[test]
fn kernel_is_values_only() {
    for name in dependencies("services/kernel/Cargo.toml") {
        assert!(
            !["tokio", "sqlx", "tonic", "prost", "gazelle-proto"].contains(&name.as_str()),
            "kernel depends on {name}"
        );
    }
}
