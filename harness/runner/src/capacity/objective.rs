//! Whether a trial met an objective. Pure.

use httpdyno_record::{Gate, GateFailure, Measurement, Objective, TrialOutcome, TrialRecord};
use httpdyno_stats::capacity::Answer;
use httpdyno_stats::histogram::Histogram;

use crate::gates::exceeds;

/// The part of an objective's latency up to which the generator's lag at the same percentile decides
/// nothing: one tenth.
const SLIGHT: u64 = 10;

/// The answer, and why it is not "met".
pub(crate) fn judge(trial: &TrialRecord, objective: &Objective) -> (Answer, String) {
    let measured = match &trial.outcome {
        TrialOutcome::Measured(measured) => measured,
        TrialOutcome::Failed { stage, reason } => {
            return (Answer::Missed, format!("failed at {stage}: {reason}"));
        }
    };
    let gate = |blamed: &dyn Fn(&GateFailure) -> bool| {
        let mut failed =
            measured.failed_gates.iter().filter(|failed| matters(failed, measured, objective));
        failed.find(|failed| blamed(failed))
    };
    let misses = misses(measured, trial.offered_per_s, objective);
    // A miss beside what tells of the machine says nothing about the server.
    let is_ours = |gate: Gate| gate.facts().is_ours;
    let foreign = gate(&|failed| Gate::named(&failed.gate).is_some_and(is_ours));
    match (misses.is_empty(), foreign, gate(&|_| true)) {
        (true, _, None) => (Answer::Met, String::new()),
        (true, _, Some(failed)) => (Answer::Void, format!("gate {}", failed.gate)),
        (false, Some(failed), _) => {
            (Answer::Void, format!("{}, but gate {} failed", misses.join(", "), failed.gate))
        }
        (false, None, _) => (Answer::Missed, misses.join(", ")),
    }
}

/// The gate on the lag compares it with the latencies, of which it is a part; here the objective is
/// what it could change. (At low rates, where latencies are far below it, that gate always fails.)
fn matters(failed: &GateFailure, measured: &Measurement, objective: &Objective) -> bool {
    let lag = &measured.generator.send_lag;
    let lag_ns = if objective.percentile_milli <= 99_000 { lag.p99_ns } else { lag.p999_ns };
    !failed.is(Gate::SendLag) || lag_ns > objective.latency_ns / SLIGHT
}

/// Where it falls short.
fn misses(
    measured: &Measurement,
    offered_per_s: Option<u64>,
    objective: &Objective,
) -> Vec<String> {
    let mut misses = Vec::new();
    let in_warmup: u64 = measured.warmup_errors.values().sum();
    let errors: u64 = measured.errors.values().sum::<u64>() + in_warmup;
    let all = measured.responses + errors;
    if exceeds(errors, all, objective.errors_ppm) {
        misses.push(format!("{errors} of {all} responses were errors or wrong"));
    }
    let (offered, answered) = match &measured.generator.open_loop {
        Some(open) => (open.offered, open.completed_in_window),
        None => {
            let due = u128::from(offered_per_s.unwrap_or(0)) * u128::from(measured.elapsed_ns);
            (u64::try_from(due / 1_000_000_000).unwrap_or(u64::MAX), measured.responses)
        }
    };
    let missing = offered.saturating_sub(answered);
    if exceeds(missing, offered, 1_000_000_u32.saturating_sub(objective.goodput_ppm)) {
        misses.push(format!("{answered} of {offered} requests were answered in time"));
    }
    match latency_ns(measured, objective.percentile_milli) {
        Some(latency_ns) if latency_ns <= objective.latency_ns => {}
        Some(latency_ns) => misses.push(format!(
            "the {}th percentile was {} us",
            f64::from(objective.percentile_milli) / 1000.0,
            latency_ns / 1000
        )),
        None => misses.push("there is no histogram of latencies".to_owned()),
    }
    misses
}

/// A percentile of the trial's latencies.
fn latency_ns(measured: &Measurement, percentile_milli: u32) -> Option<u64> {
    let histogram = Histogram::from_hdr_v2(&measured.latency_hdr.text().ok()?).ok()?;
    Some(histogram.quantile_ns(f64::from(percentile_milli) / 100_000.0))
}

