//! The slots that hold connections: a job of the pool is the number of one.
//!
//! A stream lies behind a reader-writer lock that nobody ever waits for in
//! earnest: the accepting thread writes it in before the number is queued, the
//! thread that serves it holds it for reading while it lives, the timekeeper
//! reads it for the moment of a shutdown, and the serving thread takes it out at
//! the end. So the queue can hand out connections without `unsafe` and without
//! an allocation or a reference count per connection.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use super::watch::{Patience, Verdict, Watch};
use crate::pool::{IndexStack, Job};

#[derive(Debug)]
pub(crate) struct Slots {
    slots: Box<[Slot]>,
    /// The numbers of the empty slots; low ones first, so that few are in use.
    free: IndexStack,
    /// Slots at and above this number were never used.
    untouched: AtomicUsize,
    open: AtomicUsize,
}

#[derive(Debug, Default)]
#[repr(align(128))]
struct Slot {
    stream: RwLock<Option<TcpStream>>,
    watch: Watch,
}

impl Slots {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            slots: (0..capacity).map(|_| Slot::default()).collect(),
            free: IndexStack::full(capacity),
            untouched: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        }
    }

    /// Puts a connection into a free slot; gives it back when there is none.
    pub(crate) fn insert(&self, stream: TcpStream) -> Result<Job, TcpStream> {
        let Some(job) = self.free.pop() else { return Err(stream) };
        let slot = &self.slots[job as usize];
        slot.watch.busy();
        *slot.stream.write().unwrap_or_else(PoisonError::into_inner) = Some(stream);
        self.untouched.fetch_max(job as usize + 1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(job)
    }

    /// Serves the connection in a slot, then closes it and frees the slot.
    pub(crate) fn serve(&self, job: Job, serve: impl FnOnce(&TcpStream, &Watch)) {
        // Also when `serve` panics.
        let _clear = Clear { slots: self, job };
        let slot = &self.slots[job as usize];
        let stream = slot.stream.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = stream.as_ref() {
            serve(stream, &slot.watch);
        }
    }

    /// How many connections there are, queued ones included.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Ends what has waited too long.
    pub(crate) fn sweep(&self, patience: Patience) {
        let used = self.untouched.load(Ordering::Relaxed);
        for slot in self.slots[..used].iter().filter(|slot| slot.watch.is_due(patience)) {
            // First the lock, then the verdict: so it is about this connection,
            // which can not make place for another one while we look.
            let stream = slot.stream.read().unwrap_or_else(PoisonError::into_inner);
            let Some(stream) = stream.as_ref() else { continue };
            // An error means that the client was faster.
            let _ = match slot.watch.expire(patience) {
                Verdict::Leave => Ok(()),
                Verdict::EndRead => stream.shutdown(Shutdown::Read),
                Verdict::EndBoth => stream.shutdown(Shutdown::Both),
            };
        }
    }
}

struct Clear<'s> {
    slots: &'s Slots,
    job: Job,
}

impl Drop for Clear<'_> {
    fn drop(&mut self) {
        let slot = &self.slots.slots[self.job as usize];
        slot.watch.busy();
        *slot.stream.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.slots.free.push(self.job);
        self.slots.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (listener.accept().unwrap().0, client)
    }

    #[test]
    fn a_slot_is_free_again_after_serving_even_after_a_panic() {
        let slots = Slots::new(1);
        let (stream, mut client) = pair();
        let job = slots.insert(stream).unwrap();
        assert_eq!(slots.open(), 1);
        let (other, _other_client) = pair();
        let other = slots.insert(other).unwrap_err();
        let serve = || slots.serve(job, |_, _| panic!("a bug (of this test)"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(serve)).is_err());
        assert_eq!(client.read(&mut [0]).unwrap(), 0, "it was closed");
        assert_eq!(slots.open(), 0);
        assert_eq!(slots.insert(other).unwrap(), job);
    }

    #[test]
    fn a_sweep_wakes_an_idle_read() {
        let slots = Slots::new(4);
        let (stream, _client) = pair();
        let job = slots.insert(stream).unwrap();
        slots.serve(job, |mut stream, watch| {
            watch.idle(5);
            slots.sweep(Patience { now: 4, idle_haste: 0 });
            stream.set_nonblocking(true).unwrap();
            assert!(stream.read(&mut [0]).is_err(), "it is still open");
            stream.set_nonblocking(false).unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| slots.sweep(Patience { now: 5, idle_haste: 0 }));
                assert_eq!(stream.read(&mut [0]).unwrap(), 0);
            });
        });
    }
}
