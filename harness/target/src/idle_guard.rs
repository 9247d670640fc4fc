//! The idle guard: one SCHED_IDLE spinning thread on each measured core.
//!
//! A virtual core that runs out of work halts, and waking it goes through the hypervisor; that
//! makes rates swing by a factor of three from hour to hour. A thread of the idle class keeps
//! the core from halting and yields to everything else at once, as long as sessions are no task
//! groups: see `autogroup`, which it turns off. Beside a thread that never sleeps it takes ticks of
//! some milliseconds all the same: such a thread keeps its core from halting by itself, and the
//! spinner [rests](IdleGuard::rest) meanwhile.

use std::fs::File;
use std::hint::spin_loop;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use crate::accounting::thread_clock_ns;
use crate::affinity::{become_idle_class, pin_current_thread};
use crate::autogroup::NoAutogroups;

/// Spinning threads; they end when this is dropped.
#[derive(Debug)]
pub struct IdleGuard {
    stop: Arc<AtomicBool>,
    spinners: Vec<Spinner>,
    no_autogroups: io::Result<NoAutogroups>,
    /// As long as it is open.
    no_deep_sleep: Option<File>,
}

/// Where a latency that must not be exceeded by a core's waking up is written, and holds while the
/// file is open (Linux, Documentation/power/pm_qos_interface.rst).
const WAKE_UP_LATENCY: &str = "/dev/cpu_dma_latency";

/// Forbids all cores to sleep so deeply that waking up takes time, where the system lets us; for
/// those that no spinner keeps awake, and for siblings of theirs.
fn forbid_deep_sleep(device: &Path) -> Option<File> {
    // Never made where it is not there.
    let mut device = File::options().write(true).open(device).ok()?;
    // In microseconds, as a 32-bit integer of the machine.
    device.write_all(&0_i32.to_ne_bytes()).ok()?;
    Some(device)
}

#[derive(Debug)]
struct Spinner {
    core: u32,
    /// Its number.
    id: u32,
    /// By how many it was told to rest.
    rests: Arc<AtomicU32>,
    thread: JoinHandle<()>,
}

/// Spinners that rest until this is dropped.
#[derive(Debug)]
pub struct Resting<'g>(Vec<&'g Spinner>);

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
            no_deep_sleep: forbid_deep_sleep(Path::new(WAKE_UP_LATENCY)),
        };
        for &core in cores {
            let stop = Arc::clone(&guard.stop);
            let rests = Arc::new(AtomicU32::new(0));
            let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
            let resting = Arc::clone(&rests);
            let thread =
                thread::Builder::new().name(format!("idle-guard-{core}")).spawn(move || {
                    let placed = pin_current_thread(&[core]).and_then(|()| become_idle_class());
                    let placed = placed.map(|()| rustix::thread::gettid());
                    let spin = placed.is_ok();
                    let _ = ready.send(placed);
                    while spin && !stop.load(Ordering::Relaxed) {
                        if resting.load(Ordering::Relaxed) > 0 {
                            thread::park();
                        } else {
                            spin_loop();
                        }
                    }
                })?;
            guard.spinners.push(Spinner { core, id: 0, rests, thread });
            let id = is_ready.recv().map_err(io::Error::other)??;
            if let Some(spinner) = guard.spinners.last_mut() {
                spinner.id = id.as_raw_nonzero().get().unsigned_abs();
            }
        }
        Ok(guard)
    }

    /// Lets the spinners of `cores` rest, for a thread that spins there itself.
    #[must_use]
    pub fn rest(&self, cores: &[u32]) -> Resting<'_> {
        let resting: Vec<&Spinner> =
            self.spinners.iter().filter(|spinner| cores.contains(&spinner.core)).collect();
        for spinner in &resting {
            spinner.rests.fetch_add(1, Ordering::Relaxed);
        }
        Resting(resting)
    }

    /// CPU time that its spinners on `cores` have used until now, in nanoseconds.
    #[must_use]
    pub fn spent_ns(&self, cores: &[u32]) -> u64 {
        let spinners = self.spinners.iter().filter(|spinner| cores.contains(&spinner.core));
        spinners.filter_map(|spinner| thread_clock_ns(spinner.id)).sum()
    }

    /// What it cannot do here.
    #[must_use]
    pub fn lacks(&self) -> GuardLacks {
        GuardLacks {
            task_groups: self.no_autogroups.as_ref().err().map(kept_on),
            deep_sleep: self.no_deep_sleep.is_none() && Path::new(WAKE_UP_LATENCY).exists(),
        }
    }
}

