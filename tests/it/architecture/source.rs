//! One file as a program reads it: which names it uses, and what it hands on.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprMethodCall, Fields, File, ImplItem, Item, ItemExternCrate, ItemImpl,
    ItemMod, ItemType, ItemUse, Macro, Meta, Type, UseTree, Visibility,
    ext::IdentExt as _,
    spanned::Spanned,
    visit::{self, Visit},
};

/// A name that a file uses, from its first segment on, such as `crate::store::run::find`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub segments: Vec<String>,
    /// The module inside of the file where it stands; none where that is the file's own.
    pub within: Vec<String>,
    pub line: usize,
    /// By which name the file has it from then on, where it imports it; `*`: all that is in it.
    pub imported_as: Option<String>,
    /// Whether the file only hands it on.
    pub reexport: bool,
    /// Whether it hands it on to the whole crate.
    pub is_open: bool,
}

/// A name in what others see of something: of a method, a function, a field, an associated type.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The type or function that shows it.
    pub by: String,
    pub segments: Vec<String>,
    pub within: Vec<String>,
    pub line: usize,
}

/// A file of a crate, without what is compiled for tests only.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// From the repository's root.
    pub path: PathBuf,
    /// The module that the file is, from the crate's root, which has none.
    pub module: Vec<String>,
    pub used: Vec<Used>,
    /// Methods that it calls, by name and line.
    pub calls: Vec<(String, usize)>,
    /// Lines on which it waits for something.
    pub awaits: Vec<usize>,
    /// Names in what others see of its types and functions.
    pub shown: Vec<Shown>,
    /// What it defines by itself, each below the modules inside of it.
    pub defined: BTreeSet<Vec<String>>,
    /// Types and traits that it defines, by name and line.
    pub types: Vec<(String, usize)>,
    /// Its modules that stand in it.
    pub inline_modules: BTreeSet<Vec<String>>,
    /// Lines on which it opens a module to others.
    pub open_modules: Vec<usize>,
    /// Lines that are more than a program reads here: macros of its own, and other files.
    pub unread: Vec<usize>,
    /// Its modules that are compiled for tests only.
    pub test_modules: BTreeSet<String>,
    /// Where the reading is.
    within: Vec<String>,
}

impl Source {
    /// Reads the text of the file that is `module`.
    pub fn read(path: &Path, module: Vec<String>, text: &str) -> Self {
        let file: File = syn::parse_str(text)
            .unwrap_or_else(|error| panic!("{} is no Rust: {error}", path.display()));
        let mut source = Self {
            path: path.to_owned(),
            module,
            ..Self::default()
        };
        source.visit_file(&file);
        source
    }

    /// The layer of a service that the file belongs to, or the module below its crate's root.
    pub fn layer(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    /// Where `line` is, for a person.
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }

