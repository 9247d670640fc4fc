//! The variable by which a process is known as the harness's, whatever became of its parents.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::accounting::{Stat, all_processes};

/// Set for servers, builds and version commands, and inherited by all that they start.
const VARIABLE: &str = "HTTPDYNO_STARTED_BY";

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The value of one server or build: no other process of any harness has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker(String);

impl Marker {
    pub(crate) fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(format!("{}-{number};", this_harness()))
    }

    /// Sets it for the child of `command`; call it after the environment is cleared.
    pub(crate) fn put_on(&self, command: &mut Command) {
        command.env(VARIABLE, &self.0);
    }

    /// As it stands in an environment. It ends with a sign, so that no other one begins with it.
    pub(crate) fn assignment(&self) -> String {
        format!("{VARIABLE}={}", self.0)
    }

    /// The living processes that have it.
    pub(crate) fn bearers(&self) -> Vec<u32> {
        bearers(|value| value == self.0)
    }
}

/// A harness, so that it is told from another one that later has the same process id: the PID
/// namespace, the id, and when it started.
fn this_harness() -> String {
    let id = std::process::id();
    let started = Stat::of(id).map_or(0, |stat| stat.started_ticks);
    format!("{}-{id}-{started}", namespace())
}

/// Ids of another namespace mean nothing here.
fn namespace() -> String {
    let link = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// Processes that bear the marker of a harness that is no more.
pub(super) fn orphaned() -> Vec<u32> {
    let namespace = namespace();
    bearers(|value| {
        let mut parts = value.split('-');
        parts.next() == Some(&*namespace)
            && parts.next().zip(parts.next()).is_some_and(|(id, started)| {
                id.parse().is_ok_and(|id| owner_is_dead(id, started.parse().ok()))
            })
    })
}

/// Whether the process `id`, which started at such a time, has ended; another one may have its id.
pub(crate) fn owner_is_dead(id: u32, started_ticks: Option<u64>) -> bool {
    match (Stat::of(id), started_ticks) {
        (None, _) => true,
        (Some(stat), Some(started)) => stat.started_ticks != started || stat.is_zombie,
        (Some(_), None) => false,
    }
}

fn bearers(is_such: impl Fn(&str) -> bool) -> Vec<u32> {
    let bears = |process: &u32| {
        // Others' processes cannot be read, and are none of ours.
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let mut variables = environment.split(|&byte| byte == 0);
        let value = variables.find_map(|one| one.strip_prefix(VARIABLE.as_bytes()));
        let value = value.and_then(|value| value.strip_prefix(b"="));
        value.is_some_and(|value| std::str::from_utf8(value).is_ok_and(&is_such))
    };
    all_processes().filter(bears).collect()
}

#[cfg(test)]
mod tests {
    use super::{Marker, owner_is_dead};
    use crate::accounting::Stat;
    use std::process::Command;
    use std::time::{Duration, Instant};

    #[test]
    fn only_what_bears_it_is_found() {
        let (one, other) = (Marker::new(), Marker::new());
        let mut command = Command::new("sleep");
        one.put_on(command.arg("60"));
        let mut child = command.spawn().expect("sleep runs");
        // The kernel lets the parent go on before the child shows its environment.
        let deadline = Instant::now() + Duration::from_secs(20);
        while one.bearers().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        let found = (one.bearers(), other.bearers());
        child.kill().expect("ours");
        child.wait().expect("ended");
        assert_eq!(found, (vec![child.id()], Vec::new()));
        assert!(one.bearers().is_empty());
    }

    #[test]
    fn a_harness_is_known_by_its_id_and_when_it_started() {
        let own = std::process::id();
        let started = Stat::of(own).expect("this process").started_ticks;
        assert!(!owner_is_dead(own, Some(started)) && !owner_is_dead(own, None));
        assert!(owner_is_dead(own, Some(started + 1)), "another one had the id before");
        assert!(owner_is_dead(u32::MAX, None));
    }
}
