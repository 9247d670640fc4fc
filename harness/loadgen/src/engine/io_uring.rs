//! The fast engine: one ring per thread, multishot receives into provided buffers, all sends
//! of a round in the one call that also waits.
//!
//! The kernel runs its part of the work only inside that call (DEFER_TASKRUN), so everything
//! a round delivers had arrived when the call returned: one reading of the clock there times
//! all of it.

#![allow(unsafe_code)] // each block says why it is sound; see also `buffers`

mod buffers;
mod sending;
mod setup;
mod slot;
mod teardown;

pub(crate) use setup::probe;

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use io_uring::{IoUring, cqueue, opcode, squeue, types};
use rustix::io::Errno;

use super::{Engine, Outgoing, Sent, Wait};
use crate::clock::now_ns;
use crate::compile::CompiledPlan;
use crate::driver::Driver;
use buffers::ReceiveBuffers;
use slot::{Kind, Retired, Sending, Slot, Tag};
use teardown::ends;

/// The group of the provided buffers; there is only one.
const BUFFER_GROUP: u16 = 0;

/// See the module's documentation.
pub(crate) struct Uring {
    plan: Arc<CompiledPlan>,
    ring: IoUring,
    buffers: ReceiveBuffers,
    slots: Vec<Slot>,
    /// Completions of the current round.
    batch: Vec<cqueue::Entry>,
    /// Bytes that the kernel may still read although their connection is gone.
    retired: Vec<(Tag, Retired)>,
    /// Operations without a final completion yet.
    outstanding: usize,
    /// Small prebuilt requests are sent without asking for a completion.
    silent: bool,
}

impl Uring {
    pub(crate) fn new(plan: Arc<CompiledPlan>, connections: usize) -> io::Result<Self> {
        let ring = setup::ring(connections)?;
        let largest =
            plan.routes.iter().map(|route| route.expected.body.size_hint()).max().unwrap_or(0);
        let buffers = ReceiveBuffers::new(connections, largest)?;
        buffers.register(&ring, BUFFER_GROUP)?;
        // With more than one request under way on a connection their order must be kept.
        let silent = plan.plan.pipeline == 1;
        Ok(Self {
            plan,
            ring,
            buffers,
            slots: (0..connections).map(|_| Slot::default()).collect(),
            batch: Vec::with_capacity(1024),
            retired: Vec::new(),
            outstanding: 0,
            silent,
        })
    }

