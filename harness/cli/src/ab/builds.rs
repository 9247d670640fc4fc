//! `ab --builds`: each revision built several times, every time laid out in another way. The order in which
//! objects are linked and the size of the environment move code and stack, and with them the speed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use httpdyno_report::provenance::quoted;
use httpdyno_stats::Seeded;

use crate::exit::Failure;

/// Where one side's builds are, by the names that they have in the record.
pub(super) fn names(side: &str, builds: u32) -> Vec<String> {
    match builds {
        1 => vec![side.to_owned()],
        _ => (1..=builds).map(|number| format!("{side}-{number}")).collect(),
    }
}

/// The side of an entry of the record.
pub(super) fn is_of(entry: &str, side: &str) -> bool {
    let number = entry.strip_prefix(side).map(|rest| rest.strip_prefix('-').unwrap_or(rest));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The names under which compilers are called when they link.
const LINKERS: [&str; 8] = ["cc", "gcc", "g++", "c++", "clang", "clang++", "ld", "ld.lld"];

/// The longest padding of a server's environment, in bytes: a page, within which a stack begins anywhere.
const MOST_PADDING: usize = 4096;

/// How one build is laid out.
pub(super) struct Layout {
    /// Of the build's own environment: `PATH`, by which its linker is found, and what its scripts may want
    /// to know.
    pub(super) build: Vec<(String, String)>,
    /// Of the server's environment.
    pub(super) server: BTreeMap<String, String>,
}

impl Layout {
    /// The layout of the build `name`, whose tools lie in `folder`.
    pub(super) fn of(folder: &Path, name: &str, seed: u64) -> Result<Self, Failure> {
        let bytes = name.bytes();
        let seed = bytes.fold(seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let tools = folder.join(format!("linkers-{name}"));
        let cannot = |error: std::io::Error| {
            Failure::new(format!("cannot put linkers into {}: {error}", tools.display()))
        };
        fs::create_dir(&tools).map_err(cannot)?;
        let program = std::env::current_exe().map_err(cannot)?;
        let program = quoted(&program.to_string_lossy());
        let path = std::env::var("PATH").unwrap_or_default();
        for linker in LINKERS {
            let Some(real) = found(linker, &path) else { continue };
            let real = quoted(&real.to_string_lossy());
            let script = tools.join(linker);
            let line = format!("#!/bin/sh\nexec {program} link --seed {seed} -- {real} \"$@\"\n");
            fs::write(&script, line).map_err(cannot)?;
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).map_err(cannot)?;
        }
        let padding = "x".repeat(Seeded::new(seed).below(MOST_PADDING));
        Ok(Self {
            build: vec![
                ("PATH".to_owned(), format!("{}:{path}", tools.display())),
                ("HTTPDYNO_BUILD".to_owned(), seed.to_string()),
            ],
            server: BTreeMap::from([("HTTPDYNO_PADDING".to_owned(), padding)]),
        })
    }
}

/// The program of that name on the path.
fn found(name: &str, path: &str) -> Option<PathBuf> {
    let mut all =
        path.split(':').filter(|folder| !folder.is_empty()).map(|it| Path::new(it).join(name));
    all.find(|file| {
        fs::metadata(file).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::{Layout, is_of, names};

    #[test]
    fn one_build_has_the_name_of_its_side_and_several_have_numbers() {
        assert_eq!(names("base", 1), ["base"]);
        assert_eq!(names("head", 3), ["head-1", "head-2", "head-3"]);
        for (entry, is) in [
            ("head", true),
            ("head-2", true),
            ("header", false),
            ("base-1", false),
            ("head-x", false),
        ] {
            assert_eq!(is_of(entry, "head"), is, "{entry}");
        }
    }

    #[test]
    fn builds_are_laid_out_differently_and_alike_again_from_the_same_seed() {
        let folders = [(), ()].map(|()| tempfile::tempdir().expect("a folder"));
        let of = |at: usize, name: &str| Layout::of(folders[at].path(), name, 7).expect("a layout");
        let padding = |layout: &Layout| layout.server["HTTPDYNO_PADDING"].len();
        let all = ["base-1", "base-2", "head-1", "head-2"].map(|name| of(0, name));
        let lengths: std::collections::BTreeSet<usize> = all.iter().map(padding).collect();
        assert_eq!(lengths.len(), 4, "{lengths:?}");
        assert_eq!(padding(&of(1, "base-2")), padding(&all[1]));
        let path = &all[0].build[0].1;
        assert!(path.starts_with(&*folders[0].path().join("linkers-base-1").to_string_lossy()));
    }
}
