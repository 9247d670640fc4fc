//! Finding PostgreSQL on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::StartDatabaseError;
use crate::bounded;

/// Where distributions and packagers put one folder for each version: the parent, how the
/// version's folder begins, and where the programs are in it.
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr/local", "pgsql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
];

/// Major and minor version.
type Version = (u32, u32);

/// The programs of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    version: Version,
}

impl Binaries {
    /// Those in the folder `given`, else the newest on this machine; of equal ones, the first on
    /// the PATH.
    pub(super) fn find(given: Option<&Path>) -> Result<Self, StartDatabaseError> {
        Self::find_among(given, &candidates())
    }

    fn find_among(
        given: Option<&Path>,
        candidates: &[PathBuf],
    ) -> Result<Self, StartDatabaseError> {
        if let Some(folder) = given {
            return Self::in_folder(folder).map_err(|reason| StartDatabaseError::BadBinaries {
                folder: folder.to_owned(),
                reason,
            });
        }
        let found = candidates.iter().filter_map(|folder| Self::in_folder(folder).ok()).collect();
        newest(found).ok_or_else(|| StartDatabaseError::NoBinaries { searched: searched() })
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    fn in_folder(folder: &Path) -> Result<Self, String> {
        for program in ["initdb", "postgres"] {
            if !folder.join(program).is_file() {
                return Err(format!("there is no `{program}` in it"));
            }
        }
        // Through links (some put one for each program into a common folder), because PostgreSQL
        // finds its libraries and share files from where it really is.
        let real = folder
            .join("postgres")
            .canonicalize()
            .ok()
            .and_then(|program| Some(program.parent()?.to_owned()))
            .filter(|real| real.join("initdb").is_file())
            .unwrap_or_else(|| folder.to_owned());
        let answer = bounded::version_of(&real.join("postgres"))
            .map_err(|error| format!("its `postgres` does not run: {error}"))?;
        match version_in(&answer) {
            Some(version) => Ok(Self { folder: real, version }),
            None => Err(format!("its `postgres --version` answers `{}`", answer.trim())),
        }
    }
}

/// The version of the newest PostgreSQL on this machine, e.g. `15.18`.
#[must_use]
pub fn installed_version() -> Option<String> {
    let (major, minor) = Binaries::find(None).ok()?.version;
    Some(format!("{major}.{minor}"))
}

/// Of equal versions the first.
fn newest(found: Vec<Binaries>) -> Option<Binaries> {
    found.into_iter().reduce(|best, next| if next.version > best.version { next } else { best })
}

/// The version in `postgres (PostgreSQL) 15.18 (Debian ...)`; a development version counts as
/// minor 0.
fn version_in(answer: &str) -> Option<Version> {
    let (_, text) = answer.split_once("(PostgreSQL) ")?;
    let number = |text: &str| {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..digits].parse().ok()
    };
    let minor = text.split_once('.').and_then(|(_, minor)| number(minor));
    Some((number(text)?, minor.unwrap_or(0)))
}

/// Every folder where the programs may be, those of the PATH first.
pub(super) fn candidates() -> Vec<PathBuf> {
    candidates_in(&std::env::var_os("PATH").unwrap_or_default(), Path::new("/"))
}

/// The same with this PATH, and versions' folders below `root`.
fn candidates_in(path: &OsStr, root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    for (parent, prefix, inner) in VERSIONED {
        let parent = root.join(parent.trim_start_matches('/'));
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        let versions = entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(|entry| entry.path().join(inner));
        folders.extend(versions);
    }
    folders
}

/// The places of [`candidates`], for a message.
fn searched() -> String {
    let versioned = VERSIONED.map(|(parent, prefix, inner)| {
        format!("{parent}/{prefix}*/{inner}").trim_end_matches('/').to_owned()
    });
    format!("the PATH, {}", versioned.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Binaries, candidates_in, newest, version_in};
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    #[test]
    fn versions_are_read_as_distributions_write_them() {
        for (answer, version) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some((15, 18))),
            ("postgres (PostgreSQL) 17.2\n", Some((17, 2))),
            ("postgres (PostgreSQL) 19devel\n", Some((19, 0))),
            ("something else 15.1", None),
            ("postgres (PostgreSQL) ", None),
        ] {
            assert_eq!(version_in(answer), version, "{answer}");
        }
    }

    /// An installation of that version. Written by a process of its own: a file that this one has
    /// open for writing while another test starts a program could not be run.
    fn install(folder: &Path, version: &str) {
        let script = "mkdir -p \"$1\" && cd \"$1\" && touch initdb && \
             printf '#!/bin/sh\\necho \"postgres (PostgreSQL) %s\"\\n' \"$2\" >postgres && \
             chmod +x postgres";
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("sh").arg(folder).arg(version);
        assert!(command.status().expect("a shell").success());
    }

    #[test]
    fn the_newest_of_the_distributions_folders_is_taken() {
        let root = tempfile::tempdir().expect("a folder");
        let debian = root.path().join("usr/lib/postgresql");
        for version in ["9.6", "15.3", "14.11"] {
            let major = version.split('.').next().expect("a number");
            install(&debian.join(major).join("bin"), version);
        }
        install(&root.path().join("usr/pgsql-13/bin"), "13.4");
        let find = |path: &Path| {
            let candidates = candidates_in(path.as_os_str(), root.path());
            Binaries::find_among(None, &candidates).expect("found").initdb()
        };
        let newest = debian.canonicalize().expect("a path").join("15/bin/initdb");
        assert_eq!(find(Path::new("")), newest);
        let own = root.path().join("own");
        install(&own, "15.2");
        assert_eq!(find(&own), newest, "an older one is on the PATH");
        install(&own, "16.0");
        assert_eq!(find(&own), own.canonicalize().expect("a path").join("initdb"));
    }

    #[test]
    fn where_there_is_none_the_ways_to_get_one_are_named() {
        let root = tempfile::tempdir().expect("a folder");
        // A folder without `postgres` is no installation.
        std::fs::create_dir_all(root.path().join("usr/lib/postgresql/15/bin")).expect("folder");
        let candidates = candidates_in(OsStr::new(""), root.path());
        let missing = Binaries::find_among(None, &candidates).expect_err("none").to_string();
        for way in [
            "the PATH, /usr/lib/postgresql/*/bin, ",
            "install it (e.g. the package `postgresql`)",
            "`--database private:FOLDER`",
            "`--database fetched`",
            "`--database container`",
            "`--database postgres://USER@HOST/DATABASE`",
        ] {
            assert!(missing.contains(way), "{way} in {missing}");
        }
    }

    #[test]
    fn the_newest_wins_and_of_equal_ones_the_first() {
        let at = |folder: &str, version| Binaries { folder: PathBuf::from(folder), version };
        let found = vec![at("a", (9, 6)), at("b", (15, 2)), at("c", (15, 2)), at("d", (14, 30))];
        assert_eq!(newest(found), Some(at("b", (15, 2))));
        assert_eq!(newest(vec![]), None);
    }
}
