//! System calls of all threads, counted by the kernel's tracepoint `raw_syscalls:sys_enter`
//! (perf_event_open(2)).
//!
//! While a counter exists, even a disabled one, the tracepoint is in place, and the system calls of
//! the whole machine are slower for it. So counters are made when nothing is measured any more,
//! and dropping them takes the tracepoint away.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use perf_event::events::Tracepoint;
use perf_event::{Builder, Counter};

use super::threads::ThreadId;

/// With more threads, opening a counter for each takes longer than it is worth.
const MOST_THREADS: usize = 512;

/// Where the kernel tells the tracepoint's number: where tracefs is mounted today, and where it
/// was when it was a part of debugfs.
const TRACEPOINT: [&str; 2] = [
    "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
    "/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
];

/// One counter for each thread of a server; threads and processes that these make later are counted
/// with the one that made them. Not counting until told to.
pub struct SyscallCounters(Vec<Counter>);

impl SyscallCounters {
    /// For a server that does nothing at this moment: a thread that is made by another, after it was
    /// looked for and before that other has its counter, is missed.
    pub(crate) fn attach(processes: &[u32]) -> Result<Self, String> {
        let threads: Vec<u32> = ThreadId::all(processes).iter().map(|one| one.thread).collect();
        if threads.len() > MOST_THREADS {
            return Err(too_many(threads.len()));
        }
        let counters = open(&threads, tracepoint(&TRACEPOINT.map(Path::new))?)?;
        match counters.is_empty() {
            true => Err("the server has no thread any more".to_owned()),
            false => Ok(Self(counters)),
        }
    }

    /// Begins to count.
    ///
    /// # Errors
    /// What the kernel refused, in words.
    pub fn enable(&mut self) -> Result<(), String> {
        let enabled = self.0.iter_mut().try_for_each(Counter::enable);
        enabled.map_err(|error| format!("a counter of system calls could not be enabled: {error}"))
    }

    /// Counts no more, and says how many system calls there were since it began.
    ///
    /// # Errors
    /// What the kernel refused, in words.
    pub fn disable(&mut self) -> Result<u64, String> {
        let disabled = self.0.iter_mut().try_for_each(Counter::disable);
        let mut count = || self.0.iter_mut().map(Counter::read).sum::<io::Result<u64>>();
        disabled
            .and_then(|()| count())
            .map_err(|error| format!("a counter of system calls could not be read: {error}"))
    }
}

/// Whether system calls can be counted here: by trying it with this process.
///
/// # Errors
/// Why they cannot, and what to do about it.
pub fn can_count_syscalls() -> Result<(), String> {
    SyscallCounters::attach(&[std::process::id()]).map(drop)
}

fn open(threads: &[u32], tracepoint: u64) -> Result<Vec<Counter>, String> {
    let mut builder = Builder::new(Tracepoint::with_id(tracepoint));
    // The tracepoint is hit in the kernel.
    builder.exclude_kernel(false).inherit(true);
    let mut counters = Vec::with_capacity(threads.len());
    for &thread in threads {
        let Ok(id) = i32::try_from(thread) else { continue };
        match builder.observe_pid(id).build() {
            Ok(counter) => counters.push(counter),
            // It has ended meanwhile.
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
            Err(error) => return Err(refused(&error, paranoia().as_deref())),
        }
    }
    Ok(counters)
}

/// The number of the tracepoint, from the first of `files` that is there.
fn tracepoint(files: &[&Path]) -> Result<u64, String> {
    let mut why = String::new();
    for file in files {
        match fs::read_to_string(file).map(|text| text.trim().parse()) {
            Ok(Ok(id)) => return Ok(id),
            Ok(Err(_)) => why = format!("{} holds no number", file.display()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(format!(
                    "{} cannot be read ({error}): run the harness as root, or let everybody read \
                     tracefs (mount -o remount,mode=755 /sys/kernel/tracing)",
                    file.display()
                ));
            }
            Err(error) if why.is_empty() => {
                why = format!("{} cannot be read ({error})", file.display());
            }
            Err(_) => {}
        }
    }
    Err(format!(
        "{why}: mount tracefs (mount -t tracefs tracefs /sys/kernel/tracing), in a container that \
         of the host"
    ))
}

fn paranoia() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").ok()?;
    Some(text.trim().to_owned())
}

