//! Which entries a change touches, as `.ci/run` asks it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// What `.ci/touched` makes of these paths.
fn touched(paths: &[&str]) -> String {
    let mut script = Command::new(root().join(".ci/touched"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the script runs");
    let mut input = script.stdin.take().expect("piped");
    for path in paths {
        // It may have seen enough already.
        let _ = writeln!(input, "{path}");
    }
    drop(input);
    let output = script.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

#[test]
fn a_change_within_entries_names_them_once() {
    let paths = [
        "implementations/rust-std/src/main.rs",
        "implementations/go-nethttp/go.mod",
        "implementations/rust-std/README.md",
        "implementations/rust-std/src/http/a b.rs",
    ];
    assert_eq!(touched(&paths), "go-nethttp,rust-std");
}

#[test]
fn a_change_of_anything_else_is_one_of_all() {
    let entry = "implementations/rust-std/src/main.rs";
    for other in [
        "Cargo.lock",
        "spec/endpoints.yaml",
        "harness/cli/src/main.rs",
        "implementations/_shared/rust/src/lib.rs",
        "implementations/.gitignore",
        "implementations/README.md",
        // As git quotes a name that is not ASCII.
        "\"implementations/x/\\303\\274\"",
    ] {
        assert_eq!(touched(&[entry, other]), "all", "{other}");
        assert_eq!(touched(&[other, entry]), "all", "{other}");
    }
    assert_eq!(touched(&[]), "all", "nothing is not known to touch nothing");
}
