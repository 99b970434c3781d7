//! That the test of the architecture sees what it is to see: small crates, each with a breach.

use std::path::Path;

use super::{
    Source, Sources, ambiguous, grpc_knows_too_much, impure, none, opens_transactions,
    shown::{app_shows_the_database, app_shows_values_of_its_own, translates_too_much},
    store_knows_too_much, unread,
};

fn crate_of(files: &[(&str, &str)]) -> Sources {
    let read = |(module, text): &(&str, &str)| {
        let segments = module.split("::").filter(|part| !part.is_empty());
        let module: Vec<String> = segments.map(str::to_owned).collect();
        Source::read(
            Path::new(&format!("src/{}.rs", module.join("/"))),
            module,
            text,
        )
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
        "use crate::*; fn f() { store::find(); }",
        "use crate as all; fn f() { all::store::find(); }",
        "extern crate sqlx as db; fn f() { db::query(); }",
        "fn f() { crate::store::find(); }",
        "fn f() { vec![crate::store::find()]; }",
        "fn f() { join!(async { g(&[crate::{app, store::find}]) }); }",
        "macro_rules! find { () => { $crate::store::find() } }",
        "#[derive(sqlx::FromRow)] struct Row;",
        "#[serde(with = \"crate::store::text\")] struct Row;",
        "impl From<crate::store::Run> for Run {}",
        "fn f(run: &<crate::store::Run as Held>::Row) {}",
        "use crate::r#store::run::find;",
        "mod inner { pub use super::super::super::store::Run; } use inner::Run;",
        "use gazelle_runtime::database::open;",
    ] {
        let root = ("", "mod grpc; mod store;");
        let sources = crate_of(&[root, ("store", ""), ("store::run", ""), ("grpc::run", text)]);
        assert!(!grpc_knows_too_much(&sources).is_empty(), "{text}");
    }
    let fine = "#[cfg(test)] mod tests { use crate::store::Run; } use crate::app::App;";
    let sources = crate_of(&[("store", ""), ("grpc::run", fine)]);
    none(&grpc_knows_too_much(&sources));
}

#[test]
fn a_name_is_followed_to_where_it_is_defined() {
    for handed_on in [
        "pub use crate::store::Run;",
        "pub use crate::store::{Run as Shown}; pub use self::Shown as Run;",
        "pub use crate::store::*;",
        "pub(crate) use super::store::run::Run;",
        "pub type Run = crate::store::run::Run;",
        "mod shown { pub use crate::store::Run; } pub use shown::Run;",
        "mod shown { pub use super::inner::*; } mod inner { pub use crate::store::run::*; } \
         pub use self::shown::Run;",
    ] {
        let store = ("store", "mod run; pub use run::Run;");
        let run = ("store::run", "pub struct Run;");
        let app = ("app", handed_on);
        for text in [
            "use crate::app::Run;",
            "use crate::app; fn f() -> app::Run { todo() }",
        ] {
            let sources = crate_of(&[store, run, app, ("grpc::run", text)]);
            let found = grpc_knows_too_much(&sources);
            assert!(!found.is_empty(), "{handed_on} {text}");
        }
    }
    let app = (
        "app",
        "mod run; pub use run::*; pub use crate::domain::Run;",
    );
    let own = ("app::run", "use crate::store; pub struct Found;");
    let text = "use crate::app::{Found, Run};";
    let sources = crate_of(&[("store", ""), app, own, ("domain", ""), ("grpc::run", text)]);
    none(&grpc_knows_too_much(&sources));
}

#[test]
fn what_app_shows_and_what_store_knows_is_seen() {
    let store = ("store", "pub struct Row;");
    let verbs = |text: &str| {
        let text = format!("impl App {{ {text} }}");
        let files = [store, ("app", "pub struct App;"), ("app::run", &text)];
        app_shows_the_database(&crate_of(&files))
    };
    let gives_row = "pub async fn find(&self) -> Result<Vec<crate::store::Row>, Error> { todo() }";
    assert!(!verbs(gives_row).is_empty());
    assert!(!verbs("pub fn take(&self, pool: sqlx::PgPool) {}").is_empty());
    none(&verbs(
        "pub fn new(pool: sqlx::PgPool) -> Self { todo() } fn row(&self) -> store::Row;",
    ));
    for (handed_on, of_run) in [
        (
            "pub use run::Found;",
            "pub struct Found { pub row: crate::store::Row }",
        ),
        (
            "pub use run::Found;",
            "pub enum Found { One(crate::store::Row) }",
        ),
        (
            "pub use run::Found;",
            "impl Found { pub fn row(&self) -> &crate::store::Row { todo() } }",
        ),
        (
            "pub use run::Found;",
            "impl Deref for Found { type Target = crate::store::Row; }",
        ),
        (
            "pub(crate) use run::find;",
            "pub fn find() -> crate::store::Row { todo() }",
        ),
        (
            "pub mod run;",
            "pub fn find() -> crate::store::Row { todo() }",
        ),
    ] {
        let files = |handed_on| [store, ("app", handed_on), ("app::run", of_run)];
        let found = app_shows_the_database(&crate_of(&files(handed_on)));
        assert!(!found.is_empty(), "{handed_on} {of_run}");
        let kept = files("mod run; pub(super) use run::{Found, find};");
        none(&app_shows_the_database(&crate_of(&kept)));
    }
    for text in [
        "use gazelle_proto::usage::v1 as pb;",
        "use gazelle_runtime::{auth::Principal, status::Refusal};",
        "fn f() { matches!(g(), tonic::Code::Ok) }",
        "use crate::{app::{self}};",
    ] {
        let sources = crate_of(&[("app", ""), ("store", text)]);
        assert!(!store_knows_too_much(&sources).is_empty(), "{text}");
    }
}