    fn use_tree(&mut self, tree: &UseTree, before: &[String], visibility: &Visibility) {
        let with = |name: &syn::Ident| [before, &[text(name)]].concat();
        let (segments, imported_as) = match tree {
            UseTree::Path(path) => {
                return self.use_tree(&path.tree, &with(&path.ident), visibility);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, before, visibility);
                }
                return;
            }
            // `use store::{self, run}` names the module itself.
            UseTree::Name(name) if name.ident == "self" && !before.is_empty() => {
                (before.to_vec(), before.last().cloned())
            }
            UseTree::Name(name) => (with(&name.ident), Some(text(&name.ident))),
            UseTree::Rename(name) if name.ident == "self" && !before.is_empty() => {
                (before.to_vec(), Some(text(&name.rename)))
            }
            UseTree::Rename(name) => (with(&name.ident), Some(text(&name.rename))),
            UseTree::Glob(_) => (before.to_vec(), Some("*".to_owned())),
        };
        self.used.push(Used {
            segments,
            within: self.within.clone(),
            line: line(tree),
            imported_as,
            reexport: !matches!(visibility, Visibility::Inherited),
            is_open: is_open(visibility),
        });
    }

    fn uses(&mut self, segments: Vec<String>, line: usize) {
        if segments.len() > 1 {
            self.used.push(Used {
                segments,
                within: self.within.clone(),
                line,
                imported_as: None,
                reexport: false,
                is_open: false,
            });
        }
    }

    /// What others see of `by`.
    fn shows(&mut self, by: &str, names: Names) {
        let within = self.within.clone();
        self.shown
            .extend(names.0.into_iter().map(|(segments, line)| Shown {
                by: by.to_owned(),
                segments,
                within: within.clone(),
                line,
            }));
    }

    /// The fields of a type that others see; of a variant all.
    fn shows_fields(&mut self, by: &str, fields: &Fields, all: bool) {
        for field in fields.iter().filter(|field| all || is_open(&field.vis)) {
            let mut names = Names::default();
            names.visit_type(&field.ty);
            self.shows(by, names);
        }
    }

    /// Names, calls and waits in what a macro or an attribute is given, which nobody parses before
    /// it is expanded. `prefix` is what a group in braces continues: `crate::{store, app}`.
    fn scan(&mut self, tokens: TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |at: usize, what: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == what);
        let mut at = 0;
        while at < tokens.len() {
            let line = tokens[at].span().start().line;
            match &tokens[at] {
                TokenTree::Ident(ident) => {
                    let is_member = at > 0 && is(at - 1, '.') && !(at > 1 && is(at - 2, '.'));
                    if is_member && ident == "await" {
                        self.awaits.push(line);
                    } else if is_member {
                        self.calls.push((ident.to_string(), line));
                    }
                    let mut segments = [prefix, &[text(ident)]].concat();
                    while is(at + 1, ':') && is(at + 2, ':') {
                        match tokens.get(at + 3) {
                            Some(TokenTree::Ident(next)) => segments.push(text(next)),
                            Some(TokenTree::Group(group))
                                if group.delimiter() == Delimiter::Brace =>
                            {
                                self.scan(group.stream(), &segments);
                            }
                            _ => break,
                        }
                        at += 3;
                    }
                    self.uses(segments, line);
                }
                TokenTree::Group(group) => self.scan(group.stream(), &[]),
                // `with = "crate::text"`: derives take names as text.
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains("::")
                        && let Ok(path) = syn::parse_str::<syn::Path>(text.trim_matches('"'))
                    {
                        self.uses(segments(&path), line);
                    }
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }
}

fn line(at: &impl Spanned) -> usize {
    at.span().start().line
}

/// A name as it is meant: `r#store` is `store`.
fn text(name: &syn::Ident) -> String {
    name.unraw().to_string()
}

fn segments(path: &syn::Path) -> Vec<String> {
    let segments = path.segments.iter();
    segments.map(|part| text(&part.ident)).collect()
}

/// Whether the whole crate sees it.
fn is_open(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Public(_) => true,
        Visibility::Restricted(within) => within.path.is_ident("crate"),
        Visibility::Inherited => false,
    }
}

fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|flag| flag == "test")
            || attribute.path().is_ident("test")
    })
}

/// The name and the attributes of what may be handed on by name.
fn named(item: &Item) -> (Option<&syn::Ident>, &[Attribute]) {
    match item {
        Item::Const(item) => (Some(&item.ident), &item.attrs),
        Item::Enum(item) => (Some(&item.ident), &item.attrs),
        Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
        Item::Impl(item) => (None, &item.attrs),
        Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
        Item::Mod(item) => (Some(&item.ident), &item.attrs),
        Item::Static(item) => (Some(&item.ident), &item.attrs),
        Item::Struct(item) => (Some(&item.ident), &item.attrs),
        Item::Trait(item) => (Some(&item.ident), &item.attrs),
        Item::Type(item) => (Some(&item.ident), &item.attrs),
        Item::Use(item) => (None, &item.attrs),
        _ => (None, &[]),
    }
}

fn is_type(item: &Item) -> bool {
    matches!(
        item,
        Item::Enum(_) | Item::Struct(_) | Item::Trait(_) | Item::Type(_) | Item::Union(_)
    )
}

/// All names in a piece of code, with their lines.
#[derive(Default)]
struct Names(Vec<(Vec<String>, usize)>);

