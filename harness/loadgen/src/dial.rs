//! Sockets on their way to the target.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use rustix::io::Errno;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::plan::LoadPlan;

/// A non-blocking socket that is connected, or will be (`false`): to the plan's unix socket, or
/// else to `address`.
pub(crate) fn dial(plan: &LoadPlan, address: SocketAddr) -> Result<(OwnedFd, bool), Errno> {
    match &plan.unix_socket {
        Some(path) => dial_unix(path),
        None => dial_tcp(address),
    }
}

fn errno(error: std::io::Error) -> Errno {
    // What the library refuses itself (a path that is too long) has no number.
    Errno::from_io_error(&error).unwrap_or(Errno::INVAL)
}

fn dial_tcp(target: SocketAddr) -> Result<(OwnedFd, bool), Errno> {
    let socket = Socket::new(
        Domain::for_address(target),
        Type::STREAM.nonblocking().cloexec(),
        Some(Protocol::TCP),
    )
    .map_err(errno)?;
    // Nagle and delayed acknowledgements would add 40 ms to requests in two segments.
    socket.set_tcp_nodelay(true).map_err(errno)?;
    connect(socket, &target.into())
}

/// The path, or the abstract name without its `@`.
pub(crate) fn unix_name(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    bytes.strip_prefix(b"@").unwrap_or(bytes)
}

fn dial_unix(path: &Path) -> Result<(OwnedFd, bool), Errno> {
    let bytes = path.as_os_str().as_bytes();
    // unix(7): a name that begins with a zero byte is no file.
    let name = match bytes.strip_prefix(b"@") {
        Some(name) => OsString::from_vec([b"\0", name].concat()),
        None => path.into(),
    };
    let address = SockAddr::unix(name).map_err(errno)?;
    let kind = Type::STREAM.nonblocking().cloexec();
    connect(Socket::new(Domain::UNIX, kind, None).map_err(errno)?, &address)
}

fn connect(socket: Socket, address: &SockAddr) -> Result<(OwnedFd, bool), Errno> {
    match socket.connect(address).map_err(errno) {
        Ok(()) => Ok((socket.into(), true)),
        Err(Errno::INPROGRESS) => Ok((socket.into(), false)),
        Err(error) => Err(error),
    }
}
