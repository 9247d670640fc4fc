//! The least that a socket loop over io_uring can be: multishot receives into provided
//! buffers, sends of constant bytes, one call per round. Used by the bare client and by the
//! server that answers without looking.

use std::alloc::{Layout, alloc_zeroed};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::types::{BufRingEntry, Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};

const BUFFERS: u16 = 256;
const BUFFER_BYTES: usize = 4096;

/// What happened on a connection.
pub(crate) enum Event {
    /// Something was received; nobody looks at it.
    Data(u32),
    Closed(u32),
}

pub(crate) struct Ring {
    ring: IoUring,
    entries: *mut BufRingEntry,
    buffers: *mut u8,
    tail: u16,
    fds: Vec<Fd>,
    batch: Vec<cqueue::Entry>,
}

impl Ring {
    pub(crate) fn new() -> Self {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_taskrun_flag()
            .setup_submit_all()
            .setup_cqsize(8192)
            .build(1024)
            .expect("io_uring is available");
        let pages = |bytes| {
            let layout = Layout::from_size_align(bytes, 4096).unwrap();
            // SAFETY: the size is not 0. Never freed: a bench process is short-lived.
            unsafe { alloc_zeroed(layout) }
        };
        let entries: *mut BufRingEntry =
            pages(usize::from(BUFFERS) * size_of::<BufRingEntry>()).cast();
        let buffers = pages(usize::from(BUFFERS) * BUFFER_BYTES);
        // SAFETY: the memory is as long as is said, and is never freed.
        unsafe {
            ring.submitter().register_buf_ring_with_flags(entries as u64, BUFFERS, 0, 0).unwrap();
        }
        let mut ring = Self { ring, entries, buffers, tail: 0, fds: Vec::new(), batch: Vec::new() };
        (0..BUFFERS).for_each(|buffer| ring.give_back(buffer));
        ring
    }

    fn give_back(&mut self, buffer: u16) {
        let index = usize::from(self.tail % BUFFERS);
        // SAFETY: index and offset are within the allocations of `new`.
        unsafe {
            let entry = &mut *self.entries.add(index);
            entry.set_addr(self.buffers.add(usize::from(buffer) * BUFFER_BYTES) as u64);
            entry.set_len(BUFFER_BYTES as u32);
            entry.set_bid(buffer);
        }
        self.tail = self.tail.wrapping_add(1);
    }

    fn push(&mut self, entry: &squeue::Entry) {
        // SAFETY: only constant bytes are sent, and receive buffers are never freed.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.ring.submit().unwrap();
        }
    }

    /// Watches a connected socket; gives its number. The stream must stay open.
    pub(crate) fn add(&mut self, stream: &TcpStream) -> u32 {
        let conn = self.fds.len() as u32;
        self.fds.push(Fd(stream.as_raw_fd()));
        self.receive(conn);
        conn
    }

    fn receive(&mut self, conn: u32) {
        let entry = opcode::RecvMulti::new(self.fds[conn as usize], 0).build();
        self.push(&entry.user_data(conn.into()));
    }

    /// Sends constant bytes; nobody looks at the outcome.
    #[inline]
    pub(crate) fn send(&mut self, conn: u32, bytes: &'static [u8]) {
        let fd = self.fds[conn as usize];
        let entry = opcode::Send::new(fd, bytes.as_ptr(), bytes.len() as u32)
            .flags(libc::MSG_NOSIGNAL | libc::MSG_WAITALL)
            .build()
            .flags(squeue::Flags::SKIP_SUCCESS);
        self.push(&entry.user_data(u64::MAX));
    }

    /// Submits, waits up to 20 ms for something, and tells what happened.
    #[inline]
    pub(crate) fn round(&mut self, mut handle: impl FnMut(&mut Self, Event)) {
        // SAFETY: the tail lies in the first entry; the kernel only reads it.
        unsafe {
            let tail = BufRingEntry::tail(self.entries);
            AtomicU16::from_ptr(tail.cast_mut()).store(self.tail, Ordering::Release);
        }
        let timeout = Timespec::new().nsec(20_000_000);
        let args = SubmitArgs::new().timespec(&timeout);
        // A timeout is no event, and whatever else fails shows as missing requests.
        let _ = self.ring.submitter().submit_with_args(1, &args);
        let mut batch = std::mem::take(&mut self.batch);
        batch.extend(self.ring.completion());
        for entry in batch.drain(..) {
            if entry.user_data() == u64::MAX {
                continue;
            }
            let conn = entry.user_data() as u32;
            if let Some(buffer) = cqueue::buffer_select(entry.flags()) {
                handle(self, Event::Data(conn));
                self.give_back(buffer);
            } else if entry.result() != -libc::ENOBUFS {
                handle(self, Event::Closed(conn));
                continue;
            }
            if !cqueue::more(entry.flags()) {
                self.receive(conn);
            }
        }
        self.batch = batch;
    }
}
