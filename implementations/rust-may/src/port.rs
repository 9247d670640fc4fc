//! The port, claimed for this process alone.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

/// A claimed address; the claim ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The address, with the port that was found free.
    pub(crate) address: SocketAddr,
    _socket: Socket,
}

/// Claims an address before the engine binds it. The engine shares every port it
/// binds (SO_REUSEPORT), so two servers would start on one port, and it does not
/// tell which port it got for 0. This socket is bound without sharing, which fails
/// when the port is in use, allows sharing afterwards, and never listens.
pub(crate) fn claim(address: SocketAddr) -> io::Result<Claim> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for connections in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.set_reuse_port(true)?;
    let bound = socket.local_addr()?.as_socket();
    let address = bound.ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok(Claim { address, _socket: socket })
}
