//! What is run is what was just built, wherever cargo's configuration has it built.

#[allow(dead_code, reason = "this test uses its manifest alone")]
#[path = "../testing/misbehaving.rs"]
mod misbehaving;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use httpdyno_spec::manifest::Manifest;
use httpdyno_target::{CommandContext, build, version};

const NAME: &str = "just-built";

/// The triple for which this machine's compiler builds unless it is told otherwise.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("a host").to_owned()
}

/// A package whose program prints `new`, with this configuration of cargo, and an older program that
/// prints `old` at the place where it is usually built.
fn package(root: &Path, configuration: &str) -> PathBuf {
    let put = |file: &str, text: &str| {
        let path = root.join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    put("Cargo.toml", &format!("[package]\nname = \"{NAME}\"\nedition = \"2024\"\n[workspace]\n"));
    put("src/main.rs", "fn main() { println!(\"new\") }\n");
    put(".cargo/config.toml", configuration);
    let program = format!("target/release/{NAME}");
    put(&program, "#!/bin/sh\necho old\n");
    let program = root.join(program);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("executable");
    program
}

fn built_by(command: &[&str]) -> Manifest {
    let program = format!("{{cargo_target}}/release/{NAME}");
    let mut manifest = misbehaving::manifest(NAME, Path::new(&program), &[]);
    manifest.process.build = command.iter().map(|&word| word.to_owned()).collect();
    manifest.process.version = vec![program];
    manifest
}

#[test]
fn whatever_cargo_is_configured_to_the_old_program_is_never_run() {
    let host = host();
    let (of_target, of_folder) =
        (format!("CARGO_BUILD_TARGET={host}"), "CARGO_BUILD_TARGET_DIR=elsewhere");
    let cargo = ["cargo", "build", "--release", "--offline"];
    let with = |setting: &str| -> Vec<String> {
        ["env", setting].iter().chain(&cargo).map(|&word| word.to_owned()).collect()
    };
    let plain: Vec<String> = cargo.map(str::to_owned).to_vec();
    for (configuration, command) in [
        (String::new(), plain.clone()),
        (format!("[build]\ntarget = \"{host}\"\n"), plain.clone()),
        ("[build]\ntarget-dir = \"elsewhere\"\n".to_owned(), plain),
        (String::new(), with(&of_target)),
        (String::new(), with(of_folder)),
    ] {
        let root = tempfile::tempdir().expect("a folder");
        let program = package(root.path(), &configuration);
        let context = CommandContext {
            // Not that of whoever runs this test.
            cargo_target: root.path().join("target"),
            ..CommandContext::new(root.path(), root.path())
        };
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let manifest = built_by(&words);
        assert_eq!(version(&manifest, &context).expect("it runs"), "old");
        build(&manifest, &context, &AtomicBool::new(false))
            .unwrap_or_else(|error| panic!("{configuration} {command:?}: {error}"));
        let found = version(&manifest, &context).expect("it runs");
        assert_eq!(found, "new", "{configuration} {command:?}, {}", program.display());
    }
}

#[test]
fn what_the_compiler_says_stands_in_the_message_as_before() {
    let root = tempfile::tempdir().expect("a folder");
    package(root.path(), "");
    fs::write(root.path().join("src/main.rs"), "fn main() { nonsense }\n").expect("written");
    let context = CommandContext {
        cargo_target: root.path().join("target"),
        ..CommandContext::new(root.path(), root.path())
    };
    let manifest = built_by(&["cargo", "build", "--release", "--offline"]);
    let error = build(&manifest, &context, &AtomicBool::new(false)).expect_err("no program");
    let text = error.to_string();
    assert!(text.contains("`cargo build --release --offline` failed"), "{text}");
    assert!(text.contains("nonsense") && !text.contains("compiler-message"), "{text}");
}
