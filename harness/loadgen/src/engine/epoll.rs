//! The engine for where io_uring is not allowed: readiness by epoll, one call per transfer.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};

use super::{Engine, Outgoing, Sent, Wait};
use crate::clock::now_ns;
use crate::compile::CompiledPlan;
use crate::driver::Driver;

const EVENTS: usize = 256;
const RECEIVE_BYTES: usize = 256 * 1024;

#[derive(Debug, Default)]
struct Socket {
    fd: Option<OwnedFd>,
    connected: bool,
    /// What the peer has not taken yet, from `unsent_from` on.
    unsent: Unsent,
    unsent_from: usize,
}

/// Bytes that wait for the peer. What connections have in common is not copied for each.
#[derive(Debug, Default)]
enum Unsent {
    #[default]
    Nothing,
    /// The prebuilt request of this route.
    Prebuilt(u32),
    Shared(Arc<[u8]>),
    Own(Vec<u8>),
}

impl Unsent {
    fn bytes<'a>(&'a self, plan: &'a CompiledPlan) -> &'a [u8] {
        match self {
            Self::Nothing => &[],
            Self::Prebuilt(route) => {
                plan.routes[*route as usize].request.prebuilt().unwrap_or_default()
            }
            Self::Shared(bytes) => bytes,
            Self::Own(bytes) => bytes,
        }
    }
}

/// Level-triggered epoll over non-blocking sockets.
pub(crate) struct Epoll {
    plan: Arc<CompiledPlan>,
    epoll: OwnedFd,
    sockets: Vec<Socket>,
    events: Vec<Event>,
    buffer: Vec<u8>,
}

impl Epoll {
    pub(crate) fn new(plan: Arc<CompiledPlan>, connections: usize) -> io::Result<Self> {
        Ok(Self {
            plan,
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            sockets: (0..connections).map(|_| Socket::default()).collect(),
            events: Vec::with_capacity(EVENTS),
            buffer: vec![0; RECEIVE_BYTES],
        })
    }

    fn interest(&self, conn: u32, flags: EventFlags) -> Result<(), Errno> {
        match &self.sockets[conn as usize].fd {
            Some(fd) => epoll::modify(&self.epoll, fd, EventData::new_u64(conn.into()), flags),
            None => Ok(()),
        }
    }

    fn event(&mut self, conn: u32, flags: EventFlags, driver: &mut Driver) {
        let failed = EventFlags::ERR | EventFlags::HUP;
        if !self.sockets[conn as usize].connected {
            if flags.intersects(EventFlags::OUT | failed) {
                self.connect_done(conn, driver);
            }
            return;
        }
        if flags.contains(EventFlags::OUT) {
            self.send_rest(conn, driver);
        }
        if flags.intersects(EventFlags::IN | EventFlags::RDHUP | failed) {
            self.receive(conn, driver);
        }
    }

    fn connect_done(&mut self, conn: u32, driver: &mut Driver) {
        let socket = &mut self.sockets[conn as usize];
        let Some(fd) = &socket.fd else { return };
        match rustix::net::sockopt::socket_error(fd) {
            Ok(Ok(())) => {
                socket.connected = true;
                match self.interest(conn, EventFlags::IN) {
                    Ok(()) => driver.on_connected(conn, now_ns()),
                    Err(error) => driver.on_error(conn, error, now_ns()),
                }
            }
            Ok(Err(error)) | Err(error) => driver.on_error(conn, error, now_ns()),
        }
    }

    fn receive(&mut self, conn: u32, driver: &mut Driver) {
        let Some(fd) = &self.sockets[conn as usize].fd else { return };
        match recv(fd, self.buffer.as_mut_slice(), RecvFlags::empty()) {
            Ok((0, _)) => driver.on_eof(conn, now_ns()),
            // A short read has emptied the socket; a full one will be reported again.
            Ok((read, _)) => driver.on_data(conn, &self.buffer[..read], now_ns()),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => driver.on_error(conn, error, now_ns()),
        }
    }

