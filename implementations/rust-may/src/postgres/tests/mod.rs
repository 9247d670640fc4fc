//! Tests of the client: against a scripted server that says anything, and against PostgreSQL.

mod hostile;
mod messages;
mod real;

use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Far more than anything here takes, even on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(60);

fn soon() -> Instant {
    Instant::now() + DEADLINE
}

/// Runs each piece of work in a coroutine of its own, all at once, and gives what they return.
fn in_coroutines<T: Send + 'static>(
    work: impl IntoIterator<Item = impl FnOnce() -> T + Send + 'static>,
) -> Vec<T> {
    let (told, hears) = mpsc::channel();
    let mut count = 0;
    for work in work {
        let told = told.clone();
        may::go!(move || drop(told.send(work())));
        count += 1;
    }
    (0..count).map(|_| hears.recv_timeout(DEADLINE).expect("a coroutine did not end")).collect()
}

/// Tries until it holds.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < DEADLINE, "not within the deadline: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
