//! What the layers of a service show one another.

use std::collections::BTreeSet;

use super::{
    SERVICES, breaches_in, is_of_the_database, none, service, source::Source, sources::Sources,
    within,
};

/// What `app` shows that it must not: by the signature of a verb, by a field of what it hands out,
/// or handed on.
fn app_shows(sources: &Sources, forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let files = || sources.iter().filter(|file| file.layer() == "app");
    let exports = files()
        .flat_map(|file| &file.used)
        .filter(|used| used.is_open);
    let mut seen: BTreeSet<&str> = exports
        .filter_map(|used| used.imported_as.as_deref())
        .collect();
    seen.insert("App");
    let mut found = Vec::new();
    for file in files() {
        // What the room itself hands to its parent it hands to the whole crate.
        let is_parent_all = file.module.len() == 1;
        let exports = file.used.iter().filter(|used| used.reexport);
        let exports = exports.filter(|used| used.is_open || is_parent_all);
        let exports = exports.map(|used| (&used.within, &used.segments, used.line));
        let shown = file.shown.iter().filter(|shown| seen.contains(&*shown.by));
        let shown = shown.map(|shown| (&shown.within, &shown.segments, shown.line));
        for (within, segments, line) in shown.chain(exports) {
            let own = [&**within, &**segments].concat();
            let names = if file.defined.contains(&own) {
                vec![[&["crate".to_owned()], &*file.module, &*own].concat()]
            } else {
                sources.meanings(file, within, segments)
            };
            let mut names = names.iter().map(|name| name.join("::"));
            if let Some(name) = names.find(|name| forbidden(name)) {
                found.push(format!("{} shows {name}", file.at(line)));
            }
        }
        let opened = file.open_modules.iter();
        found.extend(opened.map(|line| format!("{} opens a module", file.at(*line))));
    }
    found
}

/// What failed in the database is shown, as the source of an error.
pub fn app_shows_the_database(sources: &Sources) -> Vec<String> {
    app_shows(sources, |name| {
        is_of_the_database(name) && name != "gazelle_runtime::store::StoreError"
    })
}

#[test]
fn app_shows_no_row() {
    for name in SERVICES {
        none(&app_shows_the_database(&service(name)));
    }
}

/// What `app` has to show besides the values of `domain`: itself, why a verb failed, and what is
/// still going on.
const OF_APP: [&str; 5] = [
    "crate::app::App",
    "crate::app::check::UsageCheck",
    "crate::app::error",
    "crate::app::stream::Streamed",
    "crate::app::trail::Stored",
];

pub fn app_shows_values_of_its_own(sources: &Sources) -> Vec<String> {
    app_shows(sources, |name| {
        within(name, "crate::app") && !OF_APP.iter().any(|own| within(name, own))
    })
}

/// What `grpc/parse` and `grpc/render` use of the crate besides values of `domain`.
pub fn translates_too_much(sources: &Sources) -> Vec<String> {
    let translates = |file: &Source| {
        let parts = ["parse", "render"].map(|part| vec!["grpc".to_owned(), part.to_owned()]);
        parts.iter().any(|part| file.module.starts_with(part))
    };
    breaches_in(sources, translates, |name| {
        within(name, "crate")
            && !["crate::domain", "crate::grpc"]
                .iter()
                .any(|it| within(name, it))
    })
}

#[test]
fn what_grpc_parses_and_shows_is_the_domains() {
    let services = SERVICES.map(service);
    let found = services.iter().flat_map(|sources| {
        let translated = translates_too_much(sources);
        translated
            .into_iter()
            .chain(app_shows_values_of_its_own(sources))
    });
    none(&found.collect::<Vec<_>>());
}
