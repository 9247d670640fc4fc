//! Sockets on their way to the target.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};

/// A non-blocking socket that is connected, or will be (`false`).
pub(crate) fn dial(target: SocketAddr) -> Result<(OwnedFd, bool), Errno> {
    let errno = |e: std::io::Error| Errno::from_io_error(&e).unwrap_or(Errno::IO);
    let socket = Socket::new(
        Domain::for_address(target),
        Type::STREAM.nonblocking().cloexec(),
        Some(Protocol::TCP),
    )
    .map_err(errno)?;
    // Nagle and delayed acknowledgements would add 40 ms to requests in two segments.
    socket.set_tcp_nodelay(true).map_err(errno)?;
    match socket.connect(&target.into()).map_err(errno) {
        Ok(()) => Ok((socket.into(), true)),
        Err(Errno::INPROGRESS) => Ok((socket.into(), false)),
        Err(error) => Err(error),
    }
}
