//! The listening socket.

use std::net::{Shutdown, SocketAddr, TcpListener};

use socket2::SockRef;

/// More than the system allows; it takes its own limit then (`somaxconn`, 4096
/// on Linux today).
const BACKLOG: i32 = 65_535;

/// Binds and listens. std (1.95) listens with a backlog of 128 and has no name
/// for another one; Linux and the BSDs let a second `listen` raise it.
pub(super) fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    SockRef::from(&listener).listen(BACKLOG)?;
    Ok(listener)
}

/// Refuses connections from now on and wakes the threads that wait for one.
pub(super) fn stop(listener: &TcpListener) -> std::io::Result<()> {
    SockRef::from(listener).shutdown(Shutdown::Both)
}
