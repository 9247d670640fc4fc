//! What a search for the capacity began from.

use httpdyno_record::{CapacitySearch, Figure, Purpose, Record};

/// What the closed loop reached, from which the search began; nothing where a gate made that no
/// figure.
#[must_use]
pub fn closed_loop(record: &Record, search: &CapacitySearch) -> Option<u64> {
    let mut trials = record.trials.iter().filter(|trial| trial.purpose == Purpose::Pilot);
    let is_void = trials.any(|trial| {
        (&trial.entry, &trial.workload) == (&search.entry, &search.workload)
            && trial.valid_for(Figure::Throughput).is_none()
    });
    Some(search.closed_loop_per_s).filter(|&rate| rate > 0 && !is_void)
}
