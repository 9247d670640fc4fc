//! What is really in force on a running server, read back from the kernel.
//!
//! A server may change its own affinity, and a limit may be refused; so nothing is believed that
//! was only asked for.

use std::fs;
use std::path::{Path, PathBuf};

mod scheduling;

use crate::accounting::ThreadId;
use scheduling::Scheduling;

/// What a server is confined to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Its cores; empty: anywhere.
    pub cores: Vec<u32>,
    /// The limit of its memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// Whether it gets a control group of its own where that can be had, which accounts for
    /// children that come and go.
    pub control_group: bool,
}

impl Confinement {
    /// To `cores` and nothing else.
    #[must_use]
    pub fn to_cores(cores: &[u32]) -> Self {
        Self { cores: cores.to_vec(), ..Self::default() }
    }
}

/// What was found to be in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enforcement {
    /// How it is isolated: `process` or `container`.
    pub isolation: &'static str,
    /// The digest of the image that its container was made of.
    pub image: Option<String>,
    /// Whether the kernel filters its system calls (seccomp(2)): `unconfined` or `filtered`.
    pub seccomp: Option<&'static str>,
    /// The cores that every thread of every process is confined to, if that is so.
    pub cores: Option<Vec<u32>>,
    /// The memory limit of the control group.
    pub memory_limit_bytes: Option<u64>,
    /// RLIMIT_NOFILE, when the soft and the hard limit are the same.
    pub open_files: Option<u64>,
    /// Names of the variables in its environment, in alphabetical order.
    pub environment: Vec<String>,
    /// Its working directory.
    pub working_directory: Option<PathBuf>,
    /// Address space layout randomisation of the process: 0 off, 1 partly, 2 whole.
    pub aslr: Option<u32>,
    /// The frequency governors of its cores, each once; empty where there are none (in a virtual
    /// machine, say).
    pub governors: Vec<String>,
    /// Whether the processor may exceed its nominal frequency; absent where that is not told.
    pub turbo: Option<bool>,
    /// What was asked for and is not in force, in words.
    pub departures: Vec<String>,
    /// Of these, what the server has done itself: it left its cores or its control group, took
    /// another scheduling class, or is helped by somebody outside.
    pub escapes: Vec<String>,
    /// The scheduling policies of its threads and their lowest niceness, e.g. `other, nice 0`.
    pub scheduling: Option<String>,
}

impl Enforcement {
    /// Reads back what holds for `processes`, of which the first is the leader.
    pub(crate) fn of(asked: &Confinement, leader: u32, processes: &[u32]) -> Self {
        let mut found = Self {
            seccomp: seccomp(leader),
            open_files: open_files(leader),
            environment: environment(leader),
            working_directory: fs::read_link(folder(leader).join("cwd")).ok(),
            aslr: aslr(leader),
            governors: governors(&asked.cores),
            turbo: turbo(Path::new("/sys/devices/system/cpu")),
            ..Self::default()
        };
        let threads = ThreadId::all(processes);
        found.escapes = escapes(asked, &threads);
        if !asked.cores.is_empty() && escaped(&asked.cores, &threads).is_empty() {
            found.cores = Some(asked.cores.clone());
        }
        found.scheduling = Scheduling::summary(&Scheduling::of_all(&threads));
        found.departures.extend(found.escapes.iter().cloned());
        found
    }
}

impl Enforcement {
    /// Adds what was found at another moment, each kind once.
    pub fn add_escapes(&mut self, escapes: &[String]) {
        let kind = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
        for escape in escapes {
            if !self.escapes.iter().any(|known| kind(known) == kind(escape)) {
                self.escapes.push(escape.clone());
                self.departures.push(escape.clone());
            }
        }
    }
}

/// What `threads` have taken that they were not given, in words: other cores, a higher scheduling
/// class.
pub(crate) fn escapes(asked: &Confinement, threads: &[ThreadId]) -> Vec<String> {
    let mut escapes = Vec::new();
    let escaped = if asked.cores.is_empty() { Vec::new() } else { escaped(&asked.cores, threads) };
    if let Some(thread) = escaped.first() {
        escapes.push(format!(
            "affinity: {} of the server's threads may run beyond cores {:?}, e.g. {thread}",
            escaped.len(),
            asked.cores
        ));
    }
    let given = Scheduling::given();
    if let Some(raised) = Scheduling::of_all(threads).iter().find(|thread| thread.is_above(given)) {
        escapes.push(format!("scheduling: a thread of the server has {raised}"));
    }
    escapes
}

fn folder(process: u32) -> PathBuf {
    Path::new("/proc").join(process.to_string())
}

