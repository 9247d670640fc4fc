//! A running server under test, however it is isolated: readiness, what it uses, what is in force
//! on it, and how it stops are the same for a process and for a container.

mod error;
mod process;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use httpdyno_spec::manifest::{Manifest, Variant};
use rustix::process::Signal;

use crate::accounting::{Memory, Reading, SyscallCounters, ThreadId};
use crate::command::{CommandContext, shown};
use crate::contract::Contract;
use crate::control_group::ControlGroup;
use crate::enforcement::{Confinement, Enforcement, escapes};
use crate::leftovers::{await_end, described};
use crate::manner::{Given, Manner};
use crate::readiness::{NotReady, wait_until_ready};

pub use error::StartError;
pub(crate) use error::is_of_this_machine;
pub(crate) use process::start as start_process;

pub use crate::manner::STOP_LIMIT;

/// A limit of memory that is in force may be rounded by as much: the kernel counts in pages.
const PAGE_BYTES: u64 = 64 * 1024;

/// What is started, and under which contract.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The entry's manifest.
    pub manifest: &'a Manifest,
    /// Its variant.
    pub variant: Option<&'a Variant>,
    /// Where and how its commands run.
    pub context: &'a CommandContext,
    /// What it is told.
    pub contract: &'a Contract,
    /// How it is told that, waited for and stopped.
    pub manner: &'a Manner,
    /// What it is confined to.
    pub confinement: Confinement,
    /// How long it may take to be ready.
    pub ready_within: Duration,
}

impl Launch<'_> {
    /// The words of the command with what the server is given in the place of placeholders; those of
    /// its folders stand there still.
    pub(crate) fn arguments(&self, port: u16) -> Vec<String> {
        let own = self.variant.iter().flat_map(|variant| &variant.args);
        let given = self.given(port);
        self.manifest.process.run.iter().chain(own).map(|word| given.fill(word)).collect()
    }

    /// What stands for the placeholders of somebody's own command.
    pub(crate) fn given(&self, port: u16) -> Given {
        Given { host: self.contract.host, port, workers: self.contract.workers }
    }

    /// The command as a person would type it, for messages: no placeholder is left in it.
    pub(crate) fn shown(&self, port: u16) -> String {
        self.context.resolve(&shown(&self.arguments(port)))
    }
}

/// How a server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopOutcome {
    /// Exit status 0 within the limit.
    Clean,
    /// It ended within the limit, in another way.
    Unclean(String),
    /// It did not end within the limit and was killed.
    Killed,
    /// It had ended before it was asked to: a crash.
    Crashed(String),
    /// It ended with exit status 0, but something that it had started did not end within the limit
    /// and was killed: `left 2 processes: ...`.
    Left(String),
}

/// Processes that work for a server and are not where they were put.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strays {
    /// They descend from it and have left its control group.
    pub(crate) escaped: Vec<u32>,
    /// They hold a socket of its address and do not descend from it.
    pub(crate) helpers: Vec<u32>,
}

/// How a server's first process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Whether with exit status 0.
    pub(crate) clean: bool,
    /// The signal that ended it, if one did.
    pub(crate) killed_by: Option<i32>,
    /// In words.
    pub(crate) how: String,
}

/// What differs between a process and a container. Dropping it kills everything of the server and
/// leaves nothing behind.
pub(crate) trait Body: fmt::Debug + Send + Sync {
    /// What runs, as a person would type it.
    fn shown(&self) -> &str;
    /// When it was told to start.
    fn started(&self) -> Instant;
    /// Its first process, as this machine counts processes.
    fn leader(&self) -> u32;
    /// How its first process ended, if it has.
    fn ended(&mut self) -> Option<Ended>;
    /// Asks it to end: with this signal, or for a container with SIGTERM.
    fn terminate(&self, signal: Signal);
    /// Its processes at this moment, children and their children too.
    fn processes(&self) -> Vec<u32>;
    /// Looks for what its groups do not hold; `processes` knows it from then on. It goes through
    /// all processes of the machine, so not while something is measured.
    fn look(&self) {}
    /// What the looks until now have found where it should not be.
    fn strays(&self) -> Strays {
        Strays::default()
    }
    /// What it has started and still runs, without its first process.
    fn left(&self) -> Vec<u32> {
        Vec::new()
    }
    /// Its control group, if there is one and the server is in it.
    fn group(&self) -> Option<&ControlGroup>;
    /// Why it has no memory limit although one was asked for.
    fn without_limit(&self) -> String;
    /// The last lines it wrote; all of them have come when it has ended.
    fn last_words(&self) -> String;
    /// How many bytes it has written until now; 0 where nobody counts them.
    fn written(&self) -> u64 {
        0
    }
    /// What it has written since it had written so many, as far as that is kept.
    fn words_since(&self, _written: u64) -> String {
        self.last_words()
    }
    /// How it is isolated.
    fn isolation(&self) -> &'static str;
    /// The digest of the image it runs from; none of a process.
    fn image(&self) -> Option<&str>;
}

