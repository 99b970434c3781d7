//! All files of a crate: what a name in one of them means, and which file uses which other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::source::{Source, Used};

/// How many imports of a file may name each other.
const IMPORTS_MAX: u8 = 4;

/// The files of a crate, by the module that each is.
#[derive(Debug)]
pub struct Sources {
    files: BTreeMap<Vec<String>, Source>,
}

impl Sources {
    /// Reads what is under `src`, a folder of the repository at `root`.
    pub fn of_crate(root: &Path, src: &str) -> Self {
        let folder = root.join(src);
        let is_library = folder.join("lib.rs").exists();
        let root_file = if is_library { "lib" } else { "main" };
        let files = rust_files(&folder).into_iter().map(|path| {
            let module = module(path.strip_prefix(&folder).unwrap(), root_file);
            let text = fs::read_to_string(&path).unwrap();
            Source::read(path.strip_prefix(root).unwrap(), module, &text)
        });
        Self::new(files.collect())
    }

    /// A crate of these files.
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

    /// All that a name in a file may mean, from the crate's root on, with `crate` first, or from
    /// another crate's name on: as it is written there, and then each name by which a module that
    /// hands it on has it from another, to where it is defined.
    pub fn meanings(
        &self,
        from: &Source,
        within: &[String],
        segments: &[String],
    ) -> Vec<Vec<String>> {
        let mut seen: Vec<Vec<String>> = Vec::new();
        let mut next = self.absolute(from, within, segments);
        while let Some(name) = next.pop() {
            if !seen.contains(&name) {
                next.extend(self.handed_on(&name));
                seen.push(name);
            }
        }
        seen
    }

    /// What a name means from the crate's root on, as far as imports of the file itself say it.
    fn absolute(&self, from: &Source, within: &[String], segments: &[String]) -> Vec<Vec<String>> {
        self.absolute_within(from, (within, segments), IMPORTS_MAX)
    }

