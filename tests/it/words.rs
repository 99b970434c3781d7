//! What services say of trails and books that are not what was written has its Chinese.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Macro,
    visit::{self, Visit},
};

/// Where sentences are written in Rust.
const IN_RUST: [&str; 4] = [
    "runtime/src/audit/verify.rs",
    "settlement/src/domain/ledger/verify.rs",
    "usage/src/app/trail",
    "usage/src/domain/trail",
];

/// Where queries write them.
const IN_SQL: [&str; 3] = [
    "registry/src/store/comparison",
    "settlement/src/store/ledger/causes",
    "usage/src/store/trail",
];

/// A receipt in the middle of a sentence.
const RECEIPT: &str = "{} of {} fen with digest {}";

fn services() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../services")
}

/// The text of each file there.
fn sources(place: &Path) -> Vec<String> {
    if place.is_file() {
        return vec![fs::read_to_string(place).unwrap()];
    }
    let entries = fs::read_dir(place).unwrap();
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.flat_map(|path| sources(&path)).collect()
}

/// The literals among some tokens.
fn literals(tokens: TokenStream) -> Vec<String> {
    let of_token = |token| match token {
        TokenTree::Literal(literal) => syn::parse_str::<syn::LitStr>(&literal.to_string())
            .map(|text| vec![text.value()])
            .unwrap_or_default(),
        TokenTree::Group(group) => literals(group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(of_token).collect()
}

/// With nothing in its places.
fn bare(sentence: &str) -> String {
    let mut parts = sentence.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    let bare = parts.fold(first, |bare, part| {
        bare + "{}" + part.split_once('}').map_or("", |(_, after)| after)
    });
    bare.replace(RECEIPT, "{}")
}

/// What the code of a file says, but its tests.
#[derive(Default)]
struct Said(BTreeSet<String>);

impl<'a> Visit<'a> for Said {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        let is_test = |attribute: &Attribute| attribute.path().is_ident("cfg");
        if !module.attrs.iter().any(is_test) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_macro(&mut self, it: &'a Macro) {
        let sentence = literals(it.tokens.clone()).into_iter().next();
        if it.path.is_ident("format")
            && let Some(sentence) = sentence
        {
            self.0.insert(bare(&sentence));
        }
    }
}

/// What the queries of a file say.
fn said_by_queries(source: &str) -> Vec<String> {
    let queries = literals(source.parse().unwrap());
    let sentences = queries.iter().flat_map(|query| {
        let begins = query.split("format('").skip(1);
        begins.filter_map(|rest| rest.split('\'').next())
    });
    sentences.map(|it| it.replace("%s", "{}")).collect()
}

#[test]
fn what_is_said_of_trails_and_books_has_its_chinese() {
    let chinese = services().join("cli/src/words/refusals/trails.rs");
    let known = literals(fs::read_to_string(chinese).unwrap().parse().unwrap());
    let known: BTreeSet<String> = known.iter().map(|sentence| bare(sentence)).collect();

    let mut said = Said::default();
    for source in IN_RUST
        .iter()
        .flat_map(|place| sources(&services().join(place)))
    {
        said.visit_file(&syn::parse_file(&source).unwrap());
    }
    let queries = IN_SQL
        .iter()
        .flat_map(|place| sources(&services().join(place)));
    let mut said = said.0;
    said.extend(queries.flat_map(|source| said_by_queries(&source)));
    said.remove("{}");

    assert!(said.len() > 50, "{said:?}");
    let missing: Vec<_> = said.difference(&known).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
