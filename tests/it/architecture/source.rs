//! The sources of a crate as a program reads them: which file uses what of which other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Expr, ExprMethodCall, File, Item, ItemMod, ItemUse, UseTree, Visibility,
    visit::{self, Visit},
};

/// A name that a file uses, from its first segment on, such as `crate::store::run::find`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub segments: Vec<String>,
    pub line: usize,
    /// Whether the file only hands it on.
    pub reexport: bool,
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
    /// Its modules that are compiled for tests only.
    test_modules: BTreeSet<String>,
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

    fn use_tree(&mut self, tree: &UseTree, before: &[String], reexport: bool) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => {
                self.use_tree(&path.tree, &with(path.ident.to_string()), reexport);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, before, reexport);
                }
            }
            UseTree::Name(name) => self.uses(with(name.ident.to_string()), tree, reexport),
            UseTree::Rename(name) => self.uses(with(name.ident.to_string()), tree, reexport),
            UseTree::Glob(_) => self.uses(before.to_vec(), tree, reexport),
        }
    }

    fn uses(&mut self, mut segments: Vec<String>, at: &impl syn::spanned::Spanned, reexport: bool) {
        // `use store::{self, run}` names the module itself.
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let line = at.span().start().line;
        self.used.push(Used {
            segments,
            line,
            reexport,
        });
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

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

impl<'a> Visit<'a> for Source {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Mod(module) if for_tests(&module.attrs) => {
                self.test_modules.insert(module.ident.to_string());
            }
            item if for_tests(attributes(item)) => {}
            item => visit::visit_item(self, item),
        }
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        visit::visit_item_mod(self, module);
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        let reexport = !matches!(item.vis, Visibility::Inherited);
        self.use_tree(&item.tree, &[], reexport);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.segments.len() > 1 {
            let segments = path.segments.iter().map(|part| part.ident.to_string());
            self.uses(segments.collect(), path, false);
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let line = call.method.span().start().line;
        self.calls.push((call.method.to_string(), line));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Await(wait) = expression {
            self.awaits.push(wait.await_token.span.start().line);
        }
        visit::visit_expr(self, expression);
    }
}

/// All files of a crate.
#[derive(Debug)]
pub struct Sources {
    files: BTreeMap<Vec<String>, Source>,
}

impl Sources {
    /// Reads what is under `src`, a folder of the repository at `root`.
    pub fn of_crate(root: &Path, src: &str) -> Self {
        let folder = root.join(src);
        let files = rust_files(&folder).into_iter().map(|path| {
            let module = module(path.strip_prefix(&folder).unwrap());
            let text = fs::read_to_string(&path).unwrap();
            Source::read(path.strip_prefix(root).unwrap(), module, &text)
        });
        Self::new(files.collect())
    }

    /// These files.
    pub fn new(files: Vec<Source>) -> Self {
        let for_tests: BTreeSet<Vec<String>> = files
            .iter()
            .flat_map(|file| {
                let below = |name: &String| [&*file.module, std::slice::from_ref(name)].concat();
                file.test_modules.iter().map(below)
            })
            .collect();
        let within = |module: &[String]| for_tests.iter().any(|test| module.starts_with(test));
        let files = files.into_iter().filter(|file| !within(&file.module));
        Self {
            files: files.map(|file| (file.module.clone(), file)).collect(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.files.values()
    }

    /// What a name means from the crate's root on, with `crate` first; a name of another crate as
    /// it is.
    pub fn absolute(&self, from: &Source, segments: &[String]) -> Vec<String> {
        let mut module = from.module.clone();
        let mut rest = segments;
        match rest.first().map(String::as_str) {
            Some("crate") => {
                module.clear();
                rest = &rest[1..];
            }
            Some("self") => rest = &rest[1..],
            Some("super") => {
                while rest.first().is_some_and(|part| part == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            Some(first) => {
                let child = [&*module, &[first.to_owned()]].concat();
                if !self.files.contains_key(&child) {
                    return self.imported(from, segments);
                }
            }
            None => {}
        }
        [&["crate".to_owned()], &*module, rest].concat()
    }

    /// A name that begins with something the file imports.
    fn imported(&self, from: &Source, segments: &[String]) -> Vec<String> {
        let first = &segments[0];
        let import = from.used.iter().find(|used| {
            used.segments.len() > 1
                && used.segments.last() == Some(first)
                && used.segments[0] != *first
        });
        match import {
            Some(import) => {
                let before = self.absolute(from, &import.segments);
                [&*before, &segments[1..]].concat()
            }
            None => segments.to_vec(),
        }
    }

    /// The file that defines what `from` means by a name; none for another crate's.
    fn definer(&self, from: &Source, segments: &[String]) -> Option<&Source> {
        let mut absolute = self.absolute(from, segments);
        // As often as a module may hand a name on.
        for _ in 0..8 {
            if absolute.first()? != "crate" {
                return None;
            }
            let path = &absolute[1..];
            let depth = (0..=path.len())
                .rev()
                .find(|&n| self.files.contains_key(&path[..n]))?;
            let file = &self.files[&path[..depth]];
            let handed_on = path.get(depth).and_then(|name| {
                let mut exports = file.used.iter().filter(|used| used.reexport);
                exports.find(|used| used.segments.last() == Some(name))
            });
            match handed_on {
                Some(used) => {
                    absolute = [&*self.absolute(file, &used.segments), &path[depth + 1..]].concat();
                }
                None => return Some(file),
            }
        }
        None
    }

    /// Which file uses which others of the crate. Handing a name on is no use.
    pub fn arrows(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let mut arrows: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for file in self.iter() {
            let uses = file.used.iter().filter(|used| !used.reexport);
            let definers = uses.filter_map(|used| self.definer(file, &used.segments));
            let others = definers.filter(|other| other.path != file.path);
            arrows
                .entry(&file.path)
                .or_default()
                .extend(others.map(|other| &*other.path));
        }
        arrows
    }

    /// Files that use each other in a circle, each circle once.
    pub fn circles(&self) -> Vec<BTreeSet<&Path>> {
        let arrows = self.arrows();
        let reach = |from: &Path| {
            let mut seen = BTreeSet::new();
            let mut next: Vec<&Path> = arrows[from].iter().copied().collect();
            while let Some(file) = next.pop() {
                if seen.insert(file) {
                    next.extend(&arrows[file]);
                }
            }
            seen
        };
        let reached: BTreeMap<&Path, BTreeSet<&Path>> =
            arrows.keys().map(|file| (*file, reach(file))).collect();
        let circle = |file: &Path| -> BTreeSet<&Path> {
            let both = |other: &&&Path| reached[**other].contains(file);
            reached[file].iter().filter(both).copied().collect()
        };
        let circles = reached.keys().map(|file| circle(file));
        let circles: BTreeSet<BTreeSet<&Path>> =
            circles.filter(|circle| !circle.is_empty()).collect();
        circles.into_iter().collect()
    }
}

fn module(path: &Path) -> Vec<String> {
    let mut module: Vec<String> = path
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        let last = module.pop();
        if last.as_deref() == Some("main") {
            module.push("main".to_owned());
        }
    }
    module
}

/// The Rust files under a folder, in the order of their paths.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    found.sort();
    found
}