/// A running server. Dropping it kills it with all its children.
#[derive(Debug)]
pub struct Server {
    body: Box<dyn Body>,
    address: SocketAddr,
    confinement: Confinement,
    manner: Manner,
    /// From the order to start to the first 200.
    pub start_to_ready: Duration,
}

impl Server {
    /// Has `start` start something on a free port, and waits until that is ready.
    pub(crate) fn start(
        launch: &Launch<'_>,
        start: impl FnOnce(&Launch<'_>, u16) -> Result<Box<dyn Body>, StartError>,
    ) -> Result<Self, StartError> {
        let host = launch.contract.host;
        let port = match launch.manner.port {
            Some(port) => still_free(launch, port)?,
            None => free_port(host).map_err(|source| StartError::NoPort { host, source })?,
        };
        let mut server = Self {
            body: start(launch, port)?,
            address: SocketAddr::new(host, port),
            confinement: launch.confinement.clone(),
            manner: launch.manner.clone(),
            start_to_ready: Duration::ZERO,
        };
        server.await_ready(launch.ready_within)?;
        Ok(server)
    }

    fn await_ready(&mut self, timeout: Duration) -> Result<(), StartError> {
        let address = self.address;
        let manner = self.manner.clone();
        let has_ended = || self.body.ended().is_some();
        let ready = wait_until_ready(address, &manner, timeout, has_ended);
        self.start_to_ready = self.body.started().elapsed();
        let (command, path) = (self.body.shown().to_owned(), manner.ready_path.clone());
        // A server that ended is never ready, whoever else may have answered on its port.
        if let Some(Ended { how: status, .. }) = self.ended_and_left() {
            let tail = self.body.last_words();
            return Err(StartError::Ended { command, path, status, tail });
        }
        self.body.look();
        ready.map_err(|reason| {
            let (last, ours) = match reason {
                NotReady::TimedOut { last, ours } => (last, ours),
                NotReady::GivenUp => ("given up".to_owned(), false),
            };
            let wrote = wrote(&self.body.last_words(), manner.knows_contract);
            let why = format!("{last}); {}{wrote}", manner.advice());
            let waited_ms = u64::try_from(self.start_to_ready.as_millis()).unwrap_or(u64::MAX);
            StartError::NotReady { command, path, address, waited_ms, why, ours }
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of its first process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.body.leader()
    }

    /// How it ended, in words, if it has.
    pub fn has_ended(&mut self) -> Option<String> {
        self.ended_and_left().map(|ended| ended.how)
    }

    /// How it ended, if it has, with what it left running. What went on behind may have answered
    /// before its first process ended, so that it was taken for ready.
    fn ended_and_left(&mut self) -> Option<Ended> {
        let mut ended = self.body.ended()?;
        let left = self.body.left();
        if !left.is_empty() {
            ended.how =
                format!("{}, and left {}; a server stays in front", ended.how, described(&left));
        }
        Some(ended)
    }

    /// The last lines it wrote.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.body.last_words()
    }

    /// How many bytes it has written until now, for [`Self::words_since`].
    #[must_use]
    pub fn written(&self) -> u64 {
        self.body.written()
    }

    /// What it has written since then, as far as that is kept. In a container, its last lines, whenever
    /// it wrote them.
    #[must_use]
    pub fn words_since(&self, written: u64) -> String {
        self.body.words_since(written)
    }

    /// The ids of all its processes at this moment.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.body.processes()
    }

    /// The counters of all its processes at this moment.
    #[must_use]
    pub fn reading(&self) -> Reading {
        Reading::take(&self.body.processes(), &self.body.strays().escaped, self.body.group())
    }

    /// Looks for processes that work for it without being where it was put: they are accounted for
    /// from then on. Not for a moment at which something is measured.
    pub fn look(&self) {
        self.body.look();
    }

    /// The memory of all its processes at this moment.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory::of(&self.body.processes())
    }

