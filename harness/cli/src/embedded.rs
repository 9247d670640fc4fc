//! The spec that the program carries, for whoever has no checkout around them.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use httpdyno_target::scratch::Scratch;

use crate::exit::Failure;

/// Every file below `spec/`, by its path there.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/spec_files.rs"));

/// A folder with `spec/` in it, as this program was built with: in the user's folder for caches, else
/// among the temporary files for as long as this process lives.
pub(crate) fn root() -> Result<&'static Path, Failure> {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    static KEPT: OnceLock<Scratch> = OnceLock::new();
    if let Some(root) = ROOT.get() {
        return Ok(root);
    }
    let root = match cache().map(|cache| cached(&cache)) {
        Some(Ok(root)) => root,
        // No such folder, or one that nothing can be written to.
        Some(Err(_)) | None => {
            let failed = |error: io::Error| {
                Failure::new(format!("cannot write the spec to a folder: {error}"))
            };
            let scratch = Scratch::create("spec", None).map_err(failed)?;
            let root = scratch.path().to_owned();
            write(&root).map_err(failed)?;
            let _ = KEPT.set(scratch);
            root
        }
    };
    Ok(ROOT.get_or_init(|| root))
}

/// The user's folder for caches (XDG Base Directory Specification).
fn cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    let of_caches = set("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = of_caches.or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")))?;
    Some(caches.join("httpdyno")).filter(|folder| folder.is_absolute())
}

/// The copy in `cache`, made where there is none, or one that is not as it should be.
fn cached(cache: &Path) -> io::Result<PathBuf> {
    let mut hash = DefaultHasher::new();
    FILES.hash(&mut hash);
    let root = cache.join(format!("spec-{:016x}", hash.finish()));
    if is_whole(&root) {
        return Ok(root);
    }
    let fresh = cache.join(format!("spec-{:016x}.{}.new", hash.finish(), std::process::id()));
    let _ = fs::remove_dir_all(&fresh);
    let moved = write(&fresh).and_then(|()| {
        if root.exists() && !is_whole(&root) {
            fs::remove_dir_all(&root)?;
        }
        fs::rename(&fresh, &root)
    });
    let _ = fs::remove_dir_all(&fresh);
    // Another process may have put one there in between.
    if is_whole(&root) { Ok(root) } else { Err(moved.err().unwrap_or(io::ErrorKind::Other.into())) }
}

fn write(root: &Path) -> io::Result<()> {
    for (name, content) in FILES {
        let path = root.join("spec").join(name);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, content)?;
    }
    fs::create_dir_all(root.join("implementations"))
}

/// Whether every file is there, and no other one beside those that are read by their folder.
fn is_whole(root: &Path) -> bool {
    let spec = root.join("spec");
    let is_right = |&(name, content): &(&str, &[u8])| {
        fs::read(spec.join(name)).is_ok_and(|found| found == content)
    };
    let names = |folder: &str| fs::read_dir(spec.join(folder)).map_or(0, Iterator::count);
    let known =
        |folder: &str| FILES.iter().filter(|(name, _)| is_directly_in(name, folder)).count();
    let folders = ["cases", "workloads", "profiles"];
    FILES.iter().all(is_right)
        && folders.into_iter().all(|folder| names(folder) == known(folder))
        && fs::read_dir(root.join("implementations")).is_ok_and(|mut items| items.next().is_none())
}

fn is_directly_in(name: &str, folder: &str) -> bool {
    Path::new(name).parent() == Some(Path::new(folder))
}

#[cfg(test)]
mod tests {
    use super::{FILES, cached, is_whole};
    use httpdyno_spec::SpecTree;
    use std::fs;

    #[test]
    fn the_spec_is_unpacked_once_and_mended_where_it_was_changed() {
        let cache = tempfile::tempdir().expect("folder");
        let root = cached(cache.path()).expect("unpacked");
        let tree = SpecTree::load(&root).expect("it is right");
        assert!(tree.profile("smoke").is_ok() && tree.implementations.is_empty());
        assert!(FILES.iter().any(|(name, _)| *name == "schema/workload.schema.json"));
        let endpoints = root.join("spec/endpoints.yaml");
        let first = fs::metadata(&endpoints).expect("a file").modified().expect("a time");
        assert_eq!(cached(cache.path()).expect("there"), root);
        assert_eq!(fs::metadata(&endpoints).expect("a file").modified().expect("a time"), first);
        let spoils: [&dyn Fn(); 3] = [
            &|| fs::write(&endpoints, "version: 2").expect("written"),
            &|| fs::write(root.join("spec/cases/mine.yaml"), "").expect("written"),
            &|| fs::remove_file(root.join("spec/workloads/json.yaml")).expect("removed"),
        ];
        for spoil in spoils {
            spoil();
            assert!(!is_whole(&root));
            assert_eq!(cached(cache.path()).expect("mended"), root);
            assert!(is_whole(&root));
        }
        assert_eq!(fs::read_dir(cache.path()).expect("readable").count(), 1, "nothing is left");
    }
}
