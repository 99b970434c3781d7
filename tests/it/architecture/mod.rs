//! The architecture invariants of `ARCHITECTURE.md`, read from the sources.

mod source;

use std::{
    fs,
    path::{Path, PathBuf},
};

use source::{Source, Sources, rust_files};

const SERVICES: [&str; 3] = ["registry", "usage", "settlement"];

/// What a service's `domain` may use besides itself: values, and functions of values.
const DOMAIN_MAY_USE: [&str; 15] = [
    "core",
    "csv",
    "foldhash",
    "gazelle_kernel",
    "hex",
    "itoa",
    "quick_xml",
    "rust_xlsxwriter",
    "serde",
    "serde_json",
    "sha2",
    "std",
    "thiserror",
    "time",
    "uuid",
];

/// What reads a clock, draws a number or does I/O, though it is in a library that `domain` may use.
const IMPURE: [&str; 10] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "time::OffsetDateTime::now_utc",
    "uuid::Uuid::new_v4",
    "uuid::Uuid::now_v7",
];

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

fn service(name: &str) -> Sources {
    Sources::of_crate(&root(), &format!("services/{name}/src"))
}

/// Every name that a layer of a crate uses and must not.
fn breaches(sources: &Sources, layer: &str, forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources.iter().filter(|file| file.layer() == layer) {
        for used in &file.used {
            let name = sources.absolute(file, &used.segments).join("::");
            if forbidden(&name) {
                found.push(format!("{} uses {name}", file.at(used.line)));
            }
        }
    }
    found
}

fn within(name: &str, module: &str) -> bool {
    name.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[track_caller]
fn none(found: &[String]) {
    assert!(found.is_empty(), "{found:#?}");
}

fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let section = text.split("[dependencies]").nth(1).unwrap();
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
    for name in SERVICES {
        let sources = service(name);
        for layer in ["grpc", "app", "domain", "store"] {
            let files = sources.iter().filter(|file| file.layer() == layer);
            assert!(files.count() > 1, "{name} has no {layer}");
        }
    }
}

fn impure(sources: &Sources) -> Vec<String> {
    let external = |name: &str| {
        let first = name.split("::").next().unwrap_or_default();
        first.starts_with(|first: char| first.is_lowercase())
            && !["crate", "self", "super"].contains(&first)
            && !PRIMITIVES.contains(&first)
    };
    let allowed = |name: &str| DOMAIN_MAY_USE.iter().any(|library| within(name, library));
    let mut found = breaches(sources, "domain", |name| {
        external(name) && !allowed(name)
            || name.starts_with("crate::") && !within(name, "crate::domain")
            || IMPURE.iter().any(|impure| within(name, impure))
    });
    for file in sources.iter().filter(|file| file.layer() == "domain") {
        found.extend(
            file.awaits
                .iter()
                .map(|line| format!("{} waits", file.at(*line))),
        );
    }
    found
}

/// Types of the language, whose constants and functions look like names of a library.
const PRIMITIVES: [&str; 15] = [
    "bool", "char", "f64", "i128", "i16", "i32", "i64", "isize", "str", "u128", "u16", "u32",
    "u64", "u8", "usize",
];

#[test]
fn domain_is_pure() {
    for name in SERVICES {
        none(&impure(&service(name)));
    }
}

fn store_knows_too_much(sources: &Sources) -> Vec<String> {
    breaches(sources, "store", |name| {
        ["gazelle_proto", "tonic", "crate::grpc", "crate::app"]
            .iter()
            .any(|other| within(name, other))
    })
}

#[test]
fn store_does_not_know_the_contract() {
    for name in SERVICES {
        none(&store_knows_too_much(&service(name)));
    }
}

#[test]
fn app_does_not_know_the_contract() {
    for name in SERVICES {
        none(&breaches(&service(name), "app", |name| {
            ["gazelle_proto", "tonic", "crate::grpc"]
                .iter()
                .any(|other| within(name, other))
        }));
    }
}

fn grpc_knows_too_much(sources: &Sources) -> Vec<String> {
    breaches(sources, "grpc", |name| {
        ["sqlx", "crate::store", "gazelle_runtime::store"]
            .iter()
            .any(|other| within(name, other))
    })
}

#[test]
fn grpc_does_not_know_the_database() {
    for name in SERVICES {
        none(&grpc_knows_too_much(&service(name)));
    }
}

fn opens_transactions(file: &Source) -> Vec<String> {
    let calls = file.calls.iter();
    let calls = calls.filter(|(name, _)| name == "begin" || name == "begin_with");
    calls
        .map(|(name, line)| format!("{} calls {name}", file.at(*line)))
        .collect()
}

#[test]
fn only_app_and_the_ingest_writers_open_transactions() {
    for name in SERVICES {
        let sources = service(name);
        for layer in ["grpc", "store", "domain"] {
            let files = sources.iter().filter(|file| file.layer() == layer);
            let found: Vec<String> = files.flat_map(opens_transactions).collect();
            none(&found);
            none(&breaches(&sources, layer, |name| {
                name == "gazelle_runtime::store::begin"
                    || name == "gazelle_runtime::store::snapshot"
            }));
        }
    }
}

