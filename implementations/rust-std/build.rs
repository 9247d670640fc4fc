//! Tells the program which standard library it is built with, for `--version`.
#![forbid(unsafe_code)]

use std::env;
use std::process::Command;

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(&rustc)
        .arg("--version")
        .output()
        .map_err(|error| format!("can not run {}: {error}", rustc.display()))?;
    let told = String::from_utf8_lossy(&told.stdout);
    // `rustc 1.95.0 (hash date)`
    let version = told.split_whitespace().nth(1);
    let version = version.ok_or_else(|| format!("rustc --version says {told:?}"))?;
    println!("cargo::rustc-env=RUSTC_VERSION={version}");
    Ok(())
}
