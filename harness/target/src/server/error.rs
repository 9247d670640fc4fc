//! Why a server is not running.

use std::io;
use std::net::{IpAddr, SocketAddr};

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
         (last attempt: {last}); {advice}{tail}"
    )]
    NotReady {
        /// The command as typed.
        command: String,
        /// What it was asked for.
        path: String,
        /// Where it was asked.
        address: SocketAddr,
        /// How long.
        waited_ms: u128,
        /// What came of the last attempt.
        last: String,
        /// What to do about it.
        advice: &'static str,
        /// What it wrote, with what leads to it; nothing where it wrote nothing.
        tail: String,
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