impl<'a> Visit<'a> for Names {
    fn visit_path(&mut self, path: &'a syn::Path) {
        self.0.push((segments(path), line(path)));
        visit::visit_path(self, path);
    }
}

impl<'a> Visit<'a> for Source {
    fn visit_item(&mut self, item: &'a Item) {
        let (name, attributes) = named(item);
        match item {
            Item::Mod(module) if for_tests(&module.attrs) => {
                self.test_modules.insert(module.ident.to_string());
            }
            _ if for_tests(attributes) => {}
            item => {
                let below = |name| [&*self.within, &[text(name)]].concat();
                self.defined.extend(name.map(below));
                let named_type = name.filter(|_| is_type(item));
                self.types
                    .extend(named_type.map(|name| (text(name), line(name))));
                visit::visit_item(self, item);
            }
        }
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        let mut placed = module.attrs.iter();
        let is_placed = placed.any(|attribute| attribute.path().is_ident("path"));
        assert!(
            !is_placed,
            "{}: a module stands where its name says",
            self.at(line(module))
        );
        if is_open(&module.vis) {
            self.open_modules.push(line(module));
        }
        self.within.push(text(&module.ident));
        if module.content.is_some() {
            self.inline_modules.insert(self.within.clone());
        }
        visit::visit_item_mod(self, module);
        self.within.pop();
    }

    fn visit_item_struct(&mut self, item: &'a syn::ItemStruct) {
        self.shows_fields(&text(&item.ident), &item.fields, false);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'a syn::ItemEnum) {
        for variant in &item.variants {
            self.shows_fields(&text(&item.ident), &variant.fields, true);
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        let mut names = Names::default();
        names.visit_signature(&item.sig);
        self.shows(&text(&item.sig.ident), names);
        visit::visit_item_fn(self, item);
    }

    /// What a macro becomes is nowhere to be read.
    fn visit_item_macro(&mut self, item: &'a syn::ItemMacro) {
        if item.ident.is_some() {
            self.unread.push(line(item));
        }
        visit::visit_item_macro(self, item);
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.use_tree(&item.tree, &[], &item.vis);
    }

    fn visit_item_extern_crate(&mut self, item: &'a ItemExternCrate) {
        let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
        self.used.push(Used {
            segments: vec![text(&item.ident)],
            within: self.within.clone(),
            line: line(item),
            imported_as: Some(text(name)),
            reexport: false,
            is_open: false,
        });
    }

    /// A public second name hands on what it names.
    fn visit_item_type(&mut self, item: &'a ItemType) {
        if let (Type::Path(named), false) = (&*item.ty, matches!(item.vis, Visibility::Inherited)) {
            self.used.push(Used {
                segments: segments(&named.path),
                within: self.within.clone(),
                line: line(item),
                imported_as: Some(text(&item.ident)),
                reexport: true,
                is_open: is_open(&item.vis),
            });
        }
        visit::visit_item_type(self, item);
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        if let Type::Path(named) = &*item.self_ty
            && let Some(last) = named.path.segments.last()
        {
            for one in &item.items {
                let mut names = Names::default();
                match one {
                    ImplItem::Fn(method)
                        if is_open(&method.vis) && method.sig.receiver().is_some() =>
                    {
                        names.visit_signature(&method.sig);
                    }
                    ImplItem::Type(associated) => names.visit_type(&associated.ty),
                    _ => {}
                }
                self.shows(&text(&last.ident), names);
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.uses(segments(path), line(path));
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        if call.path.is_ident("include") {
            self.unread.push(line(call));
        }
        self.scan(call.tokens.clone(), &[]);
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        const OF_LINTS: [&str; 5] = ["allow", "deny", "expect", "forbid", "warn"];
        let is_lint = OF_LINTS.iter().any(|lint| attribute.path().is_ident(lint));
        if let (Meta::List(list), false) = (&attribute.meta, is_lint) {
            self.scan(list.tokens.clone(), &[]);
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        self.calls
            .push((call.method.to_string(), line(&call.method)));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Await(wait) = expression {
            self.awaits.push(wait.await_token.span.start().line);
        }
        visit::visit_expr(self, expression);
    }
}
