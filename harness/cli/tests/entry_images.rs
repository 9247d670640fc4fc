//! The images of real entries, from the repository as it is: their Dockerfiles build on the base
//! images that this machine has, and what runs in the container conforms as its manifest says. Those
//! that need no minutes to build stand for all; `just docker-image ID` builds any.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use httpdyno_target::Containers;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// Whether the base images of an entry are here, by the name of the one with its toolchain.
fn has_image(name: &str) -> bool {
    let mut inspect = Command::new("docker");
    inspect.args(["image", "inspect", name]).stdout(Stdio::null()).stderr(Stdio::null());
    inspect.status().is_ok_and(|status| status.success())
}

fn conforms_in_a_container(entry: &str, base: &str) {
    if let Err(error) = Containers::reach() {
        let required = std::env::var_os("HTTPDYNO_REQUIRE_DOCKER");
        assert!(required.is_none_or(|value| value != "1"), "{error}");
        println!("skipped: {error}");
        return;
    }
    if !has_image(base) {
        println!("skipped: {entry} in a container: no image {base} (docker/base-images/README.md)");
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
    conforms_in_a_container("python-stdlib", "python:3.11-slim-bookworm");
}

#[test]
fn an_entry_that_is_compiled_conforms() {
    conforms_in_a_container("go-nethttp", "golang:1.26-bookworm");
}
