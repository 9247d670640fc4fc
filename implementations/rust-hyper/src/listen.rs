//! Listening sockets: one port, held by one process, shared by its workers.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;

/// The address can not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("can not listen on {address}: {source}")]
pub(crate) struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// Opens `count` non-blocking listeners on one port; the kernel spreads new
/// connections over them.
pub(crate) fn bind(address: SocketAddr, count: usize) -> Result<Vec<TcpListener>, ListenError> {
    let open = || -> io::Result<Vec<TcpListener>> {
        let first = first_listener(address)?;
        let bound = first.local_addr()?;
        let mut listeners = vec![first];
        for _ in 1..count {
            let socket = socket(bound)?;
            socket.set_reuse_port(true)?;
            listeners.push(listener(socket, bound)?);
        }
        Ok(listeners)
    };
    open().map_err(|source| ListenError { address, source })
}

/// The address that the listeners share, with the port that was found free.
pub(crate) fn local_address(listeners: &[TcpListener]) -> Result<SocketAddr, ListenError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    let first = listeners.first().ok_or(io::ErrorKind::NotFound.into());
    first
        .and_then(TcpListener::local_addr)
        .map_err(|source| ListenError { address: unknown, source })
}

/// Binds without SO_REUSEPORT, so that a port which another process shares that
/// way counts as in use, and allows sharing only afterwards.
fn first_listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address)?;
    socket.bind(&address.into())?;
    socket.set_reuse_port(true)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for connections in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn listener(socket: Socket, address: SocketAddr) -> io::Result<TcpListener> {
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
