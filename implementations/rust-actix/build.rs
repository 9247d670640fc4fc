//! Tells the program which actix-web it is linked with, for `--version`.
#![forbid(unsafe_code)]

#[path = "../_shared/rust/src/lockfile.rs"]
#[expect(unreachable_pub, reason = "it is public in the crate it belongs to")]
mod lockfile;

fn main() -> Result<(), String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    println!("cargo::rerun-if-changed={path}");
    println!("cargo::rerun-if-changed=../_shared/rust/src/lockfile.rs");
    let lock = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let version = lockfile::locked_version(&lock, "actix-web")?;
    println!("cargo::rustc-env=ENGINE_VERSION={version}");
    Ok(())
}
