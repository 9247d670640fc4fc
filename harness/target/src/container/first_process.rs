//! The first process of a container, as this machine counts processes.

use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// Held by a descriptor, so that its number cannot come to mean another process.
#[derive(Debug)]
pub(super) struct FirstProcess {
    id: u32,
    /// None: it had ended before it could be held.
    held: Option<OwnedFd>,
}

impl FirstProcess {
    /// The process `id`; 0 stands for one that has ended.
    pub(super) fn hold(id: u32) -> Self {
        let known = i32::try_from(id).ok().and_then(Pid::from_raw);
        let held = known.and_then(|id| pidfd_open(id, PidfdFlags::empty()).ok());
        Self { id, held }
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Whether the container `container` is what it is in: the engine may count processes in another
    /// way than this machine, or be another machine.
    pub(super) fn is_in(&self, container: &str) -> bool {
        let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", self.id));
        groups.is_ok_and(|groups| groups.contains(container))
    }

    /// Whether it has ended. (A process that nobody waited for has too: a descriptor can be read from
    /// as soon as it is a zombie, pidfd_open(2).)
    pub(super) fn has_ended(&self) -> bool {
        let Some(held) = &self.held else { return true };
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut ended = [PollFd::new(held, PollFlags::IN)];
        poll(&mut ended, Some(&at_once)).is_ok_and(|ready| ready > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::FirstProcess;
    use std::process::Command;
    use std::time::{Duration, Instant};

    #[test]
    fn an_end_is_noticed_before_anybody_waits_for_the_process() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("sleep runs");
        let held = FirstProcess::hold(child.id());
        assert!(!held.has_ended() && !held.is_in("no such container"));
        child.kill().expect("it is ours");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !held.has_ended() {
            assert!(Instant::now() < deadline, "it was killed");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.wait().expect("ended");
        assert!(held.has_ended());
        assert!(FirstProcess::hold(0).has_ended());
    }
}
