//! Ending processes that nobody waits for, and naming them.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::accounting::Stat;

/// How long a process that was killed may take to be gone: one that is in the kernel, writing to a
/// disk, say, heeds no signal before that is done.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// Whether there is such a process and it has not ended; one that nobody has waited for has.
pub(crate) fn is_running(process: u32) -> bool {
    Stat::of(process).is_some_and(|stat| !stat.is_zombie)
}

/// Waits until `find` finds nothing or the time is over; what is left then.
pub(crate) fn await_end(mut find: impl FnMut() -> Vec<u32>, deadline: Instant) -> Vec<u32> {
    let mut pause = Duration::from_millis(1);
    loop {
        let left = find();
        if left.is_empty() || Instant::now() >= deadline {
            return left;
        }
        std::thread::sleep(pause);
        // A look goes through all processes of the machine.
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Kills what `find` finds until it finds nothing; not for ever, since what is in the kernel cannot
/// be killed. Orphans that this process has adopted are waited for.
pub(crate) fn end_all(mut find: impl FnMut() -> Vec<u32>) {
    let mut killed: Vec<u32> = Vec::new();
    await_end(
        || {
            killed.iter().for_each(|&process| reap(process));
            let found = find();
            for &process in &found {
                if let Some(process) = pid(process) {
                    let _ = kill_process(process, Signal::KILL);
                }
            }
            killed.extend(&found);
            found
        },
        Instant::now() + KILL_LIMIT,
    );
    killed.iter().for_each(|&process| reap(process));
}

/// Of a process that is no child of this one, nothing.
fn reap(process: u32) {
    let _ = pid(process).map(|process| waitpid(Some(process), WaitOptions::NOHANG));
}

fn pid(process: u32) -> Option<Pid> {
    i32::try_from(process).ok().and_then(Pid::from_raw)
}

/// How many processes a message names.
const MOST_NAMED: usize = 3;
/// How much of a command line.
const MOST_LETTERS: usize = 60;

/// `2 processes: ...`, each with its command line and id.
pub(crate) fn described(processes: &[u32]) -> String {
    let count = processes.len();
    let names: Vec<String> = processes.iter().take(MOST_NAMED).map(|&it| named(it)).collect();
    let more = if count > MOST_NAMED { ", ..." } else { "" };
    let noun = if count == 1 { "process" } else { "processes" };
    format!("{count} {noun}: {}{more}", names.join(", "))
}

fn named(process: u32) -> String {
    let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words: Vec<_> = line.split(|&byte| byte == 0).filter(|word| !word.is_empty()).collect();
    let line = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
    let mut shown: String = line.chars().take(MOST_LETTERS).collect();
    if shown.len() < line.len() {
        shown.push_str("...");
    }
    format!("`{}` ({process})", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::{await_end, described, end_all, is_running};
    use std::process::Command;
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_found_is_named_ended_and_waited_for() {
        let child = Command::new("sleep").arg("61").spawn().expect("sleep runs");
        let id = child.id();
        let find = || if is_running(id) { vec![id] } else { Vec::new() };
        assert_eq!(await_end(find, Instant::now()), [id]);
        // The kernel lets the parent go on before the child has its command line.
        let deadline = Instant::now() + Duration::from_secs(20);
        while described(&[id]).contains("``") && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(described(&[id]), format!("1 process: `sleep 61` ({id})"));
        end_all(find);
        assert!(!is_running(id));
        assert!(!std::path::Path::new(&format!("/proc/{id}")).exists(), "it is waited for");
        drop(child);
    }

    #[test]
    fn many_are_counted_and_a_few_named() {
        let own = std::process::id();
        let text = described(&[own; 5]);
        assert!(text.starts_with("5 processes: `") && text.ends_with(", ..."), "{text}");
    }
}
