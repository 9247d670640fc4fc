//! For tests: says what a call takes of the cost planted by the environment, in nanoseconds of CPU time.

#![forbid(unsafe_code)]

use httpdyno_nullserver::planted;
use rustix::time::{ClockId, clock_gettime};

const CALLS: u64 = 2_000;

fn main() {
    // The first call finds out how long the work takes.
    planted::spend();
    let before = cpu_ns();
    (0..CALLS).for_each(|_| planted::spend());
    println!("{}", (cpu_ns() - before) / CALLS);
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
