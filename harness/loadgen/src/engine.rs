//! The seam between what is measured and how bytes move.

mod epoll;
mod io_uring;

pub(crate) use epoll::Epoll;
pub(crate) use io_uring::{Uring, probe as probe_io_uring};

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::io::Errno;

use crate::driver::Driver;

/// When to give control back at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// At once, with whatever has happened.
    Poll,
    /// At this time of the generator's clock, or when something has happened.
    Until(u64),
}

/// Bytes for one connection.
pub(crate) enum Outgoing<'a> {
    /// The prebuilt request of this route.
    Prebuilt(u32),
    /// These; the engine takes them and leaves an empty buffer.
    Buffer(&'a mut Vec<u8>),
    /// These, which others send too: the engine holds on to them and copies nothing.
    Shared(&'a Arc<[u8]>),
}

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The engine has them; they go out now or as soon as the peer takes them.
    Accepted,
    /// Earlier bytes are still going out: `Driver::on_sent` says when to try again.
    Busy,
    /// The connection is broken.
    Failed(Errno),
}

/// Moves bytes and reports what happened. One per worker; never shared.
pub(crate) trait Engine {
    /// Its name in reports.
    const NAME: &'static str;
    /// `send` enters the kernel itself (so that the time of sending has to be taken each time).
    const SENDS_AT_ONCE: bool;

    /// Watches a new socket in the place `conn`; `connected` is false while it connects.
    fn add(&mut self, conn: u32, socket: OwnedFd, connected: bool) -> io::Result<()>;

    /// Sends all of it, in order after what was sent before.
    fn send(&mut self, conn: u32, outgoing: Outgoing<'_>) -> Sent;

    /// Closes the socket in the place `conn`; no event of it comes after this.
    fn remove(&mut self, conn: u32);

    /// Sleeps until something happens or the time has come; tells the driver.
    fn wait(&mut self, wait: Wait, driver: &mut Driver) -> io::Result<()>;
}
