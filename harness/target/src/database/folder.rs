//! A folder of the harness's own, and the lock that says whether its harness still lives.

use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::error::StartDatabaseError;
use super::user::ClusterUser;
use super::watcher::Watcher;

/// How the names of all such folders begin; process id, and a number in that process, follow.
pub(super) const PREFIX: &str = "httpdyno-postgres-";

/// In each folder: held locked by the harness as long as it lives (flock(2) ends with the
/// process, however that ends).
pub(super) const LOCK: &str = "harness.lock";

/// The longest path of the folder that leaves room for the socket in it: a socket's address holds
/// 107 bytes (unix(7)).
const LONGEST: usize = 107 - "/socket/.s.PGSQL.65535.lock".len();

static MADE: AtomicU32 = AtomicU32::new(0);

/// A locked folder that only the cluster's user may enter. Removed when dropped.
#[derive(Debug)]
pub(super) struct PrivateFolder {
    path: PathBuf,
    _lock: File,
    /// Removes it when nobody drops this.
    watcher: Watcher,
}

impl PrivateFolder {
    /// Makes one for `user`, among the temporary files.
    pub(super) fn create(user: &ClusterUser) -> Result<Self, StartDatabaseError> {
        let mut path = parent();
        loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            path = path.join(format!("{PREFIX}{}-{number}", std::process::id()));
            match create_at(&path, user) {
                Ok(lock) => {
                    let watcher = Watcher::start(&path).inspect_err(|_| {
                        // Nothing is in it, and nobody else will remove it.
                        let _ = std::fs::remove_dir_all(&path);
                    })?;
                    return Ok(Self { path, _lock: lock, watcher });
                }
                // A folder of a dead harness with our process id, or one that another harness
                // took for a dead one's before it was locked: the next number then.
                Err(error) if is_taken(&error) && number < 1000 => path.pop(),
                Err(source) => return Err(StartDatabaseError::Folder { path, source }),
            };
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn data(&self) -> PathBuf {
        data_in(&self.path)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("socket")
    }
}

/// Makes the folder and what is in it; the lock that it is held by.
fn create_at(path: &Path, user: &ClusterUser) -> io::Result<File> {
    DirBuilder::new().mode(0o700).create(path)?;
    let lock = File::create_new(path.join(LOCK))?;
    lock.try_lock()?;
    // Somebody may have swept the folder between its making and its locking.
    let locked = lock.metadata()?.ino();
    if std::fs::metadata(path.join(LOCK))?.ino() != locked {
        return Err(io::ErrorKind::NotFound.into());
    }
    for inner in ["data", "socket"] {
        DirBuilder::new().mode(0o700).create(path.join(inner))?;
    }
    if let Some((uid, gid)) = user.switch {
        for owned in [path.join("data"), path.join("socket"), path.to_owned()] {
            std::os::unix::fs::chown(owned, Some(uid), Some(gid))?;
        }
    }
    // Whatever the umask was.
    std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    Ok(lock)
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir_all(&self.path);
        if removed.is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
            // Somebody still writes there. What the watcher cannot remove either, the next start does.
            self.watcher.go_on();
        }
    }
}

/// The folder of the cluster's files in the private folder `path`.
pub(super) fn data_in(path: &Path) -> PathBuf {
    path.join("data")
}

/// Where private folders are made: the folder for temporary files, unless its path is too long
/// for a socket.
pub(super) fn parent() -> PathBuf {
    // The true path, so that every run names a folder alike, however it is told of it.
    let given = std::env::temp_dir();
    let temporary = given.canonicalize().unwrap_or(given);
    let longest_name = PREFIX.len() + "4194304-4294967295".len() + 1;
    if temporary.as_os_str().len() + longest_name <= LONGEST {
        temporary
    } else {
        PathBuf::from("/tmp")
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound | io::ErrorKind::WouldBlock
    )
}

#[cfg(test)]
mod tests {
    use super::PrivateFolder;
    use crate::database::user::ClusterUser;
    use std::time::{Duration, Instant};

    #[test]
    fn a_folder_in_which_somebody_still_writes_goes_too() {
        let Ok(user) = ClusterUser::choose() else { return };
        for _ in 0..10 {
            let folder = PrivateFolder::create(&user).expect("a folder");
            let (path, data) = (folder.path().to_owned(), folder.data());
            let until = Instant::now() + Duration::from_millis(300);
            let writer = std::thread::spawn(move || {
                for number in 0.. {
                    let _ = std::fs::write(data.join(number.to_string()), "");
                    if Instant::now() > until {
                        return;
                    }
                }
            });
            std::thread::sleep(Duration::from_millis(20));
            drop(folder);
            writer.join().expect("it ends");
            let deadline = Instant::now() + Duration::from_secs(30);
            while path.exists() {
                assert!(Instant::now() < deadline, "{} is left", path.display());
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}
