//! What a planted cost takes, in a process of its own: the cost is in its environment.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use httpdyno_nullserver::planted;

/// What the example says where `cost` is in its environment; cargo builds it beside the tests.
fn spent_with(cost: Option<&str>) -> Output {
    let test = std::env::current_exe().expect("own path");
    let beside = test.parent().and_then(Path::parent).expect("target folder");
    let mut command = Command::new(beside.join("examples/planted_cost"));
    command.env_remove(planted::VARIABLE).envs(cost.map(|cost| (planted::VARIABLE, cost)));
    command.output().expect("the example is built")
}

/// What a call takes. A machine full of other tests may be too restless to find it out for many tries.
fn each_ns(cost: Option<&str>) -> u64 {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let output = spent_with(cost);
        if output.status.success() {
            let text = String::from_utf8_lossy(&output.stdout);
            return text.trim().parse().unwrap_or_else(|_| panic!("{output:?}"));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("try again on a quieter core"), "{said}");
        assert!(Instant::now() < deadline, "{said}");
    }
}

#[test]
fn a_planted_cost_is_spent_and_none_where_nothing_is_planted() {
    let without = each_ns(None);
    assert!(without < 1_000, "{without} ns");
    assert!(each_ns(Some("0")) < 1_000);
    // Interrupts and a slower core make it more, and nothing makes it much less.
    let with = each_ns(Some("20000"));
    assert!(with >= 15_000, "{with} ns");
}

#[test]
fn a_cost_that_is_no_number_is_refused() {
    let output = spent_with(Some("much"));
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("HTTPDYNO_PLANTED_NS is `much`"), "{said}");
}
