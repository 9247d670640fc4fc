//! What is installed here that some profiles and entries want.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// How long a container engine may take to name its version.
const PATIENCE: Duration = Duration::from_secs(2);

/// An engine's answer is a few kilobytes.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// The container engine that answers on its socket, with its version: `Docker 27.3.1`.
#[must_use]
pub fn container_engine() -> Option<String> {
    let asked = std::env::var("DOCKER_HOST").ok();
    let socket = match asked.as_deref() {
        Some(host) => PathBuf::from(host.strip_prefix("unix://")?),
        None => PathBuf::from("/var/run/docker.sock"),
    };
    let mut connection = UnixStream::connect(socket).ok()?;
    connection.set_read_timeout(Some(PATIENCE)).ok()?;
    connection.set_write_timeout(Some(PATIENCE)).ok()?;
    connection.write_all(b"GET /version HTTP/1.0\r\nHost: engine\r\n\r\n").ok()?;
    let mut answer = String::new();
    connection.take(LONGEST_ANSWER).read_to_string(&mut answer).ok()?;
    version_in(&answer)
}

/// The value of the first `"Version":"..."` that stands at the top or in the first component: the
/// Engine API gives the engine's own in both places.
fn version_in(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("\"Version\":\"")?;
    let (version, _) = rest.split_once('"')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-~".contains(c);
    (!version.is_empty() && version.len() < 64 && version.chars().all(plain))
        .then(|| format!("Docker {version}"))
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_version_is_read_and_anything_else_is_none() {
        let answer = "HTTP/1.0 200 OK\r\n\r\n{\"Platform\":{\"Name\":\"x\"},\
                      \"Components\":[{\"Name\":\"Engine\",\"Version\":\"27.3.1\"}],\
                      \"Version\":\"27.3.1\"}";
        assert_eq!(version_in(answer).as_deref(), Some("Docker 27.3.1"));
        assert_eq!(version_in("HTTP/1.0 404 Not Found\r\n\r\n"), None);
        assert_eq!(version_in("\"Version\":\"\u{1b}[31m\""), None);
    }
}
