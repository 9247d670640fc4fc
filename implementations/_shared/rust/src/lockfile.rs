//! The version of a dependency, read from `Cargo.lock`.
//!
//! Build scripts include this file, so that `--version` tells what was really
//! linked and can not go stale.

/// The one locked version of `package`.
///
/// # Errors
/// When the lock file knows no such package or several versions of it.
pub fn locked_version<'l>(lock: &'l str, package: &str) -> Result<&'l str, String> {
    let mut versions = lock.split("[[package]]").filter_map(|entry| {
        let mut lines = entry.lines();
        lines.find_map(|line| quoted(line, "name")).filter(|name| *name == package)?;
        lines.find_map(|line| quoted(line, "version"))
    });
    let found = versions.next().ok_or_else(|| format!("{package} is not in Cargo.lock"))?;
    match versions.next() {
        None => Ok(found),
        Some(other) => Err(format!("Cargo.lock has {package} {found} and {other}: expected one")),
    }
}

fn quoted<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let value = line.strip_prefix(key)?.strip_prefix(" = \"")?;
    value.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"hyper\"\nversion = \"1.12.0\"\n\n\
        [[package]]\nname = \"hyper-util\"\nversion = \"0.1.21\"\n\n\
        [[package]]\nname = \"nix\"\nversion = \"0.30.1\"\n\n\
        [[package]]\nname = \"nix\"\nversion = \"0.31.3\"\n";

    #[test]
    fn a_version_belongs_to_the_exact_name() {
        assert_eq!(locked_version(LOCK, "hyper"), Ok("1.12.0"));
        assert_eq!(locked_version(LOCK, "hyper-util"), Ok("0.1.21"));
    }

    #[test]
    fn unknown_and_ambiguous_packages_are_errors() {
        assert!(locked_version(LOCK, "hyp").unwrap_err().contains("not in Cargo.lock"));
        assert!(locked_version(LOCK, "nix").unwrap_err().contains("0.30.1 and 0.31.3"));
    }
}