/// The threads that are not confined to `cores`, each as `name on 0-1`.
fn escaped(cores: &[u32], threads: &[ThreadId]) -> Vec<String> {
    let escaped = |status: String| {
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim().to_owned())
        };
        let allowed = field("Cpus_allowed_list:")?;
        let is_confined = core_list(&allowed)
            .is_some_and(|allowed| allowed.iter().all(|core| cores.contains(core)));
        let name = field("Name:").unwrap_or_default();
        (!is_confined).then(|| format!("`{name}` on {allowed}"))
    };
    threads.iter().filter_map(|one| escaped(one.read("status")?)).collect()
}

/// A list of cores as the kernel writes it: `0-2,5`.
fn core_list(text: &str) -> Option<Vec<u32>> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<u32>().ok()?..=last.parse::<u32>().ok()?)
    };
    let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
    Some(ranges?.into_iter().flatten().collect())
}

/// The mode in `status` (proc(5)): 0 off, 1 strict, 2 by filters.
fn seccomp(process: u32) -> Option<&'static str> {
    let status = fs::read_to_string(folder(process).join("status")).ok()?;
    let mode = status.lines().find_map(|line| line.strip_prefix("Seccomp:"))?;
    Some(if mode.trim() == "0" { "unconfined" } else { "filtered" })
}

fn open_files(process: u32) -> Option<u64> {
    let limits = fs::read_to_string(folder(process).join("limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let mut fields = line.split_whitespace();
    let (soft, hard) = (fields.next()?, fields.next()?);
    if soft == hard { soft.parse().ok() } else { None }
}

fn environment(process: u32) -> Vec<String> {
    let variables = fs::read(folder(process).join("environ")).unwrap_or_default();
    let mut names: Vec<String> = variables
        .split(|&byte| byte == 0)
        .filter_map(|variable| variable.split(|&byte| byte == b'=').next())
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    names.sort();
    names
}

/// The system's setting, unless the process's personality switches it off (personality(2)).
fn aslr(process: u32) -> Option<u32> {
    const ADDR_NO_RANDOMIZE: u64 = 0x0004_0000;
    let personality = fs::read_to_string(folder(process).join("personality")).unwrap_or_default();
    let flags = u64::from_str_radix(personality.trim(), 16).unwrap_or(0);
    if flags & ADDR_NO_RANDOMIZE != 0 {
        return Some(0);
    }
    fs::read_to_string("/proc/sys/kernel/randomize_va_space").ok()?.trim().parse().ok()
}

fn governors(cores: &[u32]) -> Vec<String> {
    let governor = |core: &u32| {
        let path = format!("/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor");
        Some(fs::read_to_string(path).ok()?.trim().to_owned())
    };
    let mut governors: Vec<String> = cores.iter().filter_map(governor).collect();
    governors.sort();
    governors.dedup();
    governors
}

/// Intel's driver has a switch against turbo, others one for boost.
fn turbo(cpus: &Path) -> Option<bool> {
    let read = |file: &str| Some(fs::read_to_string(cpus.join(file)).ok()?.trim() == "1");
    read("intel_pstate/no_turbo").map(|forbidden| !forbidden).or_else(|| read("cpufreq/boost"))
}

#[cfg(test)]
mod tests {
    use super::{Confinement, Enforcement, core_list, turbo};
    use std::fs;

    #[test]
    fn lists_of_cores_are_read_as_the_kernel_writes_them() {
        assert_eq!(core_list("0-2,5"), Some(vec![0, 1, 2, 5]));
        assert_eq!(core_list("3"), Some(vec![3]));
        assert_eq!(core_list("x"), None);
    }

    #[test]
    fn this_process_is_read_back_and_an_escape_is_named() {
        let own = std::process::id();
        let all = crate::allowed_cores().expect("cores");
        let found = Enforcement::of(&Confinement::to_cores(&all), own, &[own]);
        assert_eq!(found.cores, Some(all));
        assert_eq!(found.departures, Vec::<String>::new());
        assert!(found.environment.iter().any(|name| name == "PATH"), "{found:?}");
        assert!(found.working_directory.is_some() && found.aslr.is_some());

        let elsewhere = Enforcement::of(&Confinement::to_cores(&[8_000]), own, &[own]);
        assert_eq!(elsewhere.cores, None);
        assert!(elsewhere.departures[0].contains("beyond cores [8000]"), "{elsewhere:?}");
    }

    #[test]
    fn turbo_is_read_from_either_driver() {
        let cpus = tempfile::tempdir().expect("folder");
        assert_eq!(turbo(cpus.path()), None);
        fs::create_dir(cpus.path().join("cpufreq")).expect("create");
        fs::write(cpus.path().join("cpufreq/boost"), "0\n").expect("write");
        assert_eq!(turbo(cpus.path()), Some(false));
        fs::create_dir(cpus.path().join("intel_pstate")).expect("create");
        fs::write(cpus.path().join("intel_pstate/no_turbo"), "0\n").expect("write");
        assert_eq!(turbo(cpus.path()), Some(true));
    }
}
