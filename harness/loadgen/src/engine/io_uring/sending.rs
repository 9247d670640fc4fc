//! Sending: silently where that is enough, else until the last byte is out.

use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use io_uring::{opcode, squeue, types};
use rustix::io::Errno;

use super::slot::{Kind, Sending, Tag};
use super::{Outgoing, Uring};
use crate::driver::Driver;

/// Requests up to this many bytes always fit an idle connection's socket buffer, so that a
/// completion of their sending says nothing new.
const SILENT_BYTES: usize = 4096;

/// Silent sends in a row on one connection; then one is awaited, so that a server that does
/// not read can not make the kernel hold ever more of them.
const SILENT_SENDS: u32 = 63;

impl Uring {
    /// Queues the sending of a connection's bytes; `false` while earlier ones are going out.
    #[inline]
    pub(super) fn try_send(&mut self, conn: u32, outgoing: Outgoing<'_>) -> io::Result<bool> {
        let slot = &mut self.slots[conn as usize];
        if slot.fd.is_none() || slot.sending != Sending::Idle {
            return Ok(false);
        }
        let sending = match outgoing {
            Outgoing::Prebuilt(route) => {
                if self.silent && self.send_silently(conn, route)? {
                    return Ok(true);
                }
                Sending::Prebuilt(route)
            }
            Outgoing::Buffer(bytes) => {
                slot.buffer.clear();
                std::mem::swap(&mut slot.buffer, bytes);
                Sending::Buffer
            }
            Outgoing::Shared(bytes) => {
                slot.shared = Some(Arc::clone(bytes));
                Sending::Shared
            }
        };
        let slot = &mut self.slots[conn as usize];
        slot.sending = sending;
        slot.sent = 0;
        self.send_rest(conn)?;
        Ok(true)
    }

    /// Sends a small prebuilt request of which no completion is wanted.
    #[inline]
    fn send_silently(&mut self, conn: u32, route: u32) -> io::Result<bool> {
        let slot = &mut self.slots[conn as usize];
        let bytes = self.plan.routes[route as usize].request.prebuilt().unwrap_or_default();
        let Some(fd) = &slot.fd else { return Ok(false) };
        if bytes.len() > SILENT_BYTES || slot.unconfirmed >= SILENT_SENDS {
            slot.unconfirmed = 0;
            return Ok(false);
        }
        slot.unconfirmed += 1;
        let tag = Tag::new(Kind::SilentSend, conn, slot.generation);
        let entry =
            opcode::Send::new(types::Fd(fd.as_raw_fd()), bytes.as_ptr(), bytes.len() as u32)
                .flags(libc::MSG_NOSIGNAL | libc::MSG_WAITALL)
                .build()
                .flags(squeue::Flags::SKIP_SUCCESS)
                .user_data(tag.into());
        self.push(&entry)?;
        self.outstanding -= 1;
        Ok(true)
    }

    /// Sends what is left of the slot's bytes.
    fn send_rest(&mut self, conn: u32) -> io::Result<()> {
        let slot = &self.slots[conn as usize];
        let Some(fd) = &slot.fd else { return Ok(()) };
        let bytes = match slot.sending {
            Sending::Idle => return Ok(()),
            Sending::Prebuilt(route) => {
                self.plan.routes[route as usize].request.prebuilt().unwrap_or_default()
            }
            Sending::Buffer => &slot.buffer,
            Sending::Shared => slot.shared.as_deref().unwrap_or_default(),
        };
        let rest = &bytes[slot.sent.min(bytes.len())..];
        let length = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        let tag = Tag::new(Kind::Send, conn, slot.generation);
        let entry = opcode::Send::new(types::Fd(fd.as_raw_fd()), rest.as_ptr(), length)
            // Waiting for all of it saves a round for bodies larger than the socket's buffer.
            .flags(libc::MSG_NOSIGNAL | libc::MSG_WAITALL)
            .build();
        self.push(&entry.user_data(tag.into()))
    }

    /// A send that was awaited is over.
    pub(super) fn send_done(
        &mut self,
        conn: u32,
        result: i32,
        driver: &mut Driver,
        now_ns: u64,
    ) -> io::Result<()> {
        let slot = &mut self.slots[conn as usize];
        if result < 0 {
            slot.sending = Sending::Idle;
            driver.on_error(conn, Errno::from_raw_os_error(-result), now_ns);
            return Ok(());
        }
        slot.sent += result.unsigned_abs() as usize;
        let length = match slot.sending {
            Sending::Idle => 0,
            Sending::Prebuilt(route) => {
                self.plan.routes[route as usize].request.prebuilt().map_or(0, <[u8]>::len)
            }
            Sending::Buffer => slot.buffer.len(),
            Sending::Shared => slot.shared.as_deref().map_or(0, <[u8]>::len),
        };
        if slot.sent < length {
            return self.send_rest(conn);
        }
        slot.sending = Sending::Idle;
        slot.shared = None;
        driver.on_sent(conn);
        Ok(())
    }
}
