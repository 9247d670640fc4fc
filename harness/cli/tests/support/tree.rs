//! A root of its own for a test: the spec, and implementations that the test makes up.
#![allow(dead_code, reason = "each test uses its part")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// The program of a Rust entry, built where cargo builds.
pub(crate) fn server(package: &str) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", "entry", "--locked", "--package", package])
        .current_dir(root())
        .status()
        .expect("cargo runs");
    assert!(built.success(), "{package} does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |set| root().join(set));
    target.join("entry").join(package)
}

/// A root with the repository's spec and no implementation.
pub(crate) fn empty() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    symlink(root().join("spec"), folder.path().join("spec")).expect("link");
    folder
}

/// Copies a file, or a folder with everything in it, and makes the folders that it needs.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("folder");
        fs::copy(from, to).expect("copied");
        return;
    }
    fs::create_dir_all(to).expect("folder");
    for item in fs::read_dir(from).expect("readable") {
        let from = item.expect("readable").path();
        copy(&from, &to.join(from.file_name().expect("a name")));
    }
}

/// Adds an implementation that runs `program`, with what else its manifest says.
pub(crate) fn add_implementation(root: &Path, id: &str, program: &Path, more: &str) {
    let folder = root.join("implementations").join(id);
    fs::create_dir_all(&folder).expect("folder");
    let program = program.display();
    let manifest = format!(
        "id: {id}\nname: {id}\nlanguage: rust\nframework: {{ name: std, url: \"https://doc.rust-lang.org\" }}\n\
         concurrency: a thread per connection\nprotocols: [http/1.1]\n\
         process:\n  run: [\"{program}\", --queue, mutex]\n  version: [\"{program}\", --version]\n\
         endpoints: [plaintext, json, echo, users, search, static, delay, upload]\n{more}"
    );
    fs::write(folder.join("implementation.yaml"), manifest).expect("manifest");
}
