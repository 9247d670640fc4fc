//! What a thread needs to have a core to itself: the real-time class, and none of it taken back.
//!
//! From a real-time thread that never sleeps the kernel takes 5 % of each second for whoever waits
//! (`kernel.sched_rt_runtime_us`, sched(7)): all of it at once, so 50 ms.

use std::fs;
use std::process::{Command, Stdio};

use rustix::process::Pid;

use crate::child::Server;

const SHARE: &str = "/proc/sys/kernel/sched_rt_runtime_us";

/// No share is taken from real-time threads while it lives. Needs root; without it, nothing is
/// changed, and that is said.
pub(crate) struct Unlimited {
    before: Option<String>,
}

impl Unlimited {
    pub(crate) fn start() -> Self {
        let before = fs::read_to_string(SHARE).ok();
        let before = before.filter(|_| fs::write(SHARE, "-1").is_ok());
        match &before {
            Some(before) => println!(
                "(kernel.sched_rt_runtime_us is -1 meanwhile; if this is killed: sysctl -w kernel.sched_rt_runtime_us={})",
                before.trim()
            ),
            None => {
                println!("(real-time threads lose 5 % of each second: {SHARE} cannot be written)")
            }
        }
        Self { before }
    }

    pub(crate) fn granted(&self) -> bool {
        self.before.is_some()
    }
}

impl Drop for Unlimited {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = fs::write(SHARE, before);
        }
    }
}

/// Gives all threads of the server the real-time class, as the generator has it: a server that
/// loses its core makes the generator late as soon as it goes on.
pub(crate) fn promote(server: &Server) -> bool {
    chrt(server.pid(), &["--all-tasks"])
}

/// Gives the calling thread the real-time class.
pub(crate) fn promote_thread() -> bool {
    chrt(rustix::thread::gettid(), &[])
}

fn chrt(id: Pid, options: &[&str]) -> bool {
    let chrt = Command::new("chrt")
        .args(options)
        .args(["--fifo", "--pid", "1", &id.as_raw_nonzero().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    chrt.is_ok_and(|status| status.success())
}
