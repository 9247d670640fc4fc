//! The folder where fetched programs are kept, and where they are got ready.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::error::FetchError;

static MADE: AtomicU32 = AtomicU32::new(0);

/// The user's folder for caches (XDG Base Directory Specification), or the system's when the
/// harness is root: the cluster then runs as somebody who must be able to reach it.
pub(super) fn usual() -> Result<PathBuf, FetchError> {
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/cache/httpdyno"));
    }
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    Ok(caches.ok_or(FetchError::NoCache)?.join("httpdyno"))
}

/// A folder for what is not ready yet. Removed when dropped.
#[derive(Debug)]
pub(super) struct Workshop(PathBuf);

impl Workshop {
    pub(super) fn create(cache: &Path) -> Result<Self, FetchError> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = cache.join(format!("fetching-{}-{number}", std::process::id()));
        // One of a killed harness with our process id.
        let _ = fs::remove_dir_all(&path);
        match fs::create_dir_all(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(FetchError::Cache { path, source }),
        }
    }

    pub(super) fn archive(&self) -> PathBuf {
        self.0.join("archive.jar")
    }

    pub(super) fn unpacked(&self) -> PathBuf {
        self.0.join("unpacked")
    }

    /// Moves what was unpacked to where it is kept, in one step. Another harness may have been
    /// faster: what it has put there is the same.
    pub(super) fn move_to(&self, folder: &Path) -> Result<(), FetchError> {
        match fs::rename(self.unpacked(), folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            done => done.map_err(|source| FetchError::Cache { path: folder.to_owned(), source }),
        }
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
