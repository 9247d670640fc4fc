//! What an overload leaves behind: how long until the objective's latency is met again.

use std::time::Duration;

use httpdyno_loadgen as loadgen;
use httpdyno_record::Recovery;
use httpdyno_stats::histogram::Histogram;

use super::Searching;
use crate::database::RunDatabase;
use crate::entry::Given;
use crate::load_plan::{LoadSettings, load_plan, spin};
use crate::run::Run;
use crate::trial::nanoseconds;
use crate::verify::{contents, verify_workload};

/// Of the capacity, in per cent, during the overload and after it.
const OVERLOAD: u64 = 150;
const AFTER: u64 = 50;
/// How long each is.
const OVERLOAD_TIME: Duration = Duration::from_secs(2);
const WATCHED: Duration = Duration::from_secs(8);

/// One fresh start: an overload of 150 % for 2 s, then 50 % for 8 s. Nothing where the server did
/// not bear it, or the run was stopped.
pub(super) fn after_overload(
    run: &Run<'_>,
    searching: &Searching<'_>,
    capacity_per_s: u64,
) -> Option<Recovery> {
    let (tree, profile, context) = (run.tree, &run.plan.profile, run.context());
    let database = context.database_for(searching.workload).map(RunDatabase::ready);
    let given = Given { database: database.transpose().ok()?, ..context.given() };
    let server = searching.entry.serve(tree, given).ok()?;
    let (workload, seed) = (searching.workload, run.plan.seed);
    let verified = verify_workload(tree, workload, server.address(), seed).ok()?;
    let settings = LoadSettings {
        target: server.address(),
        connections: searching.plan.connections,
        cores: run.cores.generator.clone(),
        alone: run.cores.generator_is_alone(false),
        warmup: profile.warmup.duration(),
        measure: OVERLOAD_TIME + WATCHED,
        seed,
        payloads: tree.payloads(),
        verified: contents(&verified),
    };
    let mut plan = load_plan(workload, &settings).ok()?;
    let (overload_per_s, after_per_s) =
        (capacity_per_s * OVERLOAD / 100, capacity_per_s * AFTER / 100);
    let step = |rate: u64, lasts| loadgen::Step { rate: rate as f64, lasts };
    plan.pacing = loadgen::Pacing::Open {
        arrivals: loadgen::Arrivals::Poisson,
        schedule: loadgen::Schedule::Steps(vec![
            step(overload_per_s, OVERLOAD_TIME),
            step(after_per_s, WATCHED),
        ]),
        spin: spin(settings.alone),
    };
    let _resting = run.rest_for(&plan);
    let report = loadgen::run(plan, run.stop, &mut loadgen::Silent).ok()?;
    drop(server);
    let seconds: Vec<Option<u64>> = report
        .seconds
        .iter()
        .skip(OVERLOAD_TIME.as_secs() as usize)
        .map(|second| percentile(&second.latency, searching.plan.objective.percentile_milli))
        .collect();
    let recovered = recovered_after_s(&seconds, searching.plan.objective.latency_ns);
    Some(Recovery {
        overload_per_s,
        overload_ns: nanoseconds(OVERLOAD_TIME),
        after_per_s,
        recovered_ns: recovered.map(|seconds| seconds * 1_000_000_000),
        watched_ns: nanoseconds(WATCHED),
    })
}

fn percentile(latency: &Histogram, percentile_milli: u32) -> Option<u64> {
    let has_any = latency.count() > 0;
    has_any.then(|| latency.quantile_ns(f64::from(percentile_milli) / 100_000.0))
}

/// The first second from which on every second meets the limit: 0 where none was missed. A second
/// without a response meets nothing.
fn recovered_after_s(seconds: &[Option<u64>], limit_ns: u64) -> Option<u64> {
    let is_met = |second: &Option<u64>| second.is_some_and(|latency_ns| latency_ns <= limit_ns);
    let after_last_miss = seconds.iter().rposition(|second| !is_met(second)).map_or(0, |at| at + 1);
    (after_last_miss < seconds.len()).then_some(after_last_miss as u64)
}

#[cfg(test)]
mod tests {
    use super::recovered_after_s;

    #[test]
    fn recovery_is_for_good_and_silence_is_none() {
        let after = |seconds: &[Option<u64>]| recovered_after_s(seconds, 10);
        assert_eq!(after(&[Some(5), Some(5)]), Some(0));
        assert_eq!(after(&[Some(50), Some(20), Some(9), Some(9)]), Some(2));
        assert_eq!(after(&[Some(50), Some(9), Some(20), Some(9)]), Some(3), "it relapsed");
        assert_eq!(after(&[None, Some(9)]), Some(1));
        assert_eq!(after(&[Some(9), Some(50)]), None);
        assert_eq!(after(&[]), None);
    }
}
