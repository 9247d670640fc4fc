//! The idle guard: one SCHED_IDLE spinning thread on each measured core.
//!
//! A virtual core that runs out of work halts, and waking it goes through the hypervisor; that
//! makes rates swing by a factor of three from hour to hour. A thread of the idle class keeps
//! the core from halting and yields to everything else at once, as long as sessions are no task
//! groups: see `autogroup`, which it turns off.

use std::hint::spin_loop;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::affinity::{become_idle_class, pin_current_thread};
use crate::autogroup::NoAutogroups;

/// Spinning threads; they end when this is dropped.
#[derive(Debug)]
pub struct IdleGuard {
    stop: Arc<AtomicBool>,
    spinners: Vec<JoinHandle<()>>,
    no_autogroups: io::Result<NoAutogroups>,
}

impl IdleGuard {
    /// Starts one spinner on each of `cores`.
    ///
    /// # Errors
    /// When a thread cannot be started, pinned, or put into the idle class. A spinner that were
    /// not in the idle class would steal from what is measured, so this is never ignored.
    pub fn start(cores: &[u32]) -> io::Result<Self> {
        let mut guard = Self {
            stop: Arc::new(AtomicBool::new(false)),
            spinners: Vec::new(),
            // Before the threads: it holds for what is made from now on.
            no_autogroups: NoAutogroups::turn_off(),
        };
        for &core in cores {
            let stop = Arc::clone(&guard.stop);
            let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
            let spinner = std::thread::Builder::new().name(format!("idle-guard-{core}")).spawn(
                move || {
                    let placed = pin_current_thread(&[core]).and_then(|()| become_idle_class());
                    let spin = placed.is_ok();
                    let _ = ready.send(placed);
                    while spin && !stop.load(Ordering::Relaxed) {
                        spin_loop();
                    }
                },
            )?;
            guard.spinners.push(spinner);
            is_ready.recv().map_err(io::Error::other)??;
        }
        Ok(guard)
    }

    /// Why its spinners take time from servers and databases of other sessions, and what to do;
    /// nothing where they do not.
    #[must_use]
    pub fn takes_from_others(&self) -> Option<String> {
        self.no_autogroups.as_ref().err().map(grouped)
    }
}

/// What [`IdleGuard::takes_from_others`] would say here, by trying.
#[must_use]
pub fn would_take_from_others() -> Option<String> {
    NoAutogroups::turn_off().err().as_ref().map(grouped)
}

fn grouped(error: &io::Error) -> String {
    format!(
        "the idle guard's threads are in the task group of this session, and take time from servers \
         and databases of other sessions: kernel.sched_autogroup_enabled cannot be set to 0 \
         ({error}); run as root, or set it yourself: sysctl kernel.sched_autogroup_enabled=0"
    )
}

impl Drop for IdleGuard {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for spinner in self.spinners.drain(..) {
            let _ = spinner.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::IdleGuard;
    use crate::cores::allowed_cores;

    #[test]
    fn spinners_are_of_the_idle_class_and_end_with_the_guard() {
        let core = allowed_cores().expect("own affinity")[0];
        let guard = IdleGuard::start(&[core]).expect("guard");
        let name = format!("idle-guard-{core}");
        let policy = |name: &str| {
            std::fs::read_dir("/proc/self/task").expect("tasks").flatten().find_map(|task| {
                let stat = std::fs::read_to_string(task.path().join("stat")).ok()?;
                let (before, after) = stat.rsplit_once(')')?;
                // Field 41 of proc(5) stat is the policy; the first after the name is field 3.
                before
                    .ends_with(name)
                    .then(|| after.split_whitespace().nth(38).map(str::to_owned))?
            })
        };
        assert_eq!(policy(&name).as_deref(), Some("5"), "SCHED_IDLE is policy 5");
        drop(guard);
        // A thread that was joined is still listed until the kernel has taken it down.
        let deadline = Instant::now() + Duration::from_secs(20);
        while policy(&name).is_some() {
            assert!(Instant::now() < deadline, "the spinner goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
