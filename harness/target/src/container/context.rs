//! The build context of an image: the files that its Dockerfile may copy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::ignore::Ignore;

/// More than this is no source: something that was built or downloaded lies about.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Why there is no build context.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// A file cannot be read.
    #[error("cannot read {path} for the build context: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is too much.
    #[error(
        "the build context at {root} is larger than {most_mib} MiB; name what is built or downloaded \
         there in {root}/.dockerignore"
    )]
    TooLarge {
        /// Its root.
        root: PathBuf,
        /// The limit.
        most_mib: u64,
    },
}

/// The folder `root` as an archive, without what its `.dockerignore` leaves out.
pub(super) fn of_folder(root: &Path) -> Result<Vec<u8>, ContextError> {
    let mut archive = Archive::new();
    let ignore = Ignore::of(root);
    add_folder(&mut archive, root, &mut Vec::new(), &ignore)?;
    archive.finish().map_err(unreadable(root))
}

/// The contents of the folder `from` below the folder `to`, which is made too.
pub(super) fn add_below(archive: &mut Archive, from: &Path, to: &str) -> Result<(), ContextError> {
    archive.add(to, &from.canonicalize().map_err(unreadable(from))?).map_err(unreadable(from))?;
    for (name, path) in items(from)? {
        let to = format!("{to}/{name}");
        match fs::metadata(&path).map_err(unreadable(&path))?.is_dir() {
            true => add_below(archive, &path, &to)?,
            false => archive.add_followed(&to, &path).map_err(unreadable(&path))?,
        }
    }
    Ok(())
}

fn add_folder(
    archive: &mut Archive,
    root: &Path,
    above: &mut Vec<String>,
    ignore: &Ignore,
) -> Result<(), ContextError> {
    let folder = above.iter().fold(root.to_owned(), |folder, name| folder.join(name));
    for (name, path) in items(&folder)? {
        above.push(name);
        let names: Vec<&str> = above.iter().map(String::as_str).collect();
        let is_excluded = ignore.excludes(&names);
        if !is_excluded {
            archive.add(&names.join("/"), &path).map_err(unreadable(&path))?;
        }
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        if is_folder && (!is_excluded || ignore.takes_back()) {
            add_folder(archive, root, above, ignore)?;
        }
        above.pop();
        if archive.bytes() > MOST_BYTES {
            let most_mib = MOST_BYTES / (1024 * 1024);
            return Err(ContextError::TooLarge { root: root.to_owned(), most_mib });
        }
    }
    Ok(())
}

/// What lies in a folder, in alphabetical order. A name that is no text can be copied by no
/// Dockerfile.
fn items(folder: &Path) -> Result<Vec<(String, PathBuf)>, ContextError> {
    let read = fs::read_dir(folder).map_err(unreadable(folder))?;
    let mut items: Vec<(String, PathBuf)> = read
        .flatten()
        .filter_map(|item| Some((item.file_name().into_string().ok()?, item.path())))
        .collect();
    items.sort();
    Ok(items)
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> ContextError {
    move |source| ContextError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::{Archive, add_below, of_folder};
    use std::fs;
    use std::io::Read;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// The names in an archive, each with its mode and content.
    fn contents(archive: &[u8]) -> Vec<(String, u32, String)> {
        let mut archive = tar::Archive::new(archive);
        let entries = archive.entries().expect("an archive");
        entries
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                let name = entry.path().expect("a name").display().to_string();
                let mode = entry.header().mode().expect("a mode");
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                (name, mode, text)
            })
            .collect()
    }

    #[test]
    fn the_context_holds_sources_and_nothing_that_is_ignored() {
        let root = tempfile::tempdir().expect("folder");
        for folder in ["target/release", "src/deep"] {
            fs::create_dir_all(root.path().join(folder)).expect("create");
        }
        let write =
            |name: &str, text: &str| fs::write(root.path().join(name), text).expect("write");
        write(".dockerignore", "target\n");
        write("target/release/server", "gigabytes");
        write("src/deep/main.rs", "fn main() {}");
        write("run.sh", "#!/bin/sh");
        let program = fs::Permissions::from_mode(0o700);
        fs::set_permissions(root.path().join("run.sh"), program).expect("set");
        symlink("run.sh", root.path().join("start")).expect("link");

        let found = contents(&of_folder(root.path()).expect("a context"));
        let names: Vec<(&str, u32)> =
            found.iter().map(|(name, mode, _)| (&**name, *mode)).collect();
        let expected = [
            (".dockerignore", 0o644),
            ("run.sh", 0o755),
            ("src/", 0o755),
            ("src/deep/", 0o755),
            ("src/deep/main.rs", 0o644),
            ("start", 0o777),
        ];
        assert_eq!(names, expected);
        assert_eq!(found[4].2, "fn main() {}");
    }

    #[test]
    fn a_folder_is_put_below_another_name() {
        let from = tempfile::tempdir().expect("folder");
        fs::create_dir(from.path().join("folder")).expect("create");
        fs::write(from.path().join("folder/hello.txt"), "Hello").expect("write");
        let mut archive = Archive::new();
        add_below(&mut archive, from.path(), "srv/files").expect("added");
        let found = contents(&archive.finish().expect("an archive"));
        let names: Vec<&str> = found.iter().map(|(name, ..)| &**name).collect();
        assert_eq!(names, ["srv/files/", "srv/files/folder/", "srv/files/folder/hello.txt"]);
    }
}
