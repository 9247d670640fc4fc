//! The idle guard: spinners of the idle scheduling class keep virtual CPUs from halting, and
//! yield to everything else that sleeps now and then. (A thread that spins all the time loses a
//! few milliseconds to them every second: do not put one on the core of such a thread.)

use std::process::{Child, Command, Stdio};

/// Spinners on these cores while it lives.
pub(crate) struct IdleGuard(Vec<Child>);

impl IdleGuard {
    pub(crate) fn start(cores: &[usize]) -> Self {
        let spinners: Vec<Child> = cores
            .iter()
            .filter_map(|core| {
                Command::new("taskset")
                    .args(["-c", &core.to_string(), "chrt", "--idle", "0"])
                    .args(["sh", "-c", "while :; do :; done"])
                    .stderr(Stdio::null())
                    .spawn()
                    .ok()
            })
            .collect();
        if spinners.len() < cores.len() {
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
