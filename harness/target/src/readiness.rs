//! Waiting until a server answers what says that it is ready: `GET /plaintext`, the contract's only
//! sign, or what somebody's own suite names.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::manner::Manner;
use crate::server::is_of_this_machine;

/// The pause between two attempts; short, since start-to-first-response time is a result.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(2);

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A response that says so.
    Ready,
    /// Something else, in words.
    NotYet(String),
    /// This machine could not ask, in words.
    NotAsked(String),
}

/// Asks `address` once for what `manner` names, within `limit`.
#[must_use]
pub fn probe(address: SocketAddr, manner: &Manner, limit: Duration) -> Probe {
    let status = |line: &str| line.split(' ').nth(1)?.parse::<u16>().ok();
    match status_line(address, &manner.ready_path, limit) {
        Ok(line) if status(&line).is_some_and(|status| manner.is_ready(status)) => Probe::Ready,
        Ok(line) => Probe::NotYet(format!("it answered `{}`", line.escape_debug())),
        Err(error) if is_of_this_machine(&error) => Probe::NotAsked(error.to_string()),
        Err(error) => Probe::NotYet(error.to_string()),
    }
}

fn status_line(address: SocketAddr, path: &str, limit: Duration) -> io::Result<String> {
    let deadline = Instant::now() + limit;
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_write_timeout(Some(limit))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = [0; 256];
    let mut filled = 0;
    while filled < head.len() && !head[..filled].contains(&b'\n') {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "no complete status line came"));
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut head[filled..]) {
            Ok(0) => {
                return Err(io::Error::other("it closed the connection without an answer"));
            }
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let line = head[..filled].split(|&byte| byte == b'\n').next().unwrap_or_default();
    Ok(String::from_utf8_lossy(line).trim_end().to_owned())
}

/// Why a server did not become ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// The check between two attempts gave this up.
    GivenUp,
    /// Time is over.
    TimedOut {
        /// The last attempt, in words.
        last: String,
        /// Whether it failed for want of something on this machine.
        ours: bool,
    },
}

/// Tries again and again until the server answers, `give_up` says so, or `timeout` is over.
///
/// # Errors
/// Which of the two ended it.
pub fn wait_until_ready(
    address: SocketAddr,
    manner: &Manner,
    timeout: Duration,
    mut give_up: impl FnMut() -> bool,
) -> Result<(), NotReady> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let (last, ours) =
            match probe(address, manner, left.clamp(BETWEEN_ATTEMPTS, Duration::from_secs(1))) {
                Probe::Ready => return Ok(()),
                Probe::NotYet(reason) => (reason, false),
                Probe::NotAsked(reason) => (reason, true),
            };
        if give_up() {
            return Err(NotReady::GivenUp);
        }
        if Instant::now() >= deadline {
            return Err(NotReady::TimedOut { last, ours });
        }
        std::thread::sleep(BETWEEN_ATTEMPTS);
    }
}
