//! Processes that leave the server's session, its control group, its cores and its parents.

use std::process::{Command, Stdio};
use std::time::Duration;

/// What is done.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Stray {
    /// The server itself goes on behind: its first process ends.
    Daemonises,
    /// Beside a good server, something in a session of its own does not end with it.
    LeavesAWorker,
    /// The same, and nothing of its environment tells whose it is.
    LeavesANamelessWorker,
    /// The first process only waits; what answers has left session, control group and cores.
    WorksElsewhere,
    /// It takes a better niceness, which only root may.
    IsNice,
}

/// The first argument of what is started in such a way.
pub(crate) const ROLE: &str = "stray";

impl Stray {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "daemonises" => Self::Daemonises,
            "leaves-a-worker" => Self::LeavesAWorker,
            "leaves-a-nameless-worker" => Self::LeavesANamelessWorker,
            "works-elsewhere" => Self::WorksElsewhere,
            "is-nice" => Self::IsNice,
            _ => return None,
        })
    }

    /// Before the server listens. Where something else listens in its place, it does not return.
    pub(crate) fn begin(self) {
        match self {
            Self::Daemonises => {
                start(&["serves"], false);
                std::process::exit(0);
            }
            Self::LeavesAWorker => start(&["waits"], false),
            Self::LeavesANamelessWorker => start(&["orphans", "waits"], true),
            Self::WorksElsewhere => {
                start(&["orphans", "everywhere", "serves"], true);
                loop {
                    std::thread::park();
                }
            }
            Self::IsNice => {
                let _ = rustix::process::setpriority_process(None, -5);
            }
        }
    }
}

/// Starts this program in another role; it inherits standard error, as daemons often do.
#[allow(clippy::zombie_processes, reason = "whoever is left behind is what the tests are about")]
fn start(roles: &[&str], nameless: bool) {
    let mut command = Command::new(std::env::current_exe().expect("own path"));
    command.arg(ROLE).args(roles).stdin(Stdio::null()).stdout(Stdio::null());
    if nameless {
        let kept = ["HOST", "PORT"].map(|name| (name, std::env::var(name).unwrap_or_default()));
        command.env_clear().envs(kept);
    }
    command.spawn().expect("it starts");
}

/// What a process in such a role does first; returns where it is to serve.
pub(crate) fn prepare(roles: &[String]) {
    // Refused where it leads a session already.
    let _ = rustix::process::setsid();
    match roles.first().map(String::as_str) {
        Some("orphans") => {
            let rest: Vec<&str> = roles[1..].iter().map(String::as_str).collect();
            start(&rest, true);
            std::process::exit(0);
        }
        Some("everywhere") => {
            super::leave_cores();
            leave_group();
            prepare(&roles[1..]);
        }
        Some("waits") => {
            super::ignore_term();
            loop {
                std::thread::sleep(Duration::from_secs(3600));
            }
        }
        _ => {}
    }
}

/// Moves this process to the outermost control groups that it may move to; root may.
fn leave_group() {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for mount in mounts.lines().filter(|mount| mount.contains(" cgroup")) {
        let folder = mount.split(' ').nth(1).unwrap_or_default();
        let _ = std::fs::write(format!("{folder}/cgroup.procs"), "0");
    }
}
