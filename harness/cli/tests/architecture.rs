//! The rules of ARCHITECTURE.md that a machine can check: the direction of dependencies, where
//! `unsafe` may stand, and the size of files and functions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const MOST_LINES_PER_FILE: usize = 400;
const MOST_LINES_PER_FUNCTION: usize = 70;

/// Which of the workspace's crates each may use. Nothing imports the command line; conformance
/// and the load generator never import each other.
const ARROWS: [(&str, &[&str]); 14] = [
    ("httpdyno-spec", &[]),
    ("httpdyno-wire", &[]),
    ("httpdyno-stats", &[]),
    ("httpdyno-loadgen", &["httpdyno-wire", "httpdyno-stats"]),
    ("httpdyno-nullserver", &["httpdyno-wire"]),
    ("httpdyno-conformance", &["httpdyno-spec", "httpdyno-wire"]),
    ("httpdyno-target", &["httpdyno-spec"]),
    ("httpdyno-record", &["httpdyno-spec"]),
    ("httpdyno-analysis", &["httpdyno-spec", "httpdyno-stats", "httpdyno-record"]),
    (
        "httpdyno-runner",
        &[
            "httpdyno-spec",
            "httpdyno-wire",
            "httpdyno-stats",
            "httpdyno-loadgen",
            "httpdyno-conformance",
            "httpdyno-target",
            "httpdyno-record",
            "httpdyno-analysis",
        ],
    ),
    (
        "httpdyno-report",
        &["httpdyno-spec", "httpdyno-stats", "httpdyno-record", "httpdyno-analysis"],
    ),
    (
        "httpdyno",
        &[
            "httpdyno-spec",
            "httpdyno-stats",
            "httpdyno-loadgen",
            "httpdyno-nullserver",
            "httpdyno-record",
            "httpdyno-runner",
            "httpdyno-report",
            "httpdyno-target",
        ],
    ),
    ("httpdyno-testkit", &[]),
    ("httpdyno-wire-fuzz", &["httpdyno-wire"]),
];

/// The only files that may allow `unsafe` (folders hold for everything in them).
const MAY_BE_UNSAFE: [&str; 4] = [
    "harness/loadgen/src/affinity.rs",
    "harness/target/src/affinity.rs",
    "harness/loadgen/src/engine/io_uring",
    "harness/loadgen/benches/",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// Every file with `extension` under the folders of the workspace's crates.
fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["harness", "implementations"] {
        collect(&root().join(folder), extension, &mut found);
    }
    assert!(found.len() > 10, "found only {found:?}");
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for item in fs::read_dir(folder).expect("readable folder") {
        let path = item.expect("readable entry").path();
        // What cargo builds into is tagged; a folder of ours may be called `target` too.
        let skipped = path.join("CACHEDIR.TAG").exists();
        if path.is_dir() && !skipped {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The name of a package and the crates of the workspace that it uses outside its tests, but for the
/// costs that `prove` plants: they are optional, and no entry is built with them otherwise.
fn package(manifest: &Path, workspace: &[String]) -> Option<(String, Vec<String>)> {
    let text = fs::read_to_string(manifest).expect("readable manifest");
    let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))?;
    let mut section = "";
    let mut uses = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]") && !section.contains("dev-") {
            if line == "httpdyno-nullserver = { workspace = true, optional = true }" {
                continue;
            }
            let used = line.split(['.', ' ', '=']).next().unwrap_or_default();
            uses.extend(workspace.iter().filter(|name| *name == used).cloned());
        }
    }
    Some((name.to_owned(), uses))
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let manifests: Vec<PathBuf> =
        files("toml").into_iter().filter(|path| path.ends_with("Cargo.toml")).collect();
    let names: Vec<String> =
        manifests.iter().filter_map(|path| package(path, &[])).map(|(name, _)| name).collect();
    let mut wrong = Vec::new();
    for (name, _) in ARROWS {
        assert!(names.iter().any(|known| known == name), "{name} is gone: mend ARROWS");
    }
    for (name, uses) in manifests.iter().filter_map(|path| package(path, &names)) {
        // A new entry needs no line here: entries may use the shared payload types, nothing else.
        let of_entry: &[&str] = &["entry-shared"];
        let may_use = allowed.get(name.as_str()).copied().unwrap_or(of_entry);
        wrong.extend(
            uses.iter()
                .filter(|used| !may_use.contains(&used.as_str()))
                .map(|used| format!("{name} -> {used}")),
        );
    }
    assert!(wrong.is_empty(), "dependencies against the direction of ARCHITECTURE.md: {wrong:#?}");
}

#[test]
fn unsafe_stands_only_where_it_is_allowed() {
    let mut wrong = Vec::new();
    for path in files("rs") {
        let name = shown(&path);
        let text = fs::read_to_string(&path).expect("readable source");
        let allows = text.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("#") && line.contains("allow(unsafe_code")
        });
        if allows && !MAY_BE_UNSAFE.iter().any(|allowed| name.starts_with(allowed)) {
            wrong.push(format!("{name} allows unsafe code"));
        }
        let is_root = name.ends_with("src/lib.rs") || name.ends_with("src/main.rs");
        let has_unsafe_module =
            ["harness/target/src/lib.rs", "harness/loadgen/src/lib.rs"].contains(&name.as_str());
        let wanted =
            if has_unsafe_module { "#![deny(unsafe_code)]" } else { "#![forbid(unsafe_code)]" };
        if is_root && !text.contains(wanted) {
            wrong.push(format!("{name} does not say {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Finds functions that are too long.
struct LongFunctions {
    found: Vec<(String, usize)>,
}

impl LongFunctions {
    fn check(&mut self, name: &syn::Ident, item: impl Spanned) {
        let span = item.span();
        let lines = span.end().line - span.start().line + 1;
        if lines > MOST_LINES_PER_FUNCTION {
            self.found.push((name.to_string(), lines));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.check(&item.sig.ident, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.check(&item.sig.ident, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

#[test]
fn files_and_functions_are_small() {
    let mut wrong = Vec::new();
    for path in files("rs") {
        let text = fs::read_to_string(&path).expect("readable source");
        let lines = text.lines().count();
        if lines > MOST_LINES_PER_FILE {
            wrong.push(format!("{}: {lines} lines", shown(&path)));
        }
        let syntax = syn::parse_file(&text).expect("valid source");
        let mut long = LongFunctions { found: Vec::new() };
        long.visit_file(&syntax);
        wrong.extend(
            long.found
                .iter()
                .map(|(name, lines)| format!("{}: {name}: {lines} lines", shown(&path))),
        );
    }
    assert!(
        wrong.is_empty(),
        "more than {MOST_LINES_PER_FILE} lines a file or {MOST_LINES_PER_FUNCTION} a function \
         (split them where the subject changes): {wrong:#?}"
    );
}
