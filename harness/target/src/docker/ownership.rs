//! The labels by which a later run knows containers of a dead harness.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};

use super::engine::Engine;

/// What the container is for, e.g. `database`.
const ROLE: &str = "org.httpdyno.role";

/// The file that the container's harness holds locked.
const LOCK: &str = "org.httpdyno.lock";

/// Where that file is: a harness in a container, say, has other files, unless it shares the folder.
const PLACE: &str = "org.httpdyno.place";

static MADE: AtomicU32 = AtomicU32::new(0);

/// That this harness lives, as others can see it. Keep it as long as the container; drop it after
/// the container was removed.
#[derive(Debug)]
pub(crate) struct Ownership {
    path: PathBuf,
    _lock: File,
}

impl Ownership {
    /// Makes and locks a file of our own among the temporary ones.
    pub(crate) fn new() -> io::Result<Self> {
        loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let name = lock_name(&format!("{number}.lock"));
            let path = std::env::temp_dir().join(name);
            match File::create_new(&path) {
                Ok(lock) => {
                    lock.try_lock()?;
                    return Ok(Self { path, _lock: lock });
                }
                // A dead harness with our process id left it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The labels of a container of ours.
    pub(crate) fn labels(&self, role: &str) -> [(String, String); 3] {
        let lock = self.path.display().to_string();
        [(ROLE, role.to_owned()), (LOCK, lock), (PLACE, place())]
            .map(|(name, value)| (name.to_owned(), value))
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes the containers of harnesses that are dead, with their volumes. What cannot be removed
/// is left for the next time.
pub(crate) fn sweep(engine: &Engine) {
    remove_those_with(engine, |lock| is_free(Path::new(lock)));
}

/// Removes the containers whose lock file is such a one.
fn remove_those_with(engine: &Engine, is_such: impl Fn(&str) -> bool) {
    let ours = HashMap::from([("label", vec![format!("{PLACE}={}", place())])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&ours).build();
    let listed = engine.ask(async |docker| docker.list_containers(Some(options)).await);
    for container in listed.unwrap_or_default() {
        let lock = container.labels.as_ref().and_then(|labels| labels.get(LOCK));
        let (Some(id), Some(lock)) = (container.id, lock) else { continue };
        if !is_such(lock) {
            continue;
        }
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        let removed = engine.ask(async |docker| docker.remove_container(&id, Some(options)).await);
        if removed.is_ok() {
            let _ = std::fs::remove_file(lock);
        }
    }
}

/// Removes the containers of this process, whoever uses them: for a process that ends at once. It
/// does nothing where there was never one.
pub fn remove_own() {
    if MADE.load(Ordering::Relaxed) == 0 {
        return;
    }
    let Ok(engine) = Engine::connect() else { return };
    let own = std::env::temp_dir().join(lock_name(""));
    let own = own.display().to_string();
    remove_those_with(&engine, |lock| lock.starts_with(&own));
}

/// The name of a lock file of this process.
fn lock_name(number: &str) -> String {
    format!("httpdyno-container-{}-{number}", std::process::id())
}

/// Whether nobody holds the file: the kernel gives a lock back when its holder dies.
fn is_free(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => file.try_lock().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn place() -> String {
    let folder = std::fs::metadata(std::env::temp_dir());
    let folder = folder.map_or((0, 0), |folder| (folder.dev(), folder.ino()));
    let node = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{node} {}:{}", folder.0, folder.1)
}

#[cfg(test)]
mod tests {
    use super::{Ownership, is_free};

    #[test]
    fn a_lock_is_held_until_it_is_dropped_and_then_gone() {
        let one = Ownership::new().expect("made");
        let other = Ownership::new().expect("another");
        assert_ne!(one.labels("database"), other.labels("database"));
        let path = one.path.clone();
        assert!(!is_free(&path));
        drop(one);
        assert!(is_free(&path) && !path.exists());
    }
}