#[test]
fn what_grpc_parses_or_shows_and_is_not_the_domains_is_seen() {
    let domain = ("domain::run", "pub struct Run;");
    let app = ("app", "mod run; pub use run::Found;");
    let found = ("app::run", "pub struct Found;");
    for part in ["grpc::render", "grpc::render::run", "grpc::parse::run"] {
        for text in [
            "use crate::app::Found;",
            "fn f(found: &crate::app::Found) {}",
            "use crate::ingest::Answer;",
            "use crate::grpc::run::Found;",
        ] {
            let handed_on = ("grpc::run", "pub use crate::app::Found;");
            let sources = crate_of(&[domain, app, found, handed_on, (part, text)]);
            assert!(!translates_too_much(&sources).is_empty(), "{part} {text}");
        }
        let fine = "use crate::{domain::run::Run, grpc::status::refusal}; use super::common::id;";
        none(&translates_too_much(&crate_of(&[
            domain,
            app,
            (part, fine),
        ])));
    }
    let verbs = |text: &str| {
        let text = format!("{text} use super::{{App, error::AppError}};");
        let error = ("app::error", "pub enum AppError { Other }");
        let app = (
            "app",
            "mod run; mod error; pub use error::AppError; pub struct App;",
        );
        app_shows_values_of_its_own(&crate_of(&[domain, app, error, ("app::run", &text)]))
    };
    for shown in [
        "pub struct Found; impl App { pub fn find(&self) -> Result<Found, AppError> { todo() } }",
        "pub struct Name; impl App { pub fn find(&self, name: &Name) {} }",
    ] {
        assert!(!verbs(shown).is_empty(), "{shown}");
    }
    none(&verbs(
        "struct Found; impl App { fn load(&self) -> Found { todo() } \
         pub fn find(&self) -> Result<crate::domain::run::Run, AppError> { todo() } }",
    ));
}

#[test]
fn a_transaction_is_seen_however_it_is_opened() {
    for text in [
        "async fn f(pool: &PgPool) { pool.begin().await; }",
        "async fn f(pool: &PgPool) { sqlx::Pool::begin(pool).await; }",
        "async fn f(pool: &PgPool) { tokio::join!(pool.begin_with(text), g()); }",
        "use gazelle_runtime::store::begin; async fn f(pool: &PgPool) { begin(pool).await; }",
        "use gazelle_runtime::store::{self, snapshot_for as read}; fn f() { read(pool, id); }",
        "fn f(pool: &PgPool) { gazelle_runtime::store::snapshot_beside(pool, tx) }",
    ] {
        let sources = crate_of(&[("store", text)]);
        let found: Vec<String> = sources.iter().flat_map(opens_transactions).collect();
        assert!(!found.is_empty(), "{text}");
    }
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
        "fn f() { assert!(std::time::Instant::now() > g()); }",
        "use std::time::{self, Duration}; fn f() { time::Instant::now(); }",
        "fn f() { select! { _ = g().await => {} } }",
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
fn what_cannot_be_read_is_seen() {
    for text in [
        "macro_rules! find { () => { $crate::store::find() } }",
        "fn f() { macro_rules! find { () => { 1 } } }",
        "include!(\"../store/run.rs\");",
        "const RULES: &[Rule] = include!(\"rules.txt\");",
    ] {
        assert!(
            !unread(&crate_of(&[("app::run", text)])).is_empty(),
            "{text}"
        );
    }
    none(&unread(&crate_of(&[(
        "app::run",
        "fn f() { vec![1]; include_str!(\"a.sql\"); }",
    )])));
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
    let all = ("a", "mod b; mod c; pub use b::*; pub use c::*;");
    let b = ("a::b", "pub struct B; fn f() -> super::C { todo() }");
    assert_eq!(circles(&[all, b, ("a::c", "pub struct C;")]), 0);
    assert_eq!(circles(&[all, b, ("a::c", "pub struct C(super::B);")]), 1);
    let inside = (
        "a::c",
        "mod d { pub struct D(super::super::B); } pub use d::D as C;",
    );
    assert_eq!(circles(&[all, b, inside]), 1);
}

#[test]
fn a_circle_of_rooms_is_seen_though_their_files_have_none() {
    let there = ("a::b", "use crate::d::e::E;");
    let [b, e] = [("a::c", "pub struct C;"), ("d::e", "pub struct E;")];
    let back = ("d::f", "use crate::a::c::C;");
    let all = crate_of(&[there, b, e, back]);
    assert_eq!((all.circles().len(), all.circles_of_rooms().len()), (0, 1));
    assert_eq!(crate_of(&[there, b, e]).circles_of_rooms().len(), 0);
}

#[test]
fn two_types_of_one_name_are_seen_wherever_they_stand() {
    for text in [
        "enum Run { Done }",
        "mod inner { pub trait Run {} }",
        "fn f() { struct Run; }",
        "type Run = u8;",
    ] {
        let sources = crate_of(&[("domain::run", "pub struct Run;"), ("app::run", text)]);
        assert_eq!(ambiguous(&sources).len(), 1, "{text}");
    }
    let fine = "use crate::domain::run::Run; impl Shown for Run { type Run = u8; }
        #[cfg(test)] mod tests { struct Run; }";
    let sources = crate_of(&[("domain::run", "pub struct Run;"), ("app::run", fine)]);
    none(&ambiguous(&sources));
}
