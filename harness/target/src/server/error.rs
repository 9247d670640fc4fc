//! Why a server is not running.

use std::io;
use std::net::{IpAddr, SocketAddr};

/// Whether no server can have caused it: EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL.
pub(crate) fn is_of_this_machine(error: &io::Error) -> bool {
    let lacks = [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOBUFS, libc::EADDRNOTAVAIL];
    error.raw_os_error().is_some_and(|number| lacks.contains(&number))
}

impl StartError {
    /// Whether this machine lacked something for it (files, memory, processes, ports), so that nothing
    /// is said of the server.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        match self {
            // No process is left for it (fork(2)).
            Self::NotRunnable { source, .. } if source.raw_os_error() == Some(libc::EAGAIN) => true,
            Self::NotRunnable { source, .. } => is_of_this_machine(source),
            Self::NoPort { .. } => true,
            Self::NotReady { ours, .. } => *ours,
            _ => false,
        }
    }
}

/// Why a server is not running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program is not there or may not be run.
    #[error("cannot run `{command}`: {source}; build it first, or mend `process.run`")]
    NotRunnable {
        /// The command as typed.
        command: String,
        /// What the system says.
        source: io::Error,
    },
    /// There is no image to make a container from.
    #[error("no image has been built for `{implementation}`; build it before it is started")]
    NoImage {
        /// The implementation.
        implementation: String,
    },
    /// The engine does not start the container.
    #[error("cannot run `{command}` in a container: {reason}")]
    NotContained {
        /// What was to run.
        command: String,
        /// What the engine says.
        reason: String,
    },
    /// The container's processes are not among those of this machine.
    #[error(
        "the processes of the container of `{command}` cannot be seen from here, so nothing that \
         they use can be measured; run httpdyno on the engine's own machine (in a container: with \
         `--pid host --cgroupns host --network host`)"
    )]
    OutOfSight {
        /// What was to run.
        command: String,
    },
    /// It ended before it answered.
    #[error("`{command}` ended ({status}) before it answered GET {path}; it wrote:\n{tail}")]
    Ended {
        /// The command as typed.
        command: String,
        /// What it was asked for.
        path: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// It runs but does not answer.
    #[error(
        "`{command}` did not answer GET {path} on {address} within {waited_ms} ms \
         (last attempt: {why}"
    )]
    NotReady {
        /// The command as typed.
        command: String,
        /// What it was asked for.
        path: String,
        /// Where it was asked.
        address: SocketAddr,
        /// How long.
        waited_ms: u64,
        /// What came of the last attempt, after a bracket what to do about it, and what it wrote.
        why: String,
        /// Whether the last attempt failed for want of something on this machine.
        ours: bool,
    },
    /// Something else listens where it always does.
    #[error(
        "`{command}` always listens on {address}, and something listens there already ({source}): it \
         would be measured in its place; stop that first, or choose another port"
    )]
    PortTaken {
        /// The command as typed.
        command: String,
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no port.
    #[error("cannot find a free port on {host}: {source}")]
    NoPort {
        /// The address.
        host: IpAddr,
        /// What the system says.
        source: io::Error,
    },
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::StartError;

    #[test]
    fn what_this_machine_lacks_is_told_from_what_the_entry_lacks() {
        let started = |number| StartError::NotRunnable {
            command: "x".to_owned(),
            source: io::Error::from_raw_os_error(number),
        };
        for number in [libc::EMFILE, libc::ENFILE, libc::EAGAIN, libc::ENOMEM] {
            assert!(started(number).is_ours(), "{number}");
        }
        for number in [libc::ENOENT, libc::EACCES, libc::ENOEXEC] {
            assert!(!started(number).is_ours(), "{number}");
        }
    }
}
