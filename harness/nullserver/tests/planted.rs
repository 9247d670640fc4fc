//! What a planted cost takes, in a process of its own: the cost is in its environment.

use std::process::{Command, Output};

use httpdyno_nullserver::planted;
use rustix::time::{ClockId, clock_gettime};

const CALLS: u64 = 2_000;

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

/// What [`child`] says where `cost` is in its environment.
fn spent_with(cost: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "child", "--ignored", "--nocapture", "--test-threads", "1"]);
    command.env_remove(planted::VARIABLE).envs(cost.map(|cost| (planted::VARIABLE, cost)));
    command.output().expect("run")
}

fn each_ns(output: &Output) -> u64 {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once("each takes ")?.1.split(' ').next());
    line.unwrap_or_else(|| panic!("{output:?}")).parse().expect("a number")
}

#[test]
#[ignore = "it is the process that the other tests start"]
fn child() {
    // The first call finds out how long the work takes.
    planted::spend();
    let before = cpu_ns();
    (0..CALLS).for_each(|_| planted::spend());
    println!("each takes {} ns", (cpu_ns() - before) / CALLS);
}

#[test]
fn a_planted_cost_is_spent_and_none_where_nothing_is_planted() {
    let without = each_ns(&spent_with(None));
    assert!(without < 1_000, "{without} ns");
    assert!(each_ns(&spent_with(Some("0"))) < 1_000);
    // Interrupts and a slower core make it more, and nothing makes it much less.
    let with = each_ns(&spent_with(Some("20000")));
    assert!(with >= 15_000, "{with} ns");
}

#[test]
fn a_cost_that_is_no_number_is_refused() {
    let output = spent_with(Some("much"));
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("HTTPDYNO_PLANTED_NS is `much`"), "{said}");
}
