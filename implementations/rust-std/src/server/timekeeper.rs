//! The thread that moves the clock on and ends idle connections.

use std::sync::Arc;
use std::time::Duration;

use super::clock::{TICK, ticks};
use super::watch::Patience;
use super::{Shared, Slots};
use crate::conn::KEEP_ALIVE;
use crate::pool::JobQueue;

/// How long a connection may be idle while others wait for a thread.
const KEEP_ALIVE_STARVED: Duration = Duration::from_secs(1);

/// Runs as long as the process.
pub(super) fn keep_time(shared: &Shared, slots: &Slots, queue: &Arc<dyn JobQueue>) {
    let mut starved_before = false;
    loop {
        std::thread::sleep(TICK);
        let now = shared.clock.advance();
        // Twice in a row, since a job that has just come is no famine.
        let starved = queue.is_starved();
        let haste = if starved && starved_before {
            KEEP_ALIVE - KEEP_ALIVE_STARVED
        } else {
            Duration::ZERO
        };
        starved_before = starved;
        slots.sweep(Patience { now, idle_haste: ticks(haste) });
    }
}
