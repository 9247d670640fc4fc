//! Where the CPU time of a request goes: user mode, kernel, and how many system calls.

use std::net::SocketAddr;
use std::process::Command;

use crate::child::{GENERATOR_CORE, SERVER_CORE, Server};
use crate::guard::IdleGuard;
use crate::throughput::CONTENDERS;

const SECONDS: u32 = 2;

/// What a whole run of a generator used.
struct Use {
    requests: f64,
    user_s: f64,
    system_s: f64,
    /// `None` where perf is not installed, or the kernel does not let us count.
    calls: Option<f64>,
}

pub(crate) fn print() {
    let _guard = IdleGuard::start(&[SERVER_CORE, GENERATOR_CORE]);
    let server = Server::start(&["null"]);
    println!(
        "per request, whole runs of {SECONDS} s; times by the kernel's ticks, calls by perf stat"
    );
    println!(
        "{:<26} {:>10} {:>10} {:>10} {:>14}",
        "", "user us", "kernel us", "kernel", "system calls"
    );
    for contender in &CONTENDERS {
        let Some(found) = measure(contender.name, server.addr) else {
            println!("{:<26} not installed", contender.name);
            continue;
        };
        let each = |seconds: f64| seconds * 1e6 / found.requests;
        let calls = found.calls.map_or("-".into(), |n| format!("{:.3}", n / found.requests));
        println!(
            "{:<26} {:>10.2} {:>10.2} {:>9.0}% {calls:>14}",
            contender.name,
            each(found.user_s),
            each(found.system_s),
            found.system_s / (found.user_s + found.system_s) * 100.0,
        );
    }
}

/// Runs a contender in a process of its own, with and, if possible, under `perf stat`.
fn measure(name: &str, addr: SocketAddr) -> Option<Use> {
    let program = std::env::current_exe().ok()?;
    let one = format!("'{}' one '{name}' {addr} {SECONDS}", program.display());
    // Of the shell's children, peers included: user and system time in ms.
    let script = format!("TIMEFORMAT='cpu %U %S'; time taskset -c {GENERATOR_CORE} {one}");
    let output = Command::new("bash").args(["-c", &script]).output().ok()?;
    let requests = requests(&output.stdout)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let cpu = errors.lines().rev().find_map(|line| line.strip_prefix("cpu "))?;
    let mut cpu = cpu.split(' ').map_while(|text| text.parse::<f64>().ok());
    let (user_s, system_s) = (cpu.next()?, cpu.next()?);
    let counted = format!("perf stat -x, -e raw_syscalls:sys_enter {one}");
    let calls = Command::new("bash").args(["-c", &counted]).output().ok().and_then(|output| {
        let errors = String::from_utf8_lossy(&output.stderr);
        let line = errors.lines().find(|line| line.contains("raw_syscalls:sys_enter"))?;
        let calls: f64 = line.split(',').next()?.parse().ok()?;
        Some(calls * requests / self::requests(&output.stdout)?)
    });
    Some(Use { requests, user_s, system_s, calls })
}

fn requests(output: &[u8]) -> Option<f64> {
    let text = String::from_utf8_lossy(output);
    text.split(' ').next()?.parse().ok()
}
