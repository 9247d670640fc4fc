//! Whether the load was the one that was meant, and latency and rate belong together.

use httpdyno_record::{Figure, GateFailure};

use super::{ALL, Seen, failure, percent, ppm};

/// What still changes has no rate, no latency and no cost yet.
pub(super) fn warm_up(seen: &Seen<'_>) -> Option<GateFailure> {
    let warmup = seen.measurement.warmup;
    if warmup.flat != Some(false) {
        return None;
    }
    failure(
        "warm-up",
        ALL,
        format!(
            "the rate was still changing after {} ms of warm-up; allow a longer `warmup`, or look \
             for what the server does in the background",
            warmup.elapsed_ns / 1_000_000
        ),
    )
}

/// Counts or times are wrong, and nothing says which.
pub(super) fn littles_law(seen: &Seen<'_>) -> Option<GateFailure> {
    let residual = seen.measurement.littles_law_ppm?;
    let allowed = u64::from(seen.gates.littles_law_ppm);
    if residual <= allowed {
        return None;
    }
    failure(
        "littles-law",
        ALL,
        format!(
            "throughput x latency differs from the number of connections by {}, allowed are {}; \
             latencies or counts are wrong, or the window is too short",
            percent(residual),
            percent(allowed)
        ),
    )
}

/// An offered rate that was not served is another rate: its latency is that of a growing queue,
/// and its cost is that of saturation.
pub(super) fn offered(seen: &Seen<'_>) -> Option<GateFailure> {
    let open = seen.measurement.generator.open_loop?;
    let achieved = ppm(open.completed_in_window, open.offered);
    if open.offered == 0 || achieved >= u64::from(seen.gates.offered_ppm) {
        return None;
    }
    failure(
        "offered",
        ALL,
        format!(
            "{} of {} offered requests were answered in the window ({}, at least {} are needed), \
             {} were never sent; this rate is beyond what server or generator can keep: lower it, \
             or hold more connections",
            open.completed_in_window,
            open.offered,
            percent(achieved),
            percent(seen.gates.offered_ppm.into()),
            open.unsent
        ),
    )
}

/// A request that was sent late by the generator waited there and not at the server.
pub(super) fn send_lag(seen: &Seen<'_>) -> Option<GateFailure> {
    seen.measurement.generator.open_loop?;
    let lag = &seen.measurement.generator.send_lag;
    let median_ns = seen.measurement.latency.p50_ns;
    let too_late = |lag_ns| ppm(lag_ns, median_ns) > u64::from(seen.gates.send_lag_ppm);
    // Where nine of ten requests were sent in time, the median is theirs.
    let (one_of, lag_ns, voids) = match (too_late(lag.p90_ns), too_late(lag.p99_ns)) {
        (true, _) => (10, lag.p90_ns, Figure::Latency),
        (false, true) => (100, lag.p99_ns, Figure::Tail),
        (false, false) => return None,
    };
    failure(
        "send-lag",
        &[voids],
        format!(
            "1 of {one_of} requests was sent {lag_ns} ns late or more, {} of the median latency of \
             {median_ns} ns, allowed are {}; give the generator a core that nothing else uses, \
             or lower the rate",
            percent(ppm(lag_ns, median_ns)),
            percent(seen.gates.send_lag_ppm.into())
        ),
    )
}
