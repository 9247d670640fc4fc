//! Files of one crate that import each other in a circle can only be read together: few may.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Two that know each other are a pair; from four on it is a knot.
const MOST_FILES: usize = 3;

/// Knots that are known, by crate, with their size: none may grow, and one that shrinks is named here
/// with its new size.
const KNOWN: [(&str, usize); 2] = [
    // A quirk is named where it is listed, and asked for wherever the server could misbehave.
    ("testkit", 15),
    ("report", 4),
];

/// The paths of a file that begin with `crate` or `super`, outside its tests.
#[derive(Default)]
struct Paths {
    found: Vec<Vec<String>>,
}

impl Paths {
    fn take(&mut self, path: Vec<String>) {
        if path.first().is_some_and(|first| first == "crate" || first == "super") {
            self.found.push(path);
        }
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                let path_here = [before, &[path.ident.to_string()]].concat();
                self.tree(&path_here, &path.tree);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.tree(before, item));
            }
            syn::UseTree::Name(name) => self.take([before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Rename(name) => self.take([before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Glob(_) => self.take(before.to_vec()),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.attrs.iter().all(|attribute| !attribute.path().is_ident("cfg")) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    /// `pub(super)` names nothing of the other file.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.take(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

/// The files of a crate by the path of their module; the crate's root has none.
fn modules(source: &Path, folder: &Path, found: &mut BTreeMap<Vec<String>, PathBuf>) {
    for item in fs::read_dir(folder).expect("readable folder") {
        let path = item.expect("readable entry").path();
        if path.is_dir() {
            modules(source, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(source).expect("below it").with_extension("");
            let mut names: Vec<String> =
                below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
            if ["mod", "lib", "main"].contains(&names[names.len() - 1].as_str()) {
                names.pop();
            }
            found.insert(names, path);
        }
    }
}

/// The modules that a file names.
fn named_by(
    module: &[String],
    file: &Path,
    all: &BTreeMap<Vec<String>, PathBuf>,
) -> BTreeSet<Vec<String>> {
    let text = fs::read_to_string(file).expect("readable source");
    let mut paths = Paths::default();
    paths.visit_file(&syn::parse_file(&text).expect("valid source"));
    let resolved = paths.found.into_iter().filter_map(|path| {
        let ups = path.iter().take_while(|name| *name == "super").count();
        let from = if ups == 0 { &[] } else { &module[..module.len().checked_sub(ups)?] };
        let mut path = [from, &path[ups.max(1)..]].concat();
        while !path.is_empty() && !all.contains_key(&path) {
            path.pop();
        }
        (!path.is_empty() && path != module).then_some(path)
    });
    resolved.collect()
}

/// The largest number of files that all lead to each other.
fn largest_knot(source: &Path) -> BTreeSet<Vec<String>> {
    let mut all = BTreeMap::new();
    modules(source, source, &mut all);
    all.retain(|module, _| module.last().is_none_or(|name| !name.ends_with("tests")));
    let edges: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> =
        all.iter().map(|(module, file)| (module, named_by(module, file, &all))).collect();
    let reached = |from: &Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut next = vec![from.clone()];
        while let Some(module) = next.pop() {
            let here = edges.get(&module).into_iter().flatten();
            next.extend(here.filter(|to| seen.insert((*to).clone())).cloned());
        }
        seen
    };
    let reach: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> =
        all.keys().map(|module| (module, reached(module))).collect();
    let knot = |module: &Vec<String>| -> BTreeSet<Vec<String>> {
        let back = |other: &&Vec<String>| reach.get(*other).is_some_and(|it| it.contains(module));
        reach[module].iter().filter(back).cloned().collect()
    };
    all.keys().map(knot).max_by_key(BTreeSet::len).unwrap_or_default()
}

#[test]
fn few_files_import_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root");
    let crates: Vec<PathBuf> = fs::read_dir(root.join("harness"))
        .expect("readable folder")
        .map(|item| item.expect("readable entry").path())
        .filter(|path| path.join("src").is_dir())
        .collect();
    assert!(crates.len() > 8, "found only {crates:?}");
    let mut wrong = Vec::new();
    for folder in crates {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let knot = largest_knot(&folder.join("src"));
        let known = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, size)| *size);
        let is_right = known.map_or(knot.len() <= MOST_FILES, |size| knot.len() == size);
        if !is_right {
            let files: Vec<String> = knot.iter().map(|module| module.join("::")).collect();
            wrong.push(format!("{name}: {} files: {}", files.len(), files.join(", ")));
        }
    }
    assert!(
        wrong.is_empty(),
        "more than {MOST_FILES} files import each other in a circle (or a knot in KNOWN has another \
         size now); move what several need into a file of its own: {wrong:#?}"
    );
}
