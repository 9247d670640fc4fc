//! Included by tests that look at what is left of processes.
#![allow(dead_code, reason = "each test looks for its part")]

use std::process::Child;
use std::time::{Duration, Instant};

/// Long enough for a loaded machine; only what never goes waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether a process is there and no zombie: those have no command line.
pub(crate) fn is_alive(process: u32) -> bool {
    std::fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Awaits that all of `processes` are gone.
pub(crate) fn await_gone(processes: &[u32]) {
    let deadline = Instant::now() + PATIENCE;
    while processes.iter().any(|&process| is_alive(process)) {
        assert!(Instant::now() < deadline, "still there: {processes:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Killed when dropped, so that a failing test leaves nothing running.
pub(crate) struct Killed(pub(crate) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
