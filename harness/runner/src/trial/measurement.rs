//! What the load generator reports, as the record keeps it.

use std::collections::BTreeMap;

use httpdyno_loadgen::{LoadReport, RouteReport};
use httpdyno_record::{
    GeneratorUse, LatencySummary, Measurement, OpenLoopUse, RateChange, RouteMeasurement,
    WarmupOutcome,
};
use httpdyno_stats::{Histogram, Probability, Ratio, Trend};

use super::window::Used;

/// Everything that the load itself says; what is read from the server is added by the trial.
pub(super) fn measurement(report: &LoadReport, used: &Used) -> Measurement {
    let total = &report.total;
    Measurement {
        elapsed_ns: report.elapsed_ns,
        responses: total.ok,
        received_bytes: report.received_bytes,
        errors: errors(total),
        latency: summary(&total.latency),
        latency_hdr: total.latency.to_hdr_v2().into(),
        established: u32::try_from(report.connections.established).unwrap_or(u32::MAX),
        littles_law_ppm: report.littles_law_residual_ppm.map(i64::unsigned_abs),
        server_cpu_ns: used.server.cpu.total_ns,
        generator_cpu_ns: report.generator.cpu_ns(),
        steal_ns: used.steal_ns,
        engine: report.engine.clone(),
        generator: generator_use(report),
        routes: routes(report),
        // An open loop's rate is given.
        change: report.open_loop.is_none().then(|| change(&report.tenths)).flatten(),
        longest_silence_ns: Some(report.longest_silence_ns),
        warmup: WarmupOutcome { elapsed_ns: report.warmup.elapsed_ns, flat: report.warmup.flat },
        warmup_errors: report.warmup_errors.clone(),
        ..Measurement::default()
    }
}

/// Responses that a part of the window has at least on average, so that chance alone moves it by a
/// tenth at most.
const RESPONSES_PER_PART: u64 = 100;

/// The least number of parts that a line through them says something about.
const LEAST_PARTS: usize = 6;

/// How a closed loop's rate changed within the window of these tenths of a second.
fn change(tenths: &[u64]) -> Option<RateChange> {
    let parts = parts(tenths)?;
    // A part without a response has no logarithm; one response is as near as it comes.
    let counts: Vec<u64> = parts.iter().map(|&count| count.max(1)).collect();
    let trend = Trend::of(&counts)?;
    let interval = trend.interval(Probability::P90);
    let ppm = |ratio: Ratio| i64::try_from(ratio.ppm()).unwrap_or(i64::MAX) - 1_000_000;
    Some(RateChange {
        parts: u32::try_from(parts.len()).unwrap_or(u32::MAX),
        ppm: ppm(trend.change()),
        low_ppm: ppm(interval.low),
        high_ppm: ppm(interval.high),
    })
}

/// `tenths` in parts of as many as hold enough responses; nothing where too few came.
fn parts(tenths: &[u64]) -> Option<Vec<u64>> {
    let all: u64 = tenths.iter().sum();
    let most = usize::try_from(all / RESPONSES_PER_PART).unwrap_or(usize::MAX).max(1);
    let together = tenths.len().div_ceil(most);
    let parts = tenths.chunks_exact(together.max(1)).map(|part| part.iter().sum::<u64>());
    Some(parts.collect()).filter(|parts: &Vec<u64>| parts.len() >= LEAST_PARTS)
}

/// Errors and wrong responses by the name of their cause.
fn errors(route: &RouteReport) -> BTreeMap<String, u64> {
    let mut errors = route.errors.clone();
    for (cause, count) in route.mismatches.by_cause() {
        if count > 0 {
            errors.insert(cause.to_owned(), count);
        }
    }
    errors
}

fn generator_use(report: &LoadReport) -> GeneratorUse {
    let delays = report.generator.threads.iter().map(|thread| thread.run_delay_ns);
    GeneratorUse {
        cpu_share_ppm: report.generator.cpu_share_ppm,
        run_delay_ns: delays.sum(),
        service: summary(&report.total.service),
        send_lag: summary(&report.total.send_lag),
        in_flight_at_stop: report.in_flight_at_stop,
        reconnects: Some(report.connections.reconnects),
        resets: Some(report.connections.resets),
        open_loop: report.open_loop.as_ref().map(|open| OpenLoopUse {
            offered: open.offered,
            late: open.late,
            waited: open.waited,
            unsent: open.unsent,
            completed_in_window: open.completed_in_window,
        }),
    }
}

/// Each route apart; of a single route the total says everything.
fn routes(report: &LoadReport) -> Vec<RouteMeasurement> {
    if report.routes.len() < 2 {
        return Vec::new();
    }
    let of_route = |route: &RouteReport| RouteMeasurement {
        route: route.name.clone(),
        responses: route.ok,
        errors: errors(route).values().sum(),
        latency: summary(&route.latency),
        latency_hdr: route.latency.to_hdr_v2().into(),
    };
    report.routes.iter().map(of_route).collect()
}

fn summary(latency: &Histogram) -> LatencySummary {
    LatencySummary {
        mean_ns: latency.mean_ns() as u64,
        p50_ns: latency.quantile_ns(0.5),
        p90_ns: latency.quantile_ns(0.9),
        p99_ns: latency.quantile_ns(0.99),
        p999_ns: latency.quantile_ns(0.999),
        max_ns: latency.max_ns(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RateChange, change, parts};

    fn of(part: impl FnMut(u64) -> u64) -> RateChange {
        change(&(0..50).map(part).collect::<Vec<_>>()).expect("enough responses")
    }

    #[test]
    fn a_rate_that_falls_is_told_from_one_that_is_noisy() {
        // From 80,000 to 33,000 a second within 5 s.
        let falling = of(|part| 8_000 - 94 * part);
        assert_eq!(falling.parts, 50);
        assert!((-620_000..-520_000).contains(&falling.ppm), "{falling:?}");
        assert!(falling.high_ppm < -500_000, "{falling:?}");
        let noisy = of(|part| 8_000 + 900 * (part * 7 % 3));
        assert!(noisy.low_ppm < 0 && noisy.high_ppm > 0, "{noisy:?}");
        assert!(noisy.ppm.abs() < 50_000, "{noisy:?}");
    }

    #[test]
    fn few_responses_are_put_together_or_say_nothing() {
        assert_eq!(parts(&[50; 20]), Some(vec![100; 10]));
        assert_eq!(parts(&[100; 6]), Some(vec![100; 6]));
        assert_eq!(parts(&[99; 6]), None);
        assert_eq!(parts(&[1_000; 5]), None);
        assert_eq!(parts(&[]), None);
        // A stall is a part of the window like any other.
        let stalls = of(|part| if part % 10 < 2 { 0 } else { 5_000 });
        assert_eq!(stalls.parts, 50);
    }
}
