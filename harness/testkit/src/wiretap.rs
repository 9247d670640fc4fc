//! A wire between a server and PostgreSQL that somebody listens in on.
//!
//! How a server asks its database is not seen in its answers: whether it prepares its statements, and
//! whether it sends the next one before the one before is answered (pipelining). Here both are read
//! off the protocol. To leave nothing to chance, answers can be held back until so many executions
//! wait for them: a server that pipelines sends them all the same, another one waits in vain.

mod messages;

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::host::Host;
use messages::{Messages, read_startup};

/// Passes everything on between its clients and a PostgreSQL server, and counts.
#[derive(Debug)]
pub struct Wiretap {
    host: Host,
    state: Arc<Mutex<State>>,
}

/// What was heard on all connections until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Statements to be analysed: `Parse`, and those in a `Query` that read or change rows.
    pub parsed: u64,
    /// Executions of prepared statements (`Execute`).
    pub executed: u64,
    /// The most executions that waited for their answers on one connection at one time.
    pub most_waiting: usize,
}

/// Until when answers are held back.
#[derive(Clone, Copy, Debug)]
struct Held {
    until_waiting: usize,
    at_most: Duration,
}

#[derive(Debug, Default)]
struct State {
    heard: Heard,
    held: Option<Held>,
}

/// The executions without an answer on one connection.
#[derive(Debug, Default)]
struct Waiting {
    count: Mutex<usize>,
    more: Condvar,
}

impl Wiretap {
    /// Listens on a free loopback port, and passes on to `server`.
    ///
    /// # Panics
    /// When no loopback port can be bound: nothing can be tested then.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let of_host = Arc::clone(&state);
        let host = Host::start(move |client, _| {
            // Whoever is cut off here sees it on its own connection.
            let _ = pass_on(&client, server, &of_host);
            let _ = client.shutdown(Shutdown::Both);
        });
        Self { host: host.expect("a free port on 127.0.0.1"), state }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// What was heard until now.
    #[must_use]
    pub fn heard(&self) -> Heard {
        lock(&self.state).heard
    }

    /// From now on, holds back the next answer to an execution on each connection, until so many
    /// wait for theirs, or `at_most` so long.
    pub fn hold(&self, until_waiting: usize, at_most: Duration) {
        lock(&self.state).held = Some(Held { until_waiting, at_most });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both directions of one connection, until either side closes.
fn pass_on(client: &TcpStream, server: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let startup = read_startup(client)?;
    let server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    (&server).write_all(&startup)?;
    let waiting = Waiting::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = pass_answers(&server, client, &waiting, state);
            let _ = client.shutdown(Shutdown::Both);
        });
        let asked = pass_questions(client, &server, &waiting, state);
        let _ = server.shutdown(Shutdown::Both);
        asked
    })
}

/// What goes to the database, each message counted before it goes.
fn pass_questions(
    mut client: &TcpStream,
    mut server: &TcpStream,
    waiting: &Waiting,
    state: &Mutex<State>,
) -> io::Result<()> {
    let (mut messages, mut buffer) = (Messages::default(), vec![0; 64 * 1024]);
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        for message in messages.of(&buffer[..read]) {
            let now_waiting = if message.is_execute() { waiting.add() } else { 0 };
            let heard = &mut lock(state).heard;
            heard.parsed += u64::from(message.is_parsed());
            heard.executed += u64::from(message.is_execute());
            heard.most_waiting = heard.most_waiting.max(now_waiting);
        }
        server.write_all(&buffer[..read])?;
    }
}

/// What comes from it, held back where that is asked for.
fn pass_answers(
    mut server: &TcpStream,
    mut client: &TcpStream,
    waiting: &Waiting,
    state: &Mutex<State>,
) -> io::Result<()> {
    let (mut messages, mut buffer) = (Messages::default(), vec![0; 64 * 1024]);
    let mut was_held = false;
    loop {
        let read = server.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let held = lock(state).held.filter(|_| !was_held);
        was_held |= held.is_some_and(|held| waiting.wait_for_more(held));
        let ended = messages.of(&buffer[..read]);
        waiting.answered(ended.iter().filter(|one| one.ends_execution()).count());
        client.write_all(&buffer[..read])?;
    }
}

impl Waiting {
    /// One more, and how many there are now.
    fn add(&self) -> usize {
        let mut count = lock(&self.count);
        *count += 1;
        self.more.notify_all();
        *count
    }

    /// So many fewer.
    fn answered(&self, answers: usize) {
        let mut count = lock(&self.count);
        // What a `Query` did ends in the same way as an execution, and is none.
        *count = count.saturating_sub(answers);
    }

    /// Waits for as many as asked for, if there are any; whether there are.
    fn wait_for_more(&self, held: Held) -> bool {
        let deadline = Instant::now() + held.at_most;
        let mut count = lock(&self.count);
        let are_any = *count > 0;
        while (1..held.until_waiting).contains(&*count) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.more.wait_timeout(count, left);
            count = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        are_any
    }
}
