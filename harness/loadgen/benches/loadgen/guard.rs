//! The idle guard: spinners of the idle scheduling class keep virtual CPUs from halting, and
//! yield to everything else.

use std::process::{Child, Command, Stdio};

use crate::child::{GENERATOR_CORE, SERVER_CORE};

/// Spinners on both cores while it lives.
pub(crate) struct IdleGuard(Vec<Child>);

impl IdleGuard {
    pub(crate) fn start() -> Self {
        let spinners: Vec<Child> = [SERVER_CORE, GENERATOR_CORE]
            .into_iter()
            .filter_map(|core| {
                Command::new("taskset")
                    .args(["-c", &core.to_string(), "chrt", "--idle", "0"])
                    .args(["sh", "-c", "while :; do :; done"])
                    .stderr(Stdio::null())
                    .spawn()
                    .ok()
            })
            .collect();
        if spinners.len() < 2 {
            println!("(no idle guard: taskset and chrt of util-linux are needed)");
        }
        Self(spinners)
    }
}

impl Drop for IdleGuard {
    fn drop(&mut self) {
        for spinner in &mut self.0 {
            let _ = spinner.kill();
            let _ = spinner.wait();
        }
    }
}