/// What an idle guard cannot do, for want of the right to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardLacks {
    /// Why automatic task groups stay on, so that its spinners take time from databases and whatever
    /// else is of another session; absent where they are off.
    pub task_groups: Option<String>,
    /// Whether cores may sleep deeply, where there is something to forbid it with.
    pub deep_sleep: bool,
}

/// What an idle guard would lack here, by trying.
#[must_use]
pub fn would_lack() -> GuardLacks {
    let no_deep_sleep = forbid_deep_sleep(Path::new(WAKE_UP_LATENCY));
    GuardLacks {
        task_groups: NoAutogroups::turn_off().err().as_ref().map(kept_on),
        deep_sleep: no_deep_sleep.is_none() && Path::new(WAKE_UP_LATENCY).exists(),
    }
}

fn kept_on(error: &io::Error) -> String {
    format!("kernel.sched_autogroup_enabled cannot be set to 0: {error}")
}

impl Drop for IdleGuard {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for spinner in self.spinners.drain(..) {
            spinner.thread.thread().unpark();
            let _ = spinner.thread.join();
        }
    }
}

impl Drop for Resting<'_> {
    fn drop(&mut self) {
        for spinner in &self.0 {
            spinner.rests.fetch_sub(1, Ordering::Relaxed);
            spinner.thread.thread().unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};

    use super::{IdleGuard, forbid_deep_sleep};
    use crate::cores::allowed_cores;

    #[test]
    fn spinners_are_of_the_idle_class_and_end_with_the_guard() {
        let core = allowed_cores().expect("own affinity")[0];
        let guard = IdleGuard::start(&[core]).expect("guard");
        let spinner = guard.spinners[0].id;
        // Fields 3 and 41 of proc(5) stat are the state and the policy.
        let policy = || stat(spinner).map(|fields| fields[38].clone());
        assert_eq!(policy().as_deref(), Some("5"), "SCHED_IDLE is policy 5");
        eventually("it has spun", || guard.spent_ns(&[core]) > 0);
        assert_eq!(guard.spent_ns(&[core + 1]), 0);
        drop(guard);
        // A thread that was joined is still listed until the kernel has taken it down.
        eventually("the spinner is gone", || policy().is_none());
    }

    #[test]
    fn a_spinner_rests_as_long_as_it_is_told_to() {
        let core = *allowed_cores().expect("own affinity").last().expect("a core");
        let guard = IdleGuard::start(&[core]).expect("guard");
        let spinner = guard.spinners[0].id;
        let sleeps = || stat(spinner).is_some_and(|fields| fields[0] == "S");
        let elsewhere = guard.rest(&[core + 1]);
        assert!(!sleeps());
        let resting = guard.rest(&[core]);
        eventually("it rests", sleeps);
        // As long as somebody wants it to.
        let another = guard.rest(&[core]);
        drop(resting);
        assert_eq!(guard.spinners[0].rests.load(Ordering::Relaxed), 1);
        // It may look up for a moment.
        eventually("it rests on", sleeps);
        drop(another);
        eventually("it spins", || !sleeps());
        drop(elsewhere);
        // Forgotten, so that it ends while its spinner rests.
        std::mem::forget(guard.rest(&[core]));
        eventually("it rests", sleeps);
        drop(guard);
    }

    #[test]
    fn deep_sleep_is_forbidden_where_there_is_something_to_tell() {
        let folder = tempfile::tempdir().expect("folder");
        let device = folder.path().join("cpu_dma_latency");
        assert!(forbid_deep_sleep(&device).is_none());
        assert!(!device.exists());
        std::fs::write(&device, "").expect("made");
        assert!(forbid_deep_sleep(&device).is_some());
        assert_eq!(std::fs::read(&device).expect("told"), 0_i32.to_ne_bytes());
    }

    /// The fields of a thread of this process after its name, from the third of proc(5) stat on. By its
    /// number: other tests have guards on these cores at the same time.
    fn stat(thread: u32) -> Option<Vec<String>> {
        let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).ok()?;
        let (_, after) = stat.rsplit_once(')')?;
        Some(after.split_whitespace().map(str::to_owned).collect())
    }

    fn eventually(what: &str, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !holds() {
            assert!(Instant::now() < deadline, "not within the deadline: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
