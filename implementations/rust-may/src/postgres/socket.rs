//! A stream to the server, over TCP or a Unix socket.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::thread;
use std::time::Duration;

use may::io::{WaitIo, WaitIoWaker};
use may::net::TcpStream;
use may::os::unix::net::UnixStream;
use socket2::{SockRef, TcpKeepalive};

use super::address::Endpoint;

/// A host that says nothing for so long is gone. A server that is merely slow still has a host
/// that answers, and is waited for.
const HOST_GONE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// What happened to a socket since it was last asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Events(usize);

// Of epoll_ctl(2), and may's own for a wake-up by another coroutine.
const WRITABLE: usize = 0x4;
const ENDING: usize = 0x2000 | 0x10 | 0x8;
const WOKEN: usize = 0x8000_0000;

impl Events {
    /// Everything may have happened.
    pub(super) const ANY: Self = Self(usize::MAX);

    /// There is something to read, if only the end.
    pub(super) fn readable(self) -> bool {
        self.0 & !(WRITABLE | WOKEN) != 0
    }

    /// The other side has ended the connection.
    pub(super) fn ending(self) -> bool {
        self.0 & ENDING != 0
    }
}

/// A connected stream.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    pub(super) fn connect(endpoint: &Endpoint, limit: Duration) -> io::Result<Self> {
        match endpoint {
            Endpoint::Unix(path) => Ok(Self::Unix(UnixStream::connect(path)?)),
            Endpoint::Tcp { host, port } => {
                let mut last = io::Error::new(io::ErrorKind::NotFound, "host has no address");
                for address in resolve(host, *port)? {
                    match TcpStream::connect_timeout(&address, limit) {
                        Ok(stream) => return Self::tuned(stream),
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }

    fn tuned(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let socket = SockRef::from(stream.inner());
        let keepalive = TcpKeepalive::new().with_time(HOST_GONE);
        socket.set_tcp_keepalive(&keepalive.with_interval(KEEPALIVE_INTERVAL).with_retries(2))?;
        socket.set_tcp_user_timeout(Some(HOST_GONE))?;
        Ok(Self::Tcp(stream))
    }

    /// How long [`Read`] waits. Not to be used beside [`Socket::waker`].
    pub(super) fn set_read_timeout(&self, limit: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(limit),
            Self::Unix(stream) => stream.set_read_timeout(limit),
        }
    }

    /// Reads what is there; `None` when that is nothing, 0 at the end.
    pub(super) fn read_now(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        now(|| match self {
            Self::Tcp(stream) => stream.inner().read(buffer),
            Self::Unix(stream) => stream.inner().read(buffer),
        })
    }

    /// Writes what there is room for; `None` when there is none.
    pub(super) fn write_now(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        now(|| match self {
            Self::Tcp(stream) => stream.inner().write(bytes),
            Self::Unix(stream) => stream.inner().write(bytes),
        })
    }

    /// Parks the coroutine until something happens.
    pub(super) fn wait(&self) -> Events {
        Events(match self {
            Self::Tcp(stream) => stream.wait_io(),
            Self::Unix(stream) => stream.wait_io(),
        })
    }

    /// Ends [`Socket::wait`] from another coroutine.
    pub(super) fn waker(&self) -> WaitIoWaker {
        match self {
            Self::Tcp(stream) => stream.waker(),
            Self::Unix(stream) => stream.waker(),
        }
    }
}

/// Tries once; the standard library's streams within may's are non-blocking.
fn now(mut attempt: impl FnMut() -> io::Result<usize>) -> io::Result<Option<usize>> {
    loop {
        match attempt() {
            Ok(count) => return Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The addresses of a host. The system's resolver blocks, so names have a thread for it.
fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (told, hears) = may::sync::mpsc::channel();
    let host = host.to_owned();
    thread::Builder::new().name("resolver".to_owned()).spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        // Nobody hears it when the server is at its end.
        let _ = told.send(found.map(Iterator::collect));
    })?;
    hears.recv().map_err(|_| io::Error::other("the resolver ended"))?
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