    fn absolute_within(
        &self,
        from: &Source,
        (within, segments): (&[String], &[String]),
        imports: u8,
    ) -> Vec<Vec<String>> {
        let mut module = [&*from.module, within].concat();
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
                let first = &[first.to_owned()];
                let stands_inside = from.inline_modules.contains(&[within, first].concat());
                if !stands_inside && !self.files.contains_key(&[&*module, first].concat()) {
                    return self.imported(from, (within, segments), imports);
                }
            }
            None => {}
        }
        vec![[&["crate".to_owned()], &*module, rest].concat()]
    }

    /// A name that begins with something the file imports: by its name, or with all of a module.
    fn imported(
        &self,
        from: &Source,
        (within, segments): (&[String], &[String]),
        imports: u8,
    ) -> Vec<Vec<String>> {
        let first = &segments[0];
        let Some(imports) = imports.checked_sub(1) else {
            return vec![segments.to_vec()];
        };
        let imports_as = |name: &str, rest: &[String]| -> Vec<Vec<String>> {
            let same = |used: &&Used| used.imported_as.as_deref() == Some(name);
            // `use time::{self}` names what has that name anyway.
            let others = |used: &&Used| used.segments.first() != Some(first);
            let here = |used: &&Used| used.within == within;
            let found = from.used.iter().filter(here).filter(same).filter(others);
            let found = found
                .flat_map(|used| self.absolute_within(from, (within, &used.segments), imports));
            found.map(|before| [&*before, rest].concat()).collect()
        };
        let by_name = imports_as(first, &segments[1..]);
        if !by_name.is_empty() {
            return by_name;
        }
        let mut with_all = if imports + 1 == IMPORTS_MAX {
            imports_as("*", segments)
        } else {
            Vec::new()
        };
        let known = |name: &Vec<String>| self.is_known(name, segments.len());
        if with_all.iter().any(known) {
            with_all.retain(known);
            return with_all;
        }
        with_all.retain(|name| name[0] != "crate");
        with_all.push(segments.to_vec());
        with_all
    }

    /// Whether a name of this crate, of whose segments the last `rest` come from a module that is
    /// imported as a whole, stands there.
    fn is_known(&self, name: &[String], rest: usize) -> bool {
        let (module, rest) = name.split_at(name.len() - rest);
        let Some((file, depth)) = self
            .file(module)
            .filter(|(_, depth)| *depth == module.len())
        else {
            return false;
        };
        let child = [&module[1..depth], &rest[..1]].concat();
        let exports = file.used.iter().filter(|used| used.imported_as.is_some());
        let mut names = exports.filter_map(|used| used.imported_as.as_ref());
        self.files.contains_key(&child)
            || file.defined.contains(&rest[..1])
            || names.any(|name| *name == rest[0])
    }

    /// The file that a name of this crate leads to, and which segment is no module any more.
    fn file(&self, name: &[String]) -> Option<(&Source, usize)> {
        let path = name.strip_prefix(&["crate".to_owned()])?;
        let depths = (0..=path.len()).rev();
        let mut files = depths.filter_map(|n| Some((self.files.get(&path[..n])?, n + 1)));
        files.next()
    }

    /// The names by which the file that a name leads to has it from elsewhere, if it only hands it
    /// on.
    fn handed_on(&self, name: &[String]) -> Vec<Vec<String>> {
        let Some((file, depth)) = self.file(name) else {
            return Vec::new();
        };
        // Each with what of the name comes after the module that it stands in.
        let exports = || {
            let exports = file.used.iter().filter(|used| used.reexport);
            exports.filter_map(|used| Some((used, name[depth..].strip_prefix(&*used.within)?)))
        };
        let to = |used: &Used, rest: &[String]| {
            let names = self.absolute(file, &used.within, &used.segments);
            let names = names.into_iter().map(|name| [&*name, rest].concat());
            names.collect::<Vec<_>>()
        };
        let mut names = Vec::new();
        for (used, rest) in exports() {
            if let Some((item, rest)) = rest.split_first()
                && used.imported_as.as_ref() == Some(item)
            {
                names.extend(to(used, rest));
            }
        }
        if !names.is_empty() {
            return names;
        }
        for (used, rest) in exports().filter(|(used, _)| used.imported_as.as_deref() == Some("*")) {
            let is_own = |item| file.defined.contains(&[&*used.within, &[item]].concat());
            if rest.first().is_some_and(|item| !is_own(item.clone())) {
                names.extend(to(used, rest));
            }
        }
        names
    }

    /// The files of this crate that may define what `from` means by a name.
    fn definers(&self, from: &Source, used: &Used) -> Vec<&Source> {
        let names = self.meanings(from, &used.within, &used.segments);
        let ends = names.iter().filter(|name| self.handed_on(name).is_empty());
        ends.filter_map(|name| Some(self.file(name)?.0)).collect()
    }

    /// Which file uses which others of the crate. Handing a name on is no use.
    pub fn arrows(&self) -> Arrows<'_> {
        let mut arrows: Arrows<'_> = BTreeMap::new();
        for file in self.iter() {
            let uses = file.used.iter().filter(|used| !used.reexport);
            let definers = uses.flat_map(|used| self.definers(file, used));
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
        circles(&self.arrows())
    }

    /// The same of its rooms: folders with all that is in them, and the files beside these.
    pub fn circles_of_rooms(&self) -> Vec<BTreeSet<&Path>> {
        let mut arrows: Arrows<'_> = BTreeMap::new();
        for (file, others) in self.arrows() {
            let room = room(file);
            let others = others.into_iter().map(self::room).filter(|it| *it != room);
            arrows.entry(room).or_default().extend(others);
        }
        circles(&arrows)
    }
}

/// What uses what.
type Arrows<'a> = BTreeMap<&'a Path, BTreeSet<&'a Path>>;

/// The first part of a file's path below `src`.
fn room(file: &Path) -> &Path {
    let below = file.iter().skip_while(|part| *part != "src").nth(1);
    below.map_or(file, Path::new)
}

fn circles<'a>(arrows: &Arrows<'a>) -> Vec<BTreeSet<&'a Path>> {
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
    let reached: Arrows<'a> = arrows.keys().map(|file| (*file, reach(file))).collect();
    let circle = |file: &Path| -> BTreeSet<&'a Path> {
        let both = |other: &&&Path| reached[**other].contains(file);
        reached[file].iter().filter(both).copied().collect()
    };
    let circles = reached.keys().map(|file| circle(file));
    let circles: BTreeSet<BTreeSet<&Path>> = circles.filter(|circle| !circle.is_empty()).collect();
    circles.into_iter().collect()
}

/// The module that a file is, in a crate that begins with `root_file`.
fn module(path: &Path, root_file: &str) -> Vec<String> {
    let mut module: Vec<String> = path
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") || module == [root_file] {
        module.pop();
    }
    module
}

/// The Rust files under a folder, in the order of their paths.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    files(folder, "rs")
}

/// The files under a folder whose names end so, in the order of their paths.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path, extension)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    found.sort();
    found
}
