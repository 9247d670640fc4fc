//! How many files this process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the soft limit to the hard one: it is often 1024 or 256, and a connection is a file.
/// Where that is refused, the limit stays.
pub fn raise() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Whoever meets the limit says so.
    let _ = setrlimit(Resource::Nofile, limit);
}
