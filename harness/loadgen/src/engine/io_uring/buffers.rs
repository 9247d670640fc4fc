//! The ring of receive buffers that the kernel takes from and we give back to
//! (io_uring_register_buf_ring(3)).

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::IoUring;
use io_uring::types::BufRingEntry;

const PAGE: usize = 4096;

/// Page-aligned memory that the kernel may write to.
#[derive(Debug)]
struct Pages {
    start: NonNull<u8>,
    layout: Layout,
}

impl Pages {
    fn new(bytes: usize) -> io::Result<Self> {
        let layout = Layout::from_size_align(bytes, PAGE)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        // SAFETY: the layout's size is not 0; a power of two of entries or buffers is asked for.
        let start = unsafe { alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        Ok(Self { start, layout })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`, and freed only here.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// Buffers of one size, as many as a power of two, and the ring that offers them.
#[derive(Debug)]
pub(super) struct ReceiveBuffers {
    /// `None` after [`leak`](Self::leak).
    memory: Option<Memory>,
    count: u16,
    buffer_bytes: usize,
    /// Our position; the kernel sees it at the next `publish`.
    tail: u16,
}

#[derive(Debug)]
struct Memory {
    entries: Pages,
    buffers: Pages,
}

impl ReceiveBuffers {
    /// For so many connections, and responses of up to about this many bytes. Few and small
    /// buffers stay in the processor's cache; too few only cost another arming of a receive.
    pub(super) fn new(connections: usize, response_bytes: u64) -> io::Result<Self> {
        let count = (connections * 2).next_power_of_two().clamp(64, 1024);
        let buffer_bytes = if response_bytes <= 3 * 1024 { PAGE } else { 16 * PAGE };
        let memory = Memory {
            entries: Pages::new(count * size_of::<BufRingEntry>())?,
            buffers: Pages::new(count * buffer_bytes)?,
        };
        let mut ring = Self { memory: Some(memory), count: count as u16, buffer_bytes, tail: 0 };
        for buffer in 0..ring.count {
            ring.give_back(buffer);
        }
        ring.publish();
        Ok(ring)
    }

    /// Offers the buffers to a ring.
    pub(super) fn register(&self, ring: &IoUring, group: u16) -> io::Result<()> {
        let Some(memory) = &self.memory else { return Ok(()) };
        let address = memory.entries.start.as_ptr() as u64;
        // SAFETY: the entries are `count` long, page-aligned, and live until the owner of the
        // ring has seen the end of all operations (or for ever, see `leak`).
        unsafe { ring.submitter().register_buf_ring_with_flags(address, self.count, group, 0) }
    }

    /// The first `length` bytes of a buffer that the kernel has filled and handed to us.
    #[inline]
    pub(super) fn bytes(&self, buffer: u16, length: usize) -> &[u8] {
        let Some(memory) = &self.memory else { return &[] };
        let offset = usize::from(buffer % self.count) * self.buffer_bytes;
        let length = length.min(self.buffer_bytes);
        // SAFETY: within the allocation, which is initialised (zeroed at first). The kernel
        // does not write to a buffer between its completion and `give_back`, which needs the
        // borrow of this slice to be over.
        unsafe { std::slice::from_raw_parts(memory.buffers.start.as_ptr().add(offset), length) }
    }

    /// Returns a buffer to the kernel, from the next `publish` on.
    #[inline]
    pub(super) fn give_back(&mut self, buffer: u16) {
        let Some(memory) = &self.memory else { return };
        let buffer = buffer % self.count;
        let offset = usize::from(buffer) * self.buffer_bytes;
        let index = usize::from(self.tail & (self.count - 1));
        // SAFETY: the index is within the entries and the offset within the buffers; the kernel
        // reads an entry only after `publish`. The fields are written one by one because the
        // first entry's last two bytes are the ring's tail.
        unsafe {
            let address = memory.buffers.start.as_ptr().add(offset) as u64;
            let entry = &mut *memory.entries.start.as_ptr().cast::<BufRingEntry>().add(index);
            entry.set_addr(address);
            entry.set_len(self.buffer_bytes as u32);
            entry.set_bid(buffer);
        }
        self.tail = self.tail.wrapping_add(1);
    }

    /// Lets the kernel see what was given back.
    #[inline]
    pub(super) fn publish(&self) {
        let Some(memory) = &self.memory else { return };
        // SAFETY: the tail lies in the first entry, aligned for two bytes, and is written by
        // us alone; the kernel reads it with acquire semantics.
        unsafe {
            let tail = BufRingEntry::tail(memory.entries.start.as_ptr().cast());
            AtomicU16::from_ptr(tail.cast_mut()).store(self.tail, Ordering::Release);
        }
    }

    /// Never frees the memory: the kernel may still write to it.
    pub(super) fn leak(&mut self) {
        std::mem::forget(self.memory.take());
    }
}
