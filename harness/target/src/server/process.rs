//! A server under test as a process of its own process group.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::error::StartError;
use super::{Body, Ended, Launch};
use crate::accounting::members_of_group;
use crate::affinity::{confine_child, join_groups};
use crate::command::shown;
use crate::contract::INHERITED;
use crate::control_group::ControlGroup;
use crate::output::OutputTail;

/// How long the last words of a process that has ended may take: a child that lives on may hold the
/// pipe open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Dropping it kills its whole process group.
#[derive(Debug)]
struct ServerProcess {
    command: String,
    started: Instant,
    child: Child,
    output: OutputTail,
    ended: Option<Ended>,
    /// Removed after everything in it has been killed.
    group: Option<ControlGroup>,
}

/// Starts a process, confined as asked.
///
/// Call it from a thread that lives as long as the server: the kernel kills the server when that
/// thread dies.
pub(crate) fn start(launch: &Launch<'_>, port: u16) -> Result<Box<dyn Body>, StartError> {
    let (variant, confinement) = (launch.variant, &launch.confinement);
    let mut arguments = launch.manifest.process.run.clone();
    arguments.extend(variant.iter().flat_map(|variant| variant.args.clone()));
    let mut command = launch.context.command(&arguments);
    command.env_clear();
    command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(launch.contract.environment(port));
    command.envs(variant.iter().flat_map(|variant| &variant.env));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.process_group(0);
    confine_child(&mut command, &confinement.cores);
    let wants_group = confinement.control_group || confinement.memory_bytes.is_some();
    let group = wants_group.then(|| ControlGroup::create(confinement.memory_bytes));
    join_groups(&mut command, group.as_ref().map(ControlGroup::doors).unwrap_or_default());

    let shown = launch.context.resolve(&shown(&arguments));
    let started = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|source| StartError::NotRunnable { command: shown.clone(), source })?;
    let output = OutputTail::drain(child.stderr.take().expect("stderr is piped"));
    Ok(Box::new(ServerProcess { command: shown, started, child, output, ended: None, group }))
}

impl ServerProcess {
    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // The group may have ended in this moment; then there is nothing to tell it.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Body for ServerProcess {
    fn shown(&self) -> &str {
        &self.command
    }

    fn started(&self) -> Instant {
        self.started
    }

    fn leader(&self) -> u32 {
        self.child.id()
    }

    fn ended(&mut self) -> Option<Ended> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten().map(ended);
        }
        self.ended.clone()
    }

    fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn processes(&self) -> Vec<u32> {
        self.group()
            .and_then(ControlGroup::processes)
            .unwrap_or_else(|| members_of_group(self.leader()))
    }

    fn group(&self) -> Option<&ControlGroup> {
        self.group.as_ref().filter(|group| group.holds(self.leader()))
    }

    fn without_limit(&self) -> String {
        let refused = self.group().or(self.group.as_ref()).and_then(ControlGroup::without_limit);
        refused.unwrap_or("the server could not join the control group").to_owned()
    }

    fn last_words(&self) -> String {
        if self.ended.is_some() {
            self.output.settle(LAST_WORDS);
        }
        self.output.text()
    }

    fn isolation(&self) -> &'static str {
        "process"
    }

    fn image(&self) -> Option<&str> {
        None
    }
}

fn ended(status: ExitStatus) -> Ended {
    let how = match status.signal() {
        Some(signal) => format!("killed by signal {signal}"),
        None => status.to_string(),
    };
    Ended { clean: status.success(), how }
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
