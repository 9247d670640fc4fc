use std::time::Duration;

use super::{Pacer, Permit};
use crate::arrivals::ArrivalTimes;
use crate::plan::{Arrivals, Schedule};

const START_NS: u64 = 1_000;
const SECOND_NS: u64 = 1_000_000_000;
const PERMIT: Permit = Permit { conn: 3, epoch: 1 };

/// A thousand arrivals a second, one each millisecond.
fn open(spin: Duration) -> Pacer {
    let times = ArrivalTimes::new(&Schedule::Rate(1_000.0), Arrivals::Constant, 1, 0, 1);
    Pacer::open(times, START_NS, START_NS + SECOND_NS, spin)
}

#[test]
fn a_sleeping_thread_is_woken_by_connections_and_a_spinning_one_looks_for_them() {
    let mut sleeps = open(Duration::ZERO);
    let mut spins = open(Duration::from_micros(100));
    assert_eq!(sleeps.next_due_ns(true), None);
    assert_eq!(spins.next_due_ns(false), None);
    let due_ns = spins.next_due_ns(true);
    assert!(due_ns.is_some(), "it would sleep while all connections are busy");
    for pacer in [&mut sleeps, &mut spins] {
        assert!(pacer.ready(PERMIT, START_NS, 0).is_none());
        assert_eq!(pacer.next_due_ns(true), due_ns);
        assert_eq!(pacer.next_due_ns(false), due_ns);
    }
}

#[test]
fn what_is_due_waits_for_a_connection_and_is_ready_from_then_on() {
    let mut pacer = open(Duration::ZERO);
    let late_ns = START_NS + 5_000_000;
    assert!(pacer.due(late_ns, |_| true).is_none());
    assert!(pacer.has_backlog(late_ns));
    pacer.ready(PERMIT, late_ns, 0);
    let due = pacer.due(late_ns, |_| true).unwrap();
    assert_eq!((due.permit, due.ready_ns), (PERMIT, late_ns));
    assert!(due.intended_ns < late_ns);
    // One connection, one request; and none on a connection that has been replaced.
    assert!(pacer.due(late_ns, |_| true).is_none());
    pacer.ready(PERMIT, late_ns, 0);
    assert!(pacer.due(late_ns, |_| false).is_none());
}

#[test]
fn nothing_is_dropped_silently() {
    let mut pacer = open(Duration::ZERO);
    pacer.ready(PERMIT, START_NS, 0);
    assert!(pacer.due(START_NS + SECOND_NS, |_| true).is_some());
    assert_eq!(pacer.unsent(START_NS + SECOND_NS), 999);
    assert_eq!(pacer.next_due_ns(true), None);
}
