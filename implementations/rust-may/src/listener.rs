//! Options of the engine's listening socket.
//!
//! may_minihttp 0.1.11 binds the socket itself, keeps it to itself, leaves Nagle's
//! algorithm on and asks for a backlog of 1024. On Linux an accepted socket takes
//! TCP_NODELAY over from its listener, so it is enough to reach that one, once.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use socket2::Socket;

/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;

/// Sets TCP_NODELAY and the backlog of the listener on `address`.
pub(crate) fn tune(address: SocketAddr) -> io::Result<()> {
    for number in open_descriptors()? {
        // A descriptor may be gone by now, or be no socket at all.
        let Ok(socket) = duplicate(number).map(Socket::from) else { continue };
        let local = socket.local_addr().ok().and_then(|local| local.as_socket());
        if local == Some(address) && socket.is_listener().unwrap_or(false) {
            socket.set_tcp_nodelay(true)?;
            return socket.listen(BACKLOG);
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, "the engine's listener is not to be found"))
}

fn open_descriptors() -> io::Result<Vec<RawFd>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        numbers.extend(entry?.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok()));
    }
    Ok(numbers)
}

/// A descriptor of the same socket. Sending it to ourselves is the way that needs
/// no `unsafe`: the number may be stale, and then sending fails.
fn duplicate(number: RawFd) -> io::Result<OwnedFd> {
    let (here, there) = UnixDatagram::pair()?;
    let rights = [number];
    let message = [ControlMessage::ScmRights(&rights)];
    sendmsg::<()>(here.as_raw_fd(), &[IoSlice::new(b"d")], &message, MsgFlags::empty(), None)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::CMSG_CLOEXEC;
    recvmsg(&there, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, flags)?;
    let received = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    received.ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn accepted_connections_inherit_the_option() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        tune(address).unwrap();
        let _client = TcpStream::connect(address).unwrap();
        assert!(listener.accept().unwrap().0.nodelay().unwrap());
    }

    #[test]
    fn an_address_that_nobody_listens_on_is_an_error() {
        let socket = UnixDatagram::unbound().unwrap();
        assert!(duplicate(socket.as_raw_fd()).is_ok());
        let error = tune("127.0.0.1:0".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("not to be found"), "{error}");
    }
}
