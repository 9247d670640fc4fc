//! Whether the load was the one that was meant, and latency and rate belong together.

use httpdyno_record::{Figure, Gate, GateFailure};

use super::{ALL, Seen, exceeds, failure, percent, ppm};

/// What still changes has no rate, no latency and no cost yet.
pub(super) fn warm_up(seen: &Seen<'_>) -> Option<GateFailure> {
    let warmup = seen.measurement.warmup;
    if warmup.flat != Some(false) {
        return None;
    }
    failure(
        Gate::WarmUp,
        ALL,
        format!(
            "the rate was still changing after {} ms of warm-up; allow a longer `warmup`, or look \
             for what the server does in the background",
            warmup.elapsed_ns / 1_000_000
        ),
    )
}

/// A rate that is another at the end of the window than at its beginning is none. It must be shown to
/// change, and by more than a warm-up may leave: what is not shown to be flat is only noisy here.
pub(super) fn steadiness(seen: &Seen<'_>) -> Option<GateFailure> {
    let (change, allowed) = (seen.measurement.change?, i64::from(seen.gates.flat_ppm));
    let is_shown = change.low_ppm > 0 || change.high_ppm < 0;
    // As a ratio is: what falls to 1 / (1 + x) rises to 1 + x when it is turned round.
    let is_large = change.ppm > allowed || fall_turned_round(change.ppm) > allowed;
    if allowed == 0 || !is_shown || !is_large {
        return None;
    }
    let percent = |ppm: i64| {
        let sign = if ppm < 0 { "-" } else { "+" };
        format!("{sign}{}", percent(ppm.unsigned_abs()))
    };
    failure(
        Gate::Window,
        ALL,
        format!(
            "the rate changed by {} from the beginning of the window to its end (90 % interval {} \
             to {}), allowed are {}; allow a longer `warmup`, or look for what the server does in \
             the background",
            percent(change.ppm),
            percent(change.low_ppm),
            percent(change.high_ppm),
            percent(allowed)
        ),
    )
}

/// The rise that leads back.
fn fall_turned_round(ppm: i64) -> i64 {
    let left = 1_000_000 + ppm;
    if left <= 0 { i64::MAX } else { 1_000_000_000_000 / left - 1_000_000 }
}

/// Counts or times are wrong, and nothing says which.
pub(super) fn littles_law(seen: &Seen<'_>) -> Option<GateFailure> {
    let residual = seen.measurement.littles_law_ppm?;
    let allowed = u64::from(seen.gates.littles_law_ppm);
    if residual <= allowed {
        return None;
    }
    failure(
        Gate::LittlesLaw,
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
    // More than the allowed rest is missing.
    let missing = open.offered.saturating_sub(open.completed_in_window);
    if !exceeds(missing, open.offered, 1_000_000_u32.saturating_sub(seen.gates.offered_ppm)) {
        return None;
    }
    let achieved = ppm(open.completed_in_window, open.offered);
    failure(
        Gate::Offered,
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
    let too_late = |lag_ns| exceeds(lag_ns, median_ns, seen.gates.send_lag_ppm);
    // Where nine of ten requests were sent in time, the median is theirs.
    let (one_of, lag_ns, voids) = match (too_late(lag.p90_ns), too_late(lag.p99_ns)) {
        (true, _) => (10, lag.p90_ns, Figure::Latency),
        (false, true) => (100, lag.p99_ns, Figure::Tail),
        (false, false) => return None,
    };
    failure(
        Gate::SendLag,
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
