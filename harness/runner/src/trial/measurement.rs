//! What the load generator reports, as the record keeps it.

use std::collections::BTreeMap;

use httpdyno_loadgen::{LoadReport, RouteReport};
use httpdyno_record::{
    GeneratorUse, LatencySummary, Measurement, OpenLoopUse, RouteMeasurement, WarmupOutcome,
};
use httpdyno_stats::Histogram;

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
        latency_hdr: total.latency.to_hdr_v2(),
        established: u32::try_from(report.connections.established).unwrap_or(u32::MAX),
        littles_law_ppm: report.littles_law_residual_ppm.map(i64::unsigned_abs),
        server_cpu_ns: used.server.cpu.total_ns,
        generator_cpu_ns: report.generator.cpu_ns(),
        steal_ns: used.steal_ns,
        engine: report.engine.clone(),
        generator: generator_use(report),
        routes: routes(report),
        warmup: WarmupOutcome { elapsed_ns: report.warmup.elapsed_ns, flat: report.warmup.flat },
        ..Measurement::default()
    }
}

/// Errors and wrong responses by the name of their cause.
fn errors(route: &RouteReport) -> BTreeMap<String, u64> {
    let mut errors = route.errors.clone();
    let mismatches = route.mismatches;
    for (cause, count) in [
        ("wrong-status", mismatches.status),
        ("wrong-length", mismatches.length),
        ("wrong-body", mismatches.body),
    ] {
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
        latency_hdr: route.latency.to_hdr_v2(),
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
