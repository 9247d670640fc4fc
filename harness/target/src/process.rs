//! A server under test as a process of its own process group.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use httpdyno_spec::manifest::{Manifest, Variant};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::accounting::{Memory, Reading, members_of_group};
use crate::affinity::{confine_child, join_groups};
use crate::command::{CommandContext, shown};
use crate::contract::{Contract, INHERITED};
use crate::control_group::ControlGroup;
use crate::enforcement::{Confinement, Enforcement};
use crate::output::OutputTail;
use crate::readiness::{NotReady, wait_until_ready};

/// How long a server has to stop after SIGTERM, from `spec/contract.md`.
pub const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Why a server is not running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program is not there or may not be run.
    #[error("cannot run `{command}`: {source}; build it first, or mend `process.run`")]
    NotRunnable {
        /// The command as typed.
        command: String,
        /// What the system says.
        source: io::Error,
    },
    /// It ended before it answered.
    #[error("`{command}` ended ({status}) before it answered GET /plaintext; it wrote:\n{tail}")]
    Ended {
        /// The command as typed.
        command: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// It runs but does not answer.
    #[error(
        "`{command}` did not answer GET /plaintext on {address} within {waited_ms} ms \
         (last attempt: {last}); does it bind HOST and PORT?"
    )]
    NotReady {
        /// The command as typed.
        command: String,
        /// Where it was asked.
        address: SocketAddr,
        /// How long.
        waited_ms: u128,
        /// What came of the last attempt.
        last: String,
    },
    /// The system gives no port.
    #[error("cannot find a free port on {host}: {source}")]
    NoPort {
        /// The address.
        host: IpAddr,
        /// What the system says.
        source: io::Error,
    },
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
}

/// A running server. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
    output: OutputTail,
    ended: Option<ExitStatus>,
    confinement: Confinement,
    /// Removed after everything in it has been killed.
    group: Option<ControlGroup>,
    /// From the spawn to the first 200.
    pub start_to_ready: Duration,
}

impl ServerProcess {
    /// Starts the entry under the contract, confined as asked, and waits until it is ready.
    ///
    /// Call it from a thread that lives as long as the server: the kernel kills the server when
    /// that thread dies.
    ///
    /// # Errors
    /// When the program cannot be run, ends early, or is not ready within `timeout`.
    pub fn start(
        manifest: &Manifest,
        variant: Option<&Variant>,
        context: &CommandContext,
        contract: &Contract,
        confinement: Confinement,
        timeout: Duration,
    ) -> Result<Self, StartError> {
        let mut arguments = manifest.process.run.clone();
        arguments.extend(variant.iter().flat_map(|variant| variant.args.clone()));
        let port = free_port(contract.host)
            .map_err(|source| StartError::NoPort { host: contract.host, source })?;
        let mut command = context.command(&arguments);
        command.env_clear();
        command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(contract.environment(port));
        command.envs(variant.iter().flat_map(|variant| &variant.env));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.process_group(0);
        confine_child(&mut command, &confinement.cores);
        let wants_group = confinement.control_group || confinement.memory_bytes.is_some();
        let group = wants_group.then(|| ControlGroup::create(confinement.memory_bytes));
        join_groups(&mut command, group.as_ref().map(ControlGroup::doors).unwrap_or_default());

        let started = Instant::now();
        let mut child = command.spawn().map_err(|source| StartError::NotRunnable {
            command: context.resolve(&shown(&arguments)),
            source,
        })?;
        let output = OutputTail::drain(child.stderr.take().expect("stderr is piped"));
        let mut server = Self {
            child,
            address: SocketAddr::new(contract.host, port),
            output,
            ended: None,
            confinement,
            group,
            start_to_ready: Duration::ZERO,
        };
        server.await_ready(&context.resolve(&shown(&arguments)), started, timeout)?;
        Ok(server)
    }

    fn await_ready(
        &mut self,
        command: &str,
        started: Instant,
        timeout: Duration,
    ) -> Result<(), StartError> {
        let address = self.address;
        let ready = wait_until_ready(address, timeout, || self.has_ended().is_some());
        self.start_to_ready = started.elapsed();
        // A server that ended is never ready, whoever else may have answered on its port.
        if let Some(status) = self.has_ended() {
            self.output.finish();
            let (status, tail) = (status.to_string(), self.output.text());
            return Err(StartError::Ended { command: command.to_owned(), status, tail });
        }
        ready.map_err(|reason| StartError::NotReady {
            command: command.to_owned(),
            address,
            waited_ms: self.start_to_ready.as_millis(),
            last: match reason {
                NotReady::TimedOut(last) => last,
                NotReady::GivenUp => "given up".to_owned(),
            },
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id, which is the id of its process group too.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// The last lines it wrote to standard error.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.output.text()
    }

    /// Its processes at this moment, children and their children too.
    fn processes(&self) -> Vec<u32> {
        self.group()
            .and_then(ControlGroup::processes)
            .unwrap_or_else(|| members_of_group(self.id()))
    }

    /// Its control group, if there is one and the server is in it.
    fn group(&self) -> Option<&ControlGroup> {
        self.group.as_ref().filter(|group| group.holds(self.id()))
    }

    /// The counters of all its processes at this moment.
    #[must_use]
    pub fn reading(&self) -> Reading {
        Reading::take(&self.processes(), self.group())
    }

    /// The memory of all its processes at this moment.
    #[must_use]
    pub fn memory(&self) -> Memory {
        Memory::of(&self.processes())
    }

    /// What is in force on it at this moment, read back from the kernel.
    #[must_use]
    pub fn enforcement(&self) -> Enforcement {
        let mut found = Enforcement::of(&self.confinement, self.id(), &self.processes());
        let group = self.group();
        found.memory_limit_bytes = group.and_then(ControlGroup::memory_limit_bytes);
        if found.memory_limit_bytes != self.confinement.memory_bytes {
            let refused = group.or(self.group.as_ref()).and_then(ControlGroup::without_limit);
            let reason = refused.unwrap_or("the server could not join the control group");
            found.departures.push(format!("memory limit: {reason}"));
        }
        found
    }

    /// Sends SIGTERM and waits as long as the contract allows; then kills what is left.
    pub fn stop(mut self) -> StopOutcome {
        if let Some(status) = self.has_ended() {
            return StopOutcome::Crashed(self.ending(status));
        }
        self.signal(Signal::TERM);
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            match self.has_ended() {
                Some(status) if status.success() => return StopOutcome::Clean,
                Some(status) => return StopOutcome::Unclean(self.ending(status)),
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        }
        StopOutcome::Killed
    }

    fn ending(&self, status: ExitStatus) -> String {
        let tail = self.output.text();
        let how = match status.signal() {
            Some(signal) => format!("killed by signal {signal}"),
            None => status.to_string(),
        };
        if tail.is_empty() { how } else { format!("{how}; it wrote:\n{tail}") }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // The group may have ended in this moment; then there is nothing to tell it.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Also when the leader has ended: its children may be left. The id cannot have been taken
        // again while a member of the group lives.
        self.signal(Signal::KILL);
        if let Some(group) = &self.group {
            group.kill();
        }
        let _ = self.child.wait();
        self.output.finish();
    }
}

/// A port that is free at this moment. Somebody may take it before the server does; then the
/// server ends with a message, which is a recorded outcome.
fn free_port(host: IpAddr) -> io::Result<u16> {
    Ok(TcpListener::bind((host, 0))?.local_addr()?.port())
}