#[test]
fn services_meet_only_over_the_contract() {
    for name in SERVICES {
        let services = SERVICES.map(|other| format!("gazelle-{other}"));
        let mut others = dependencies(&format!("services/{name}/Cargo.toml"));
        others.retain(|dependency| services.contains(dependency));
        assert!(others.is_empty(), "{name} depends on {others:?}");
    }
}

#[test]
fn kernel_is_values_only_and_a_client_is_no_server() {
    for (manifest, forbidden) in [
        (
            "services/kernel/Cargo.toml",
            &["tokio", "sqlx", "tonic", "prost", "gazelle-proto"][..],
        ),
        (
            "services/client/Cargo.toml",
            &["sqlx", "gazelle-runtime"][..],
        ),
    ] {
        let mut found = dependencies(manifest);
        found.retain(|name| forbidden.contains(&name.as_str()));
        assert!(found.is_empty(), "{manifest} has {found:?}");
    }
}

/// The sources of all crates, each with where they are.
fn crates() -> Vec<(String, Sources)> {
    let folders = fs::read_dir(root().join("services")).unwrap();
    let services = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = services
        .map(|name| format!("services/{name}/src"))
        .collect();
    all.push("proto/src".to_owned());
    all.sort();
    let read = |src: String| (src.clone(), Sources::of_crate(&root(), &src));
    all.into_iter().map(read).collect()
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for (src, sources) in crates() {
        let circles = sources.circles();
        found.extend(circles.iter().map(|circle| format!("{src}: {circle:#?}")));
    }
    none(&found);
}

#[test]
fn a_file_holds_one_idea() {
    const LINES_MAX: usize = 450;
    const LINES_MEDIAN_MAX: usize = 150;
    let mut sizes = Vec::new();
    for (src, _) in crates() {
        for path in rust_files(&root().join(src)) {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
            sizes.push(lines);
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(
        median <= LINES_MEDIAN_MAX,
        "the median file has {median} lines"
    );
}

fn crate_of(files: &[(&str, &str)]) -> Sources {
    let read = |(module, text): &(&str, &str)| {
        let segments = module.split("::").filter(|part| !part.is_empty());
        let module: Vec<String> = segments.map(str::to_owned).collect();
        Source::read(Path::new(&format!("{}.rs", module.join("/"))), module, text)
    };
    Sources::new(files.iter().map(read).collect())
}

#[test]
fn an_import_is_seen_however_deep_it_is_nested() {
    for text in [
        "use crate::{app::App, store::{self, run::{Run, find}}};",
        "use crate::store as tables;",
        "use super::super::store::Run;",
        "fn f() { use crate::store::Run; }",
        "fn f() -> crate::store::Run { todo() }",
        "mod inner { use crate::{store::Run}; }",
        "use crate::{store}; fn f() { store::find(); }",
    ] {
        let sources = crate_of(&[("store", ""), ("store::run", ""), ("grpc::run", text)]);
        assert!(!grpc_knows_too_much(&sources).is_empty(), "{text}");
    }
    let fine = "#[cfg(test)] mod tests { use crate::store::Run; } use crate::app::App;";
    let sources = crate_of(&[("store", ""), ("grpc::run", fine)]);
    none(&grpc_knows_too_much(&sources));
}

#[test]
fn what_domain_may_not_use_is_seen() {
    for text in [
        "use {std::fs, gazelle_kernel::Fen};",
        "use gazelle_proto::usage::v1 as pb;",
        "use crate::{domain::run::Run, store::Run as Row};",
        "fn f() { time::OffsetDateTime::now_utc(); }",
        "async fn f() { g().await; }",
        "fn f() { sqlx::query!(\"select 1\"); }",
    ] {
        let sources = crate_of(&[("domain", ""), ("domain::run", text)]);
        assert!(!impure(&sources).is_empty(), "{text}");
    }
    let fine = "use std::fmt; use gazelle_kernel::Fen; use super::Year; fn f() { i64::from(1); }";
    none(&impure(&crate_of(&[
        ("domain", "struct Year;"),
        ("domain::run", fine),
    ])));
}

#[test]
fn a_circle_is_seen_through_what_a_module_hands_on() {
    let circles = |files: &[(&str, &str)]| crate_of(files).circles().len();
    let parent = ("a", "mod b; mod c; pub use b::B; pub use c::C;");
    let one = ("a::b", "use super::C; pub struct B;");
    assert_eq!(
        circles(&[parent, one, ("a::c", "use super::B; pub struct C;")]),
        1
    );
    assert_eq!(circles(&[parent, one, ("a::c", "pub struct C;")]), 0);
    let user = ("d", "use crate::a::B; pub struct D;");
    let back = ("a::b", "fn f() -> crate::d::D { todo() } pub struct B;");
    assert_eq!(circles(&[("a", "mod b; pub use b::B;"), user, back]), 1);
}