#[cfg(test)]
mod tests {
    use super::judge;
    use httpdyno_record::{
        Enforced, Gate, GateFailure, GeneratorUse, Measurement, Objective, OpenLoopUse, Purpose,
        Stage, TrialOutcome, TrialRecord,
    };
    use httpdyno_stats::capacity::Answer;
    use httpdyno_stats::histogram::Histogram;

    const OBJECTIVE: Objective = Objective {
        percentile_milli: 99_000,
        latency_ns: 10_000_000,
        errors_ppm: 0,
        goodput_ppm: 995_000,
    };

    /// 1000 requests offered in a second, all of them answered in `latency_ns`.
    fn measured(latency_ns: u64) -> Measurement {
        let mut latency = Histogram::new();
        (0..1000).for_each(|_| latency.record(latency_ns));
        let open_loop =
            OpenLoopUse { offered: 1000, completed_in_window: 1000, ..OpenLoopUse::default() };
        Measurement {
            elapsed_ns: 1_000_000_000,
            responses: 1000,
            latency_hdr: latency.to_hdr_v2().into(),
            generator: GeneratorUse { open_loop: Some(open_loop), ..GeneratorUse::default() },
            ..Measurement::default()
        }
    }

    fn trial(outcome: TrialOutcome) -> TrialRecord {
        TrialRecord {
            trial: 0,
            block: 0,
            entry: "x".to_owned(),
            workload: "json".to_owned(),
            connections: 16,
            purpose: Purpose::Probe,
            offered_per_s: Some(1000),
            started_at: "2026-01-01T00:00:00Z".parse().expect("a time"),
            enforced: Enforced::default(),
            outcome,
        }
    }

    fn answer(measurement: Measurement) -> (Answer, String) {
        judge(&trial(TrialOutcome::Measured(Box::new(measurement))), &OBJECTIVE)
    }

    fn failed(gate: Gate) -> Vec<GateFailure> {
        vec![GateFailure::of(gate, &[], String::new())]
    }

    #[test]
    fn each_part_of_the_objective_can_be_missed() {
        assert_eq!(answer(measured(9_000_000)), (Answer::Met, String::new()));
        let (slow, why) = answer(measured(11_000_000));
        assert_eq!(slow, Answer::Missed);
        assert!(why.starts_with("the 99th percentile was 1"), "{why}");
        let mut wrong = measured(9_000_000);
        wrong.errors.insert("wrong-body".to_owned(), 1);
        assert_eq!(answer(wrong).0, Answer::Missed);
        let mut late = measured(9_000_000);
        late.generator.open_loop.as_mut().expect("open").completed_in_window = 994;
        let (missed, why) = answer(late);
        assert_eq!(missed, Answer::Missed);
        assert_eq!(why, "994 of 1000 requests were answered in time");
    }

    #[test]
    fn a_crash_is_a_miss_and_a_noisy_machine_says_nothing() {
        let crash = TrialOutcome::Failed { stage: Stage::Load, reason: "it ended".to_owned() };
        assert_eq!(judge(&trial(crash), &OBJECTIVE).0, Answer::Missed);
        for gate in Gate::all().filter(|gate| gate.facts().is_ours) {
            let disturbed = Measurement { failed_gates: failed(gate), ..measured(11_000_000) };
            assert_eq!(answer(disturbed).0, Answer::Void, "{gate}");
        }
    }

    #[test]
    fn a_lag_decides_only_where_it_could_change_the_answer() {
        let lagging = |latency_ns, lag_ns| {
            let mut lagging =
                Measurement { failed_gates: failed(Gate::SendLag), ..measured(latency_ns) };
            lagging.generator.send_lag.p99_ns = lag_ns;
            answer(lagging).0
        };
        let (slight, much) = (OBJECTIVE.latency_ns / 10, OBJECTIVE.latency_ns / 10 + 1);
        assert_eq!(lagging(9_000_000, slight), Answer::Met);
        assert_eq!(lagging(9_000_000, much), Answer::Void);
        for lag_ns in [slight, much] {
            let why = "beyond its limit the server delays sending";
            assert_eq!(lagging(11_000_000, lag_ns), Answer::Missed, "{why}");
        }
    }
}