    fn send_rest(&mut self, conn: u32, driver: &mut Driver) {
        let socket = &mut self.sockets[conn as usize];
        let Some(fd) = &socket.fd else { return };
        let bytes = socket.unsent.bytes(&self.plan);
        match send(fd, &bytes[socket.unsent_from..], SendFlags::NOSIGNAL) {
            Ok(sent) => {
                let is_all = socket.unsent_from + sent == bytes.len();
                socket.unsent_from += sent;
                if is_all {
                    socket.unsent = Unsent::Nothing;
                    socket.unsent_from = 0;
                    match self.interest(conn, EventFlags::IN) {
                        Ok(()) => driver.on_sent(conn),
                        Err(error) => driver.on_error(conn, error, now_ns()),
                    }
                }
            }
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => driver.on_error(conn, error, now_ns()),
        }
    }
}

impl Engine for Epoll {
    const NAME: &'static str = "epoll";
    const SENDS_AT_ONCE: bool = true;

    fn add(&mut self, conn: u32, fd: OwnedFd, connected: bool) -> io::Result<()> {
        let flags = if connected { EventFlags::IN } else { EventFlags::OUT };
        epoll::add(&self.epoll, &fd, EventData::new_u64(conn.into()), flags)?;
        self.sockets[conn as usize] = Socket { fd: Some(fd), connected, ..Socket::default() };
        Ok(())
    }

    fn send(&mut self, conn: u32, outgoing: Outgoing<'_>) -> Sent {
        let socket = &mut self.sockets[conn as usize];
        let Some(fd) = &socket.fd else { return Sent::Busy };
        if !matches!(socket.unsent, Unsent::Nothing) {
            return Sent::Busy;
        }
        let bytes = match &outgoing {
            Outgoing::Prebuilt(route) => {
                self.plan.routes[*route as usize].request.prebuilt().unwrap_or_default()
            }
            Outgoing::Buffer(buffer) => buffer.as_slice(),
            Outgoing::Shared(bytes) => bytes,
        };
        let sent = match send(fd.as_fd(), bytes, SendFlags::NOSIGNAL) {
            Ok(sent) => sent,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(error) => return Sent::Failed(error),
        };
        if sent == bytes.len() {
            if let Outgoing::Buffer(buffer) = outgoing {
                buffer.clear();
            }
            return Sent::Accepted;
        }
        socket.unsent_from = sent;
        socket.unsent = match outgoing {
            Outgoing::Prebuilt(route) => Unsent::Prebuilt(route),
            Outgoing::Buffer(buffer) => Unsent::Own(std::mem::take(buffer)),
            Outgoing::Shared(bytes) => Unsent::Shared(Arc::clone(bytes)),
        };
        match self.interest(conn, EventFlags::IN | EventFlags::OUT) {
            Ok(()) => Sent::Accepted,
            Err(error) => Sent::Failed(error),
        }
    }

    fn remove(&mut self, conn: u32) {
        // Closing the only descriptor takes it out of the epoll set as well.
        self.sockets[conn as usize] = Socket::default();
    }

    fn wait(&mut self, wait: Wait, driver: &mut Driver) -> io::Result<()> {
        let timeout_ns = match wait {
            Wait::Poll => 0,
            Wait::Until(until_ns) => until_ns.saturating_sub(now_ns()),
        };
        let timeout = Timespec {
            tv_sec: (timeout_ns / 1_000_000_000) as i64,
            tv_nsec: (timeout_ns % 1_000_000_000) as i64,
        };
        let mut events = std::mem::take(&mut self.events);
        let spare = rustix::buffer::spare_capacity(&mut events);
        match epoll::wait(&self.epoll, spare, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in events.drain(..) {
            let conn = event.data.u64() as u32;
            // A connection that an earlier event of this batch ended has no socket any more
            // only after the driver's actions are carried out; the driver ignores it until then.
            self.event(conn, event.flags, driver);
        }
        self.events = events;
        Ok(())
    }
}
