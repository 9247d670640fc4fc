//! Ending connections, which the engine leaves to its clients.
//!
//! The engine closes a connection when it reads its end, after it has written what
//! it could. So a connection is ended by closing its reading side: that is an end
//! to read, and loses nothing of what is being written.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::{Shutdown, shutdown};

/// A response up to this many bytes fits the send buffer of a fresh connection.
const SURELY_WRITTEN: usize = 16 * 1024;
/// How long a longer response may take to leave the engine's buffer. Well under the second that clients
/// who look for the end give it.
const WRITING_LIMIT: Duration = Duration::from_millis(500);
/// How long a connection must have been idle to be ended when draining.
const SWEEP: Duration = Duration::from_millis(100);

/// All open connections, by descriptor.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    stopping: AtomicBool,
    open: Mutex<HashMap<RawFd, Arc<Activity>>>,
}

/// Counts the beginnings and ends of requests: odd while one is being answered.
#[derive(Debug, Default)]
struct Activity(AtomicU64);

impl Activity {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn step(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// One open connection. The engine drops it before the socket, so the descriptor
/// is that of the socket as long as it is registered.
#[derive(Debug)]
pub(crate) struct Connection {
    descriptor: RawFd,
    activity: Arc<Activity>,
    all: &'static Connections,
}

impl Connections {
    /// Registers a connection; `None` when no more are to be accepted.
    pub(crate) fn open(&'static self, descriptor: RawFd) -> Option<Connection> {
        if self.stopping.load(Ordering::SeqCst) {
            return None;
        }
        let activity = Arc::<Activity>::default();
        self.lock().insert(descriptor, Arc::clone(&activity));
        Some(Connection { descriptor, activity, all: self })
    }

    /// Accepts no more connections.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Ends connections as they become idle, until none is left or `limit` is over.
    pub(crate) fn drain(&self, limit: Duration) {
        let since = Instant::now();
        let mut seen = HashMap::new();
        while !self.lock().is_empty() && since.elapsed() < limit {
            for (descriptor, activity) in self.lock().iter() {
                let now = activity.now();
                if seen.insert(*descriptor, now) == Some(now) && now % 2 == 0 {
                    end_reading(*descriptor);
                }
            }
            thread::sleep(SWEEP);
        }
    }

    /// Ends a connection, unless it was used or closed since `then`.
    fn end_unless_used(&self, descriptor: RawFd, activity: &Arc<Activity>, then: u64) {
        let open = self.lock();
        let registered = open.get(&descriptor);
        if registered.is_some_and(|known| Arc::ptr_eq(known, activity)) && activity.now() == then {
            end_reading(descriptor);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RawFd, Arc<Activity>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request is being answered.
    pub(crate) fn begin(&self) {
        self.activity.step();
    }

    /// The answer is with the engine.
    pub(crate) fn end(&self) {
        self.activity.step();
    }

    /// Ends the connection once an answer with `length` bytes of body is written.
    pub(crate) fn close_after(&self, length: usize) {
        if length <= SURELY_WRITTEN {
            return end_reading(self.descriptor);
        }
        // The engine would not finish writing after it has read the end.
        let (descriptor, all) = (self.descriptor, self.all);
        let (activity, then) = (Arc::clone(&self.activity), self.activity.now());
        may::go!(move || {
            may::coroutine::sleep(WRITING_LIMIT);
            all.end_unless_used(descriptor, &activity, then);
        });
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.lock().remove(&self.descriptor);
    }
}

fn end_reading(descriptor: RawFd) {
    // It fails where the client was faster, and then there is nothing to end.
    let _ = shutdown(descriptor, Shutdown::Read);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (listener.accept().unwrap().0, client)
    }

    fn leaked() -> &'static Connections {
        Box::leak(Box::default())
    }

    #[test]
    fn draining_ends_what_is_idle_and_waits_for_what_is_not() {
        let all = leaked();
        let ((idle, _first), (busy, _second)) = (pair(), pair());
        let registered = all.open(idle.as_raw_fd()).unwrap();
        let answering = all.open(busy.as_raw_fd()).unwrap();
        answering.begin();
        all.stop();
        assert!(all.open(0).is_none());
        let draining = thread::spawn(|| all.drain(Duration::from_secs(60)));
        assert_eq!((&idle).read(&mut [0]).unwrap(), 0);
        drop(registered);
        busy.set_nonblocking(true).unwrap();
        let error = (&busy).read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        busy.set_nonblocking(false).unwrap();
        answering.end();
        assert_eq!((&busy).read(&mut [0]).unwrap(), 0);
        drop(answering);
        draining.join().unwrap();
        assert!(all.lock().is_empty());
    }

    #[test]
    fn a_connection_that_is_used_again_is_not_ended() {
        let all = leaked();
        let (server, client) = pair();
        let connection = all.open(server.as_raw_fd()).unwrap();
        connection.begin();
        connection.end();
        all.end_unless_used(server.as_raw_fd(), &connection.activity, 0);
        server.set_nonblocking(true).unwrap();
        let error = (&server).read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        all.end_unless_used(server.as_raw_fd(), &connection.activity, 2);
        assert_eq!((&server).read(&mut [0]).unwrap(), 0);
        drop(client);
    }
}
