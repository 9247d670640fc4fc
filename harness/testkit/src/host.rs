//! The part that every server here has: a listener on port 0, one thread per connection, and an
//! end of all of them within a deadline.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

/// A free port of this machine.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// More connections than this at one time are closed unanswered.
const MAX_CONNECTIONS: usize = 4096;
/// Connection threads recurse nowhere and keep their buffers on the heap.
const STACK_BYTES: usize = 256 * 1024;
/// How long dropping waits for connection threads.
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// What is run for each connection.
type Serve = Arc<dyn Fn(TcpStream, &Link) + Send + Sync>;

/// A listening socket and its threads; dropping it ends them.
#[derive(Debug)]
pub(crate) struct Host {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    next: u64,
    live: BTreeMap<u64, Live>,
}

#[derive(Debug)]
struct Live {
    peer: SocketAddr,
    stream: TcpStream,
    stage: &'static str,
}

/// What a connection's thread may ask of its host.
#[derive(Debug)]
pub(crate) struct Link {
    shared: Arc<Shared>,
    id: u64,
}

impl Host {
    /// Listens on a free loopback port and runs `serve` for each connection, numbered from 0.
    pub(crate) fn start<F>(serve: F) -> io::Result<Self>
    where
        F: Fn(TcpStream, &Link) + Send + Sync + 'static,
    {
        Self::start_at(ANY_PORT, serve)
    }

    /// The same at this address.
    pub(crate) fn start_at<F>(address: SocketAddr, serve: F) -> io::Result<Self>
    where
        F: Fn(TcpStream, &Link) + Send + Sync + 'static,
    {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let serve: Serve = Arc::new(serve);
        let for_acceptor = Arc::clone(&shared);
        let acceptor = std::thread::Builder::new()
            .name(format!("accept {address}"))
            .spawn(move || accept(&listener, &for_acceptor, &serve))?;
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections have been accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.shared.lock().next
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters the connection into the books; `None` when it must be closed at once.
    fn register(&self, stream: &TcpStream, peer: SocketAddr) -> Option<u64> {
        let stream = stream.try_clone().ok()?;
        let mut state = self.lock();
        if state.stopping || state.live.len() >= MAX_CONNECTIONS {
            return None;
        }
        let id = state.next;
        state.next += 1;
        let stage = "starting";
        state.live.insert(id, Live { peer, stream, stage });
        Some(id)
    }
}

/// With the backlog of the contract: a burst of connections must not wait for repeated SYNs.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    Ok(socket.into())
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, serve: &Serve) {
    loop {
        let Ok((stream, peer)) = listener.accept() else {
            // Out of descriptors, or the peer has gone: neither is a reason to stop.
            std::thread::yield_now();
            if shared.lock().stopping {
                return;
            }
            continue;
        };
        if shared.lock().stopping {
            return;
        }
        let Some(id) = shared.register(&stream, peer) else {
            continue;
        };
        let link = Link { shared: Arc::clone(shared), id };
        let serve = Arc::clone(serve);
        // A thread that can not be made drops the link, which closes the connection.
        let _ = std::thread::Builder::new()
            .name(format!("connection {peer}"))
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let _ = stream.set_nodelay(true);
                serve(stream, &link);
            });
    }
}

impl Link {
    /// The number of the connection, from 0 in the order of accepting.
    pub(crate) fn number(&self) -> u64 {
        self.id
    }

    /// Says what the connection is busy with, for the message about a stuck one.
    pub(crate) fn stage(&self, stage: &'static str) {
        if let Some(live) = self.shared.lock().live.get_mut(&self.id) {
            live.stage = stage;
        }
    }

    /// Waits; `false` when the server is being stopped meanwhile.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.shared.lock();
        while !state.stopping {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            let changed = self.shared.changed.wait_timeout(state, left);
            state = changed.unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.lock().live.remove(&self.id);
        self.shared.changed.notify_all();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.stopping = true;
            for live in state.live.values() {
                let _ = live.stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
        // The acceptor sees the flag when its accept returns.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        let until = Instant::now() + STOP_DEADLINE;
        let mut state = self.shared.lock();
        while !state.live.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let stuck: Vec<String> = state.live.values().map(Live::describe).collect();
                drop(state);
                return report_stuck(self.address, &stuck);
            }
            let changed = self.shared.changed.wait_timeout(state, left);
            state = changed.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Live {
    fn describe(&self) -> String {
        format!("{} ({})", self.peer, self.stage)
    }
}

fn report_stuck(address: SocketAddr, stuck: &[String]) {
    let message = format!(
        "server {address} still has connections {STOP_DEADLINE:?} after it was told to stop: {}",
        stuck.join(", ")
    );
    // A panic while another one unwinds would abort the process and hide the first.
    assert!(std::thread::panicking(), "{message}");
    eprintln!("{message}");
}
