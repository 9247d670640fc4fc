//! The images of real entries, from the repository as it is: their Dockerfiles build on the base
//! images that this machine has, and what runs in the container conforms as its manifest says. Those
//! that need no minutes to build stand for all; `just docker-image ID` builds any.

#[path = "support/docker.rs"]
mod docker;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// `toolchain` runs where the toolchain in the base image that `base` stands for is installed.
fn conforms_in_a_container(entry: &str, base: &str, toolchain: &[&str]) {
    if !docker::has_base("DEBIAN_IMAGE", &["true"]) || !docker::has_base(base, toolchain) {
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(["conform", "--isolation", "container", "--database", "none", "--impl", entry])
        .arg("--root")
        .arg(root())
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let told =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert_eq!(output.status.code(), Some(0), "{entry}:\n{}", told.join("\n"));
}

#[test]
fn an_entry_of_an_interpreter_conforms() {
    conforms_in_a_container("python-stdlib", "PYTHON_IMAGE", &["python3", "--version"]);
}

#[test]
fn an_entry_that_is_compiled_conforms() {
    conforms_in_a_container("go-nethttp", "GO_IMAGE", &["go", "version"]);
}