    /// Queues an operation; makes room first if there is none.
    fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        // SAFETY: every entry built in this module refers only to memory that outlives the
        // operation: prebuilt requests live as long as `plan`, sending buffers and what is shared
        // stay in their slot or in `retired` until their completion, received bytes go to
        // `buffers`, and
        // `drop` waits for all operations before any of these is freed.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.ring.submit()?;
        }
        self.outstanding += 1;
        Ok(())
    }

    fn receive(&mut self, conn: u32) -> io::Result<()> {
        let slot = &self.slots[conn as usize];
        let Some(fd) = &slot.fd else { return Ok(()) };
        let tag = Tag::new(Kind::Receive, conn, slot.generation);
        let entry = opcode::RecvMulti::new(types::Fd(fd.as_raw_fd()), BUFFER_GROUP).build();
        self.push(&entry.user_data(tag.into()))
    }

    fn poll_connect(&mut self, conn: u32) -> io::Result<()> {
        let slot = &self.slots[conn as usize];
        let Some(fd) = &slot.fd else { return Ok(()) };
        let tag = Tag::new(Kind::Connect, conn, slot.generation);
        let flags = libc::POLLOUT as u32;
        let entry = opcode::PollAdd::new(types::Fd(fd.as_raw_fd()), flags).build();
        self.push(&entry.user_data(tag.into()))
    }

    fn enter(&mut self, wait: Wait) -> io::Result<()> {
        let outcome = match wait {
            Wait::Poll => {
                let mut submission = self.ring.submission();
                if submission.is_empty() && !submission.taskrun() && !submission.cq_overflow() {
                    return Ok(());
                }
                submission.sync();
                drop(submission);
                self.ring.submit()
            }
            Wait::Until(until_ns) => {
                let left_ns = until_ns.saturating_sub(now_ns());
                let timeout = types::Timespec::new()
                    .sec(left_ns / 1_000_000_000)
                    .nsec((left_ns % 1_000_000_000) as u32);
                let args = types::SubmitArgs::new().timespec(&timeout);
                self.ring.submitter().submit_with_args(1, &args)
            }
        };
        match outcome {
            Ok(_) => Ok(()),
            // Nothing came in time, a signal came, or the completion queue must be emptied.
            Err(error)
                if matches!(
                    Errno::from_io_error(&error),
                    Some(Errno::TIME | Errno::INTR | Errno::BUSY | Errno::AGAIN)
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn completed(
        &mut self,
        entry: &cqueue::Entry,
        driver: &mut Driver,
        now_ns: u64,
    ) -> io::Result<()> {
        let tag = Tag::from(entry.user_data());
        self.outstanding -= usize::from(ends(entry));
        let conn = tag.conn();
        let current = tag.generation() == self.slots[conn as usize].generation;
        match tag.kind() {
            Kind::Receive => self.received(conn, current, entry, driver, now_ns),
            Kind::Send if current => self.send_done(conn, entry.result(), driver, now_ns),
            Kind::Send => {
                self.retired.retain(|(retired, _)| *retired != tag);
                Ok(())
            }
            Kind::Connect if current => self.connect_done(conn, driver, now_ns),
            Kind::SilentSend if current => {
                // Only failures are reported; what is short of success is one too.
                let error = Errno::from_raw_os_error((-entry.result()).max(libc::EPIPE));
                driver.on_error(conn, error, now_ns);
                Ok(())
            }
            Kind::Connect | Kind::Cancel | Kind::SilentSend => Ok(()),
        }
    }

    #[inline]
    fn received(
        &mut self,
        conn: u32,
        current: bool,
        entry: &cqueue::Entry,
        driver: &mut Driver,
        now_ns: u64,
    ) -> io::Result<()> {
        let result = entry.result();
        if let Some(buffer) = cqueue::buffer_select(entry.flags()) {
            if current && result > 0 {
                let bytes = self.buffers.bytes(buffer, result.unsigned_abs() as usize);
                driver.on_data(conn, bytes, now_ns);
            }
            self.buffers.give_back(buffer);
        }
        if !current || (result > 0 && cqueue::more(entry.flags())) {
            return Ok(());
        }
        match result {
            0 => driver.on_eof(conn, now_ns),
            // Ended after data, or for lack of a buffer: goes on with the next one.
            1.. => return self.receive(conn),
            _ if result == -libc::ENOBUFS => return self.receive(conn),
            _ => driver.on_error(conn, Errno::from_raw_os_error(-result), now_ns),
        }
        Ok(())
    }

    fn connect_done(&mut self, conn: u32, driver: &mut Driver, now_ns: u64) -> io::Result<()> {
        let Some(fd) = &self.slots[conn as usize].fd else { return Ok(()) };
        match rustix::net::sockopt::socket_error(fd) {
            Ok(Ok(())) => {
                self.connected(conn)?;
                driver.on_connected(conn, now_ns);
            }
            Ok(Err(error)) | Err(error) => driver.on_error(conn, error, now_ns),
        }
        Ok(())
    }

    /// On a non-blocking socket io_uring gives up instead of waiting: from here on it blocks.
    fn connected(&mut self, conn: u32) -> io::Result<()> {
        if let Some(fd) = &self.slots[conn as usize].fd {
            rustix::io::ioctl_fionbio(fd, false)?;
        }
        self.receive(conn)
    }
}

impl Engine for Uring {
    const NAME: &'static str = "io_uring";
    const SENDS_AT_ONCE: bool = false;

    fn add(&mut self, conn: u32, fd: OwnedFd, connected: bool) -> io::Result<()> {
        let slot = &mut self.slots[conn as usize];
        slot.fd = Some(fd);
        slot.sending = Sending::Idle;
        slot.unconfirmed = 0;
        if connected { self.connected(conn) } else { self.poll_connect(conn) }
    }

    #[inline]
    fn send(&mut self, conn: u32, outgoing: Outgoing<'_>) -> Sent {
        match self.try_send(conn, outgoing) {
            Ok(true) => Sent::Accepted,
            Ok(false) => Sent::Busy,
            Err(error) => Sent::Failed(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
        }
    }

    fn remove(&mut self, conn: u32) {
        let slot = &mut self.slots[conn as usize];
        let Some(fd) = slot.fd.take() else { return };
        // The pending operations keep the socket open; this ends those of a connected one.
        let unconnected = rustix::net::shutdown(&fd, rustix::net::Shutdown::Both).is_err();
        let old = slot.generation;
        let retired = match slot.sending {
            Sending::Idle | Sending::Prebuilt(_) => None,
            Sending::Buffer => Some(Retired::Own { _bytes: std::mem::take(&mut slot.buffer) }),
            Sending::Shared => Some(Retired::Shared { _bytes: slot.shared.take() }),
        };
        if let Some(retired) = retired {
            self.retired.push((Tag::new(Kind::Send, conn, old), retired));
        }
        slot.sending = Sending::Idle;
        slot.generation = slot.generation.wrapping_add(1) & Tag::GENERATIONS;
        if unconnected {
            for kind in [Kind::Connect, Kind::Receive] {
                let pending = Tag::new(kind, conn, old);
                let entry = opcode::AsyncCancel::new(pending.into()).build();
                let tag = Tag::new(Kind::Cancel, conn, old);
                // Without room for it the operation ends with the ring.
                let _ = self.push(&entry.user_data(tag.into()));
            }
        }
    }

    fn wait(&mut self, wait: Wait, driver: &mut Driver) -> io::Result<()> {
        self.buffers.publish();
        self.enter(wait)?;
        let now = now_ns();
        let mut batch = std::mem::take(&mut self.batch);
        batch.extend(self.ring.completion());
        for entry in batch.drain(..) {
            self.completed(&entry, driver, now)?;
        }
        self.batch = batch;
        Ok(())
    }
}
