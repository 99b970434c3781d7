//! The architecture invariants of `ARCHITECTURE.md`, read from the sources.

mod lines;
mod seen;
mod shown;
mod source;
mod sources;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use source::Source;
use sources::{Sources, rust_files};

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
const IMPURE: [&str; 13] = [
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "time::OffsetDateTime::now_local",
    "time::OffsetDateTime::now_utc",
    "time::UtcDateTime::now",
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
    breaches_in(sources, |file| file.layer() == layer, forbidden)
}

/// The same of some files.
fn breaches_in(
    sources: &Sources,
    which: impl Fn(&Source) -> bool,
    forbidden: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    for file in sources.iter().filter(|file| which(file)) {
        for used in &file.used {
            let names = sources.meanings(file, &used.within, &used.segments);
            let mut names = names.iter().map(|name| name.join("::"));
            if let Some(name) = names.find(|name| forbidden(name)) {
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

/// What a manifest depends on outside of tests, in whichever of TOML's forms.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let mut section = "";
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']');
            let table = section.split_once("dependencies.");
            found.extend(table.map(|(_, name)| name.trim_matches('"').to_owned()));
        } else if section.contains("dependencies") && !section.starts_with("dev-") {
            let (name, _) = line.split_once(['.', ' ', '=']).unwrap_or_default();
            found.push(name.trim_matches('"').to_owned());
            // Under another name.
            let package = line.split_once("package = \"");
            found.extend(package.and_then(|(_, rest)| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    found
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
        is_of_the_contract(name) || within(name, "crate::app")
    })
}

fn is_of_the_contract(name: &str) -> bool {
    [
        "gazelle_proto",
        "gazelle_runtime::status",
        "prost",
        "tonic",
        "crate::grpc",
    ]
    .iter()
    .any(|other| within(name, other))
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
        none(&breaches(&service(name), "app", is_of_the_contract));
    }
}

fn is_of_the_database(name: &str) -> bool {
    [
        "sqlx",
        "crate::store",
        "gazelle_runtime::database",
        "gazelle_runtime::store",
    ]
    .iter()
    .any(|other| within(name, other))
}

fn grpc_knows_too_much(sources: &Sources) -> Vec<String> {
    breaches(sources, "grpc", is_of_the_database)
}

#[test]
fn grpc_does_not_know_the_database() {
    for name in SERVICES {
        none(&grpc_knows_too_much(&service(name)));
    }
}

/// What begins a transaction: methods of a pool, and functions of `gazelle_runtime::store`.
const BEGINNINGS: [&str; 7] = [
    "begin",
    "begin_by_key",
    "begin_with",
    "snapshot",
    "snapshot_beside",
    "snapshot_for",
    "transaction",
];

/// Calls that begin a transaction, as a method or by name.
fn opens_transactions(file: &Source) -> Vec<String> {
    let methods = file.calls.iter().map(|(name, line)| (name, *line));
    let by_name = file.used.iter();
    let by_name = by_name.filter_map(|used| Some((used.segments.last()?, used.line)));
    let calls = methods.chain(by_name);
    calls
        .filter(|(name, _)| BEGINNINGS.contains(&name.as_str()))
        .map(|(name, line)| format!("{} calls {name}", file.at(line)))
        .collect()
}

/// What of a service opens transactions besides its `app`.
const OPENS_TRANSACTIONS: [(&str, &[&str]); 3] = [
    ("registry", &[]),
    ("usage", &["ingest", "metrics", "names"]),
    ("settlement", &[]),
];

#[test]
fn only_app_and_in_usage_what_writes_and_counts_opens_transactions() {
    for (name, others) in OPENS_TRANSACTIONS {
        let sources = service(name);
        let may = |layer: &str| layer == "app" || others.contains(&layer);
        let files = sources.iter().filter(|file| !may(file.layer()));
        let found: Vec<String> = files.flat_map(opens_transactions).collect();
        none(&found);
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

/// What this test cannot read, where it could hide anything.
fn unread(sources: &Sources) -> Vec<String> {
    let lines = |file: &Source| {
        let lines = file.unread.iter();
        lines.map(|line| file.at(*line)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(lines).collect()
}

#[test]
fn a_service_has_no_macros_of_its_own_and_includes_no_code() {
    for name in SERVICES {
        none(&unread(&service(name)));
    }
}

/// What checks the suite: each a crate of its own, beside those of the suite.
const CHECKS: [&str; 3] = ["tests/benches/ingest", "tests/it", "tests/src"];

/// The sources of all crates of the suite, each with where they are.
fn crates() -> Vec<(String, Sources)> {
    let folders = fs::read_dir(root().join("services")).unwrap();
    let services = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = services
        .map(|name| format!("services/{name}/src"))
        .collect();
    all.push("proto/src".to_owned());
    all.sort();
    all.iter().map(|src| read(src)).collect()
}

fn read(src: &str) -> (String, Sources) {
    (src.to_owned(), Sources::of_crate(&root(), src))
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for (src, sources) in crates().into_iter().chain(CHECKS.map(read)) {
        let circles = sources.circles();
        found.extend(circles.iter().map(|circle| format!("{src}: {circle:#?}")));
    }
    none(&found);
}

/// In the command line what fails, what is shown and in which words are of one piece.
#[test]
fn no_rooms_use_each_other_in_a_circle_but_those_of_the_command_line() {
    let mut found = Vec::new();
    for (src, sources) in crates() {
        if src != "services/cli/src" {
            let circles = sources.circles_of_rooms();
            found.extend(circles.iter().map(|circle| format!("{src}: {circle:#?}")));
        }
    }
    none(&found);
}

/// Names that more than one type of a crate has.
fn ambiguous(sources: &Sources) -> Vec<String> {
    let mut places = BTreeMap::<_, Vec<String>>::new();
    for file in sources.iter() {
        for (name, line) in &file.types {
            places.entry(name).or_default().push(file.at(*line));
        }
    }
    places.retain(|_, places| places.len() > 1);
    let found = places.iter();
    found
        .map(|(name, places)| format!("{name}: {places:?}"))
        .collect()
}

#[test]
fn a_name_of_a_type_means_one_thing_in_a_crate() {
    for (_, sources) in crates() {
        none(&ambiguous(&sources));
    }
}

#[test]
fn half_of_the_files_have_at_most_150_lines() {
    const LINES_MEDIAN_MAX: usize = 150;
    let mut sizes = Vec::new();
    for (src, _) in crates() {
        for path in rust_files(&root().join(src)) {
            sizes.push(fs::read_to_string(&path).unwrap().lines().count());
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(
        median <= LINES_MEDIAN_MAX,
        "the median file has {median} lines"
    );
}