    /// Counters of its system calls, for a moment at which it is neither measured nor busy.
    ///
    /// # Errors
    /// Why they cannot be counted, and what to do about it.
    pub fn syscall_counters(&self) -> Result<SyscallCounters, String> {
        SyscallCounters::attach(&self.body.processes())
    }

    /// What its threads have taken at this moment that they were not given, in words: other cores, a
    /// higher scheduling class. Cheap enough for the edge of a window: of very many threads, a part is
    /// asked.
    #[must_use]
    pub fn escapes(&self) -> Vec<String> {
        escapes(&self.confinement, &ThreadId::drawn(&self.body.processes()))
    }

    /// What is in force on it at this moment, read back from the kernel.
    #[must_use]
    pub fn enforcement(&self) -> Enforcement {
        self.body.look();
        let (leader, processes) = (self.body.leader(), self.body.processes());
        let mut found = Enforcement::of(&self.confinement, leader, &processes);
        found.isolation = self.body.isolation();
        found.image = self.body.image().map(str::to_owned);
        found.memory_limit_bytes = self.body.group().and_then(ControlGroup::memory_limit_bytes);
        let differs = match (found.memory_limit_bytes, self.confinement.memory_bytes) {
            (Some(found), Some(asked)) => found.abs_diff(asked) > PAGE_BYTES,
            (found, asked) => found != asked,
        };
        if differs {
            found.departures.push(format!("memory limit: {}", self.body.without_limit()));
        }
        let Strays { escaped, helpers } = self.body.strays();
        if !escaped.is_empty() {
            found.add_escapes(&[format!("control group: left by {}", described(&escaped))]);
        }
        if !helpers.is_empty() {
            let helpers = described(&helpers);
            found.add_escapes(&[format!("helpers: {helpers} answered beside the server")]);
        }
        found
    }

    /// Asks it to end (with SIGTERM, as the contract says, or as its suite does) and waits as long as it
    /// may take; then kills what is left.
    pub fn stop(mut self) -> StopOutcome {
        if let Some(ended) = self.ended_and_left() {
            return StopOutcome::Crashed(self.ending(ended));
        }
        self.body.terminate(self.manner.signal());
        let deadline = Instant::now() + self.manner.stop_within;
        while Instant::now() < deadline {
            match self.body.ended() {
                Some(ended) if ended.clean || self.manner.is_good_ending(ended.killed_by) => {
                    return self.left_behind(deadline);
                }
                Some(ended) => return StopOutcome::Unclean(self.ending(ended)),
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        StopOutcome::Killed
    }

    /// Whether all that it had started has ended too; it has the same time for that.
    fn left_behind(&self, deadline: Instant) -> StopOutcome {
        let left = await_end(|| self.body.left(), deadline);
        match left.as_slice() {
            [] => StopOutcome::Clean,
            left => StopOutcome::Left(format!("left {}", described(left))),
        }
    }

    fn ending(&self, Ended { how, .. }: Ended) -> String {
        let tail = self.body.last_words();
        if tail.is_empty() { how } else { format!("{how}; it wrote:\n{tail}") }
    }
}

/// What a server that nobody here knows wrote, for who has to find out why it is not ready.
fn wrote(last_words: &str, knows_contract: bool) -> String {
    match last_words.trim_end() {
        "" => String::new(),
        _ if knows_contract => String::new(),
        words => format!("; it wrote:\n{words}"),
    }
}

/// The port that the server always listens on, with nobody else there.
fn still_free(launch: &Launch<'_>, port: u16) -> Result<u16, StartError> {
    let address = SocketAddr::new(launch.contract.host, port);
    let taken = |source| StartError::PortTaken { command: launch.shown(port), address, source };
    TcpListener::bind(address).map(|_| port).map_err(taken)
}

/// A port that is free at this moment. Somebody may take it before the server does; then the
/// server ends with a message, which is a recorded outcome.
fn free_port(host: IpAddr) -> io::Result<u16> {
    Ok(TcpListener::bind((host, 0))?.local_addr()?.port())
}
