//! The Dockerfiles that `httpdyno new` writes: each is built as it is, and what runs in the container
//! conforms. Rust's takes the longest (hyper and tokio, optimised): about a minute, once.

#[path = "support/docker.rs"]
mod docker;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

/// A root with the spec, the pins of base images and what entries in Python and on Node share, which is copied: an
/// engine follows no link out of what it builds from.
fn root_to_build_from() -> tempfile::TempDir {
    let folder = tree::empty();
    let root = folder.path();
    fs::create_dir_all(root.join("docker")).expect("folder");
    let pins = "docker/base-images";
    symlink(tree::root().join(pins), root.join(pins)).expect("link");
    for shared in ["python", "node"] {
        let shared = Path::new("implementations/_shared").join(shared);
        tree::copy(&tree::root().join(&shared), &root.join(&shared));
    }
    folder
}

/// Runs `httpdyno`, which must end well.
fn httpdyno(root: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(arguments)
        .arg("--root")
        .arg(root)
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let told =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}:\n{}", told.join("\n"));
}

/// `base` is the build argument of the base image with the toolchain, `probe` a command that runs where
/// that toolchain is installed.
fn new_entry_conforms(language: &str, base: &str, probe: &[&str]) {
    if !docker::has_base("DEBIAN_IMAGE", &["true"]) || !docker::has_base(base, probe) {
        return;
    }
    let root = root_to_build_from();
    // The same each time, so that the engine builds again only what has changed.
    let id = format!("{language}-newcomer");
    httpdyno(root.path(), &["new", &id, "--language", language]);
    httpdyno(root.path(), &["conform", "--isolation", "container", "--impl", &id]);
}

#[test]
fn of_a_new_entry_in_rust() {
    new_entry_conforms("rust", "RUST_IMAGE", &["cargo", "--version"]);
}

#[test]
fn of_a_new_entry_in_go() {
    new_entry_conforms("go", "GO_IMAGE", &["go", "version"]);
}

#[test]
fn of_a_new_entry_in_python() {
    new_entry_conforms("python", "PYTHON_IMAGE", &["python3", "--version"]);
}

#[test]
fn of_a_new_entry_in_node() {
    new_entry_conforms("node", "NODE_IMAGE", &["node", "--version"]);
}

#[test]
fn of_a_new_entry_in_typescript() {
    new_entry_conforms("typescript", "NODE_IMAGE", &["node", "--version"]);
}

/// No script of docker/base-images makes its base: it is pulled, or skipped.
#[test]
fn of_a_new_entry_in_java() {
    new_entry_conforms("java", "JAVA_IMAGE", &["false"]);
}

#[test]
fn of_a_new_entry_in_cpp() {
    new_entry_conforms("cpp", "DEBIAN_IMAGE", &["true"]);
}