fn too_many(threads: usize) -> String {
    format!(
        "the server has {threads} threads, and a counter is made for each of {MOST_THREADS} at most"
    )
}

/// What `error` of perf_event_open(2) means, and what to do.
fn refused(error: &io::Error, paranoia: Option<&str>) -> String {
    let forbidden = matches!(error.raw_os_error(), Some(libc::EACCES | libc::EPERM));
    match (forbidden, error.raw_os_error(), paranoia) {
        (true, _, Some(level)) => format!(
            "perf_event_open is refused ({error}) with kernel.perf_event_paranoid = {level}: run the \
             harness as root, or sysctl kernel.perf_event_paranoid=1; a container needs \
             --cap-add PERFMON and a seccomp profile that allows the call"
        ),
        (_, Some(libc::ENOSYS), _) | (true, _, None) => format!(
            "perf_event_open is not there ({error}): use a kernel with CONFIG_PERF_EVENTS, in a \
             container a seccomp profile that allows the call"
        ),
        (_, Some(libc::EMFILE | libc::ENFILE), _) => format!(
            "there are not enough file descriptors for a counter of each thread ({error}): raise \
             the limit of open files (ulimit -n)"
        ),
        _ => format!("perf_event_open failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_THREADS, SyscallCounters, can_count_syscalls, refused, too_many, tracepoint};
    use std::io::Error;
    use std::path::Path;

    #[test]
    fn own_system_calls_are_counted_where_the_machine_allows_it() {
        let mut counters = match SyscallCounters::attach(&[std::process::id()]) {
            Ok(counters) => counters,
            Err(why) => {
                assert_eq!(can_count_syscalls(), Err(why.clone()));
                assert!(why.contains("tracing") || why.contains("perf_event_open"), "{why}");
                return;
            }
        };
        let before = counters.disable().expect("read");
        assert_eq!(before, 0, "it does not count before it is told to");
        counters.enable().expect("enabled");
        // A thread that is new is counted with the one that made it.
        let calls = || {
            for _ in 0..1_000 {
                rustix::process::getpriority_process(None).expect("own priority");
            }
        };
        std::thread::spawn(calls).join().expect("joined");
        let counted = counters.disable().expect("read");
        assert!(counted >= 1_000, "{counted}");
        std::thread::yield_now();
        assert_eq!(counters.disable().expect("read"), counted, "it does not go on");
    }

    #[test]
    fn the_number_is_read_where_tracefs_is_and_else_the_reason_names_the_file_and_the_remedy() {
        let folder = tempfile::tempdir().expect("folder");
        let (absent, present) = (folder.path().join("absent"), folder.path().join("id"));
        std::fs::write(&present, "345\n").expect("write");
        assert_eq!(tracepoint(&[&absent, &present]), Ok(345));
        let why = tracepoint(&[&absent, Path::new("/nonexistent/id")]).expect_err("none is there");
        assert!(why.contains(&absent.display().to_string()), "{why}");
        assert!(why.contains("No such file") && why.contains("mount -t tracefs"), "{why}");
        std::fs::write(&present, "none\n").expect("write");
        let why = tracepoint(&[&present]).expect_err("no number");
        assert!(why.contains("holds no number"), "{why}");
    }

    #[test]
    fn a_refusal_says_what_is_set_and_what_to_do() {
        let of = |number, paranoia| refused(&Error::from_raw_os_error(number), paranoia);
        for number in [libc::EACCES, libc::EPERM] {
            let why = of(number, Some("2"));
            assert!(why.contains("kernel.perf_event_paranoid = 2"), "{why}");
            assert!(why.contains("sysctl kernel.perf_event_paranoid=1"), "{why}");
            assert!(why.contains("as root") && why.contains("PERFMON"), "{why}");
        }
        assert!(of(libc::ENOSYS, None).contains("CONFIG_PERF_EVENTS"));
        assert!(of(libc::EMFILE, Some("1")).contains("ulimit -n"));
        assert!(of(libc::EINVAL, Some("1")).contains("Invalid argument"));
        let why = too_many(MOST_THREADS + 1);
        assert!(why.contains("513 threads") && why.contains("512"), "{why}");
    }

    #[test]
    fn a_server_that_has_ended_has_nothing_to_count() {
        assert!(SyscallCounters::attach(&[u32::MAX]).is_err());
    }
}
