//! Which entries a change touches, as `.ci/run` asks it.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
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

/// Whether the check of a change asks for anything that an ordinary user does not have.
fn checked_by_an_ordinary_user(changed: &str) -> (bool, String, String) {
    let checkout = tempfile::tempdir().expect("folder");
    let at = |path: &str| checkout.path().join(path);
    let run = |program: &str, arguments: &[&str]| {
        let path = std::env::var("PATH").expect("a PATH");
        Command::new(program)
            .args(arguments)
            .current_dir(checkout.path())
            .env("PATH", format!("{}:{path}", at("stubs").display()))
            .env("HTTPDYNO_BASE", "main")
            .env_remove("HTTPDYNO_ALL")
            .stdin(Stdio::null())
            .output()
            .expect("it runs")
    };
    fs::create_dir_all(at("stubs")).expect("folder");
    fs::create_dir_all(at(".ci")).expect("folder");
    for name in ["run", "touched", "own-tests"] {
        fs::copy(root().join(".ci").join(name), at(".ci").join(name)).expect("copied");
    }
    let stub = |name: &str, text: &str| {
        fs::write(at("stubs").join(name), format!("#!/bin/sh\n{text}\n")).expect("written");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(at("stubs").join(name), executable).expect("permissions");
    };
    stub("id", "echo 1000");
    stub("cargo", "echo \"$HTTPDYNO_ONLY: $*\" >>stubs/asked");
    for tool in ["rustup", "rustfmt"] {
        stub(tool, "exit 0");
    }
    for foreign in ["apt-get", "docker", "dockerd", "chromium", "debootstrap", "shellcheck", "sudo"]
    {
        // An engine that is there: nothing waits for one.
        let code = if foreign == "docker" { 0 } else { 99 };
        stub(foreign, &format!("echo \"$0 $*\" >>stubs/foreign; exit {code}"));
    }
    fs::write(at(".gitignore"), "stubs/\n").expect("written");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@localhost"];
        let output = run("git", &[&identity[..], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    };
    let commit = |message: &str| {
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", message]);
    };
    git(&["init", "--quiet", "--initial-branch", "main"]);
    commit("a base");
    git(&["checkout", "--quiet", "-b", "changed"]);
    fs::create_dir_all(at(changed).parent().expect("a folder")).expect("folder");
    fs::write(at(changed), "id: changed\n").expect("written");
    commit("a change");
    let status = run("bash", &[".ci/run"]).status;
    let text = |name: &str| fs::read_to_string(at("stubs").join(name)).unwrap_or_default();
    (status.success(), text("asked"), text("foreign"))
}

#[test]
fn a_change_within_an_entry_needs_no_root_no_engine_and_no_browser() {
    let (passes, asked, foreign) =
        checked_by_an_ordinary_user("implementations/some-entry/implementation.yaml");
    assert!(passes, "{asked}{foreign}");
    assert_eq!(foreign, "");
    let tests = asked.lines().find(|line| line.contains("--test snapshots")).expect("tests");
    // What the README's test command has built is not built for a single package once more.
    assert!(tests.starts_with("some-entry: test --locked --workspace "), "{tests}");
}

#[test]
fn a_change_of_anything_else_does_not_do_without() {
    let (passes, _, foreign) = checked_by_an_ordinary_user("spec/endpoints.yaml");
    assert!(!passes);
    assert_ne!(foreign, "");
}
