//! A server under test as a process of its own process group.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::error::StartError;
use super::{Body, Ended, Launch, Strays};
use crate::accounting::{Stat, members_of_group, owners_of, tree_of};
use crate::affinity::{adopt_orphans, confine_child, join_groups};
use crate::contract::INHERITED;
use crate::control_group::{self, ControlGroup};
use crate::leftovers::{self, Marker, Watcher, end_all, is_running};
use crate::output::OutputTail;

/// How long the last words of a process that has ended may take: a child that lives on may hold the
/// pipe open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long a process that was killed may take to be gone.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// Dropping it kills all that it has started.
#[derive(Debug)]
struct ServerProcess {
    command: String,
    started: Instant,
    child: Child,
    output: OutputTail,
    ended: Option<Ended>,
    address: SocketAddr,
    marker: Marker,
    /// What was found of it that its group does not hold.
    seen: Mutex<BTreeMap<u32, Seen>>,
    /// Removed after everything in it has been killed.
    group: Option<ControlGroup>,
    /// Lives longer than the group.
    watcher: Watcher,
}

/// A process that was found to work for the server.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// With the id, it names one process for good.
    started_ticks: u64,
    /// It descends from the server, so it is the harness's to end.
    is_own: bool,
}

/// Starts a process, confined as asked.
///
/// Call it from a thread that lives as long as the server: the kernel kills the server when that
/// thread dies.
pub(crate) fn start(launch: &Launch<'_>, port: u16) -> Result<Box<dyn Body>, StartError> {
    let (variant, confinement) = (launch.variant, &launch.confinement);
    let (given, arguments) = (launch.given(port), launch.arguments(port));
    let mut command = launch.context.command(&arguments);
    command.env_clear();
    command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(launch.contract.environment(port));
    command.envs(variant.iter().flat_map(|variant| &variant.env));
    let own = launch.manner.environment.iter();
    command.envs(own.map(|(name, value)| (name, given.fill(value))));
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.process_group(0);
    leftovers::prepare();
    let marker = Marker::new();
    marker.put_on(&mut command);
    confine_child(&mut command, &confinement.cores);
    adopt_orphans(&mut command);
    let shown = launch.shown(port);
    let not_runnable = |source| StartError::NotRunnable { command: shown.clone(), source };
    let wants_group = confinement.control_group || confinement.memory_bytes.is_some();
    let name = control_group::new_name();
    let places = if wants_group { control_group::places(&name) } else { Vec::new() };
    // Before anything is there that it is to end.
    let watcher = Watcher::start(&marker, &places).map_err(not_runnable)?;
    let group = wants_group.then(|| ControlGroup::create(&name, confinement.memory_bytes));
    join_groups(&mut command, group.as_ref().map(ControlGroup::doors).unwrap_or_default());

    let (output, writer) = std::io::pipe().map_err(not_runnable)?;
    if launch.manner.keeps_output {
        command.stdout(writer.try_clone().map_err(not_runnable)?);
    }
    command.stderr(writer);
    let started = Instant::now();
    let child = command.spawn().map_err(not_runnable)?;
    // Its copies of the pipe's end would keep that open when the server has ended.
    drop(command);
    let output = OutputTail::drain(output);
    let address = SocketAddr::new(launch.contract.host, port);
    let seen = Mutex::default();
    let ended = None;
    Ok(Box::new(ServerProcess {
        command: shown,
        started,
        child,
        output,
        ended,
        address,
        marker,
        seen,
        group,
        watcher,
    }))
}

impl ServerProcess {
    fn signal(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // The group may have ended in this moment; then there is nothing to tell it.
            let _ = kill_process_group(group, signal);
        }
    }

    /// What its control group and its process group hold: cheap, for the edges of a window.
    fn members(&self) -> Vec<u32> {
        self.group()
            .and_then(ControlGroup::processes)
            .unwrap_or_else(|| members_of_group(self.leader()))
    }

    /// All that descends from it, wherever it went: by its groups, its tree, its marker, and what
    /// was seen of it before.
    fn own(&self) -> Vec<u32> {
        let leader = self.leader();
        let members = self.group.as_ref().and_then(ControlGroup::processes).unwrap_or_default();
        let mut own: BTreeSet<u32> = members.into_iter().collect();
        own.extend(members_of_group(leader));
        own.extend(tree_of(leader));
        own.extend(self.marker.bearers());
        own.extend(self.seen_where(|seen| seen.is_own));
        own.into_iter().collect()
    }

    /// Of the processes that were seen, those that still run.
    fn seen_where(&self, is_such: impl Fn(&Seen) -> bool) -> Vec<u32> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = |id: u32, seen: &Seen| {
            let stat = Stat::of(id);
            stat.is_some_and(|it| it.started_ticks == seen.started_ticks && !it.is_zombie)
        };
        let such = seen.iter().filter(|&(&id, seen)| is_such(seen) && runs(id, seen));
        such.map(|(&id, _)| id).collect()
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

    fn terminate(&self, signal: Signal) {
        self.signal(signal);
    }

    fn processes(&self) -> Vec<u32> {
        let mut processes = self.members();
        let seen = self.seen_where(|_| true);
        processes.extend(seen.into_iter().filter(|id| !processes.contains(id)).collect::<Vec<_>>());
        processes
    }

    fn look(&self) {
        let leader = self.leader();
        // In this order: whom the server starts in between is its own, and would be a stranger to a look
        // at its own that came first.
        let helpers = owners_of(self.address);
        let own: BTreeSet<u32> = self.own().into_iter().collect();
        // What the harness starts besides is none of the server's, whatever it holds for a moment
        // between fork and exec.
        let all = own.iter().map(|&id| (id, true));
        let all = all.chain(helpers.into_iter().map(|id| (id, own.contains(&id) || is_orphan(id))));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, is_own) in all.filter(|&(id, _)| id != leader) {
            let Some(stat) = Stat::of(id).filter(|stat| !stat.is_zombie) else { continue };
            let started_ticks = stat.started_ticks;
            let before = seen.insert(id, Seen { started_ticks, is_own });
            if is_own && before.is_none_or(|before| before.started_ticks != started_ticks) {
                self.watcher.note(id, started_ticks);
            }
        }
    }

    fn strays(&self) -> Strays {
        let helpers = self.seen_where(|seen| !seen.is_own);
        let escaped = match self.group().and_then(ControlGroup::processes) {
            Some(members) => {
                let own = self.seen_where(|seen| seen.is_own);
                own.into_iter().filter(|id| !members.contains(id)).collect()
            }
            None => Vec::new(),
        };
        Strays { escaped, helpers }
    }

    fn left(&self) -> Vec<u32> {
        let leader = self.leader();
        self.own().into_iter().filter(|&id| id != leader && is_running(id)).collect()
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

    fn written(&self) -> u64 {
        self.output.written()
    }

    fn words_since(&self, written: u64) -> String {
        self.output.since(written)
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
    Ended { clean: status.success(), killed_by: status.signal(), how }
}

/// Whether this process has adopted it: somewhere in its tree, a parent has ended.
fn is_orphan(process: u32) -> bool {
    Stat::of(process).is_some_and(|stat| stat.parent == std::process::id())
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Also when the leader has ended: its children may be left. The id cannot have been taken
        // again while a member of the group lives.
        self.signal(Signal::KILL);
        if let Some(group) = &self.group {
            group.kill();
        }
        let deadline = Instant::now() + KILL_LIMIT;
        while self.child.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(1));
        }
        end_all(|| self.left());
        self.output.settle(LAST_WORDS);
    }
}
