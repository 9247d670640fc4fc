//! Servers that pass every check and cheat under load: a real trial catches each.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_record::{Gate, GateFailure, Measurement, TrialOutcome};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::{Gates, Profile};
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::Workload;
use httpdyno_target::CoreSplit;

use super::tests::{entry, misbehaving_server, profile, root};
use super::{TrialContext, TrialPlan, run_trial};

fn ms(milliseconds: u64) -> Span {
    Span(Duration::from_millis(milliseconds))
}

/// As the repository's, with a limit that a full machine keeps too.
fn workload() -> Workload {
    let text = "version: 1\nid: plaintext\nsummary: for tests\ntimeout: 30s\nroutes:\n  \
                - id: plaintext\n    endpoint: plaintext\n    request: { path: /plaintext }\n    \
                expect: { status: [200], headers: { content-type: { media-type: text/plain } }, \
                body: { text: \"Hello, World!\" } }\n";
    serde_yaml::from_str(text).expect("a workload")
}

/// As the repository's: the same content again and again, but for its fresh part.
fn echo() -> Workload {
    let text = "version: 1\nid: echo\nsummary: for tests\ntimeout: 30s\nroutes:\n  \
                - id: echo\n    endpoint: echo\n    request: { method: POST, path: /echo, \
                headers: { content-type: application/json }, body: { file: echo/small.json } }\n    \
                expect: { status: [200], headers: { content-type: { media-type: \
                application/json } }, body: echo-json }\n";
    serde_yaml::from_str(text).expect("a workload")
}

fn measured(cheat: &str, measure: Span) -> Result<Measurement, String> {
    measured_with(cheat, measure, workload())
}

fn measured_with(cheat: &str, measure: Span, workload: Workload) -> Result<Measurement, String> {
    let gates = Gates { flat_ppm: 0, headroom_ppm: 1_000_000, ..profile().gates };
    let profile = Profile { measure, gates, ..profile() };
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let cores = CoreSplit::resolve(&profile.placement).expect("cores");
    let stop = AtomicBool::new(false);
    let plan = TrialPlan {
        entry: &entry(misbehaving_server(), cheat),
        workload: &workload,
        connections: 2,
        rate: None,
        seed: 1,
        shape: None,
        null_per_s: None,
        null_cost_ns: None,
    };
    let context = TrialContext::new(&tree, &profile, &cores, &stop);
    match run_trial(context, plan, &mut |_| {}).expect("a workload that can be put as load").outcome
    {
        TrialOutcome::Measured(measured) => Ok(*measured),
        TrialOutcome::Failed { stage, reason } => Err(format!("{stage}: {reason}")),
    }
}

/// How many times as long each window is as the one that a cheat got through before, up to the last.
/// It cheats only after some hundred right answers on a connection, which may be more than a machine that
/// has no time for it gives in the first.
const TIMES_LONGER: u32 = 3;
const ATTEMPTS: u32 = 4;

/// What the gate says, which must be among those that failed.
fn caught(cheat: &str, measure: Span, gate: Gate) -> String {
    caught_at(&workload(), cheat, measure, gate)
}

fn caught_at(workload: &Workload, cheat: &str, measure: Span, gate: Gate) -> String {
    let mut passed = Vec::new();
    for attempt in 0..ATTEMPTS {
        let measure = Span(measure.0 * TIMES_LONGER.pow(attempt));
        let measured = measured_with(cheat, measure, workload.clone());
        let measured = measured.unwrap_or_else(|why| panic!("{cheat}: {why}"));
        if let Some(failed) = measured.failed_gates.iter().find(|failed| failed.is(gate)) {
            assert!(failed.voids.is_empty(), "{cheat}: it voids everything: {failed:?}");
            return failed.message.clone();
        }
        passed.push(measured.failed_gates);
    }
    panic!("{cheat} got through {ATTEMPTS} times; the gates that failed: {passed:?}")
}

#[test]
fn an_honest_server_passes_with_a_share_of_its_responses_judged() {
    let measured = measured("honest", ms(1_500)).expect("measured");
    let of_cheats = [Gate::Audit, Gate::Confinement, Gate::CostFloor];
    let mut failed = measured.failed_gates.iter();
    let is_of_cheats = |it: &GateFailure| of_cheats.into_iter().any(|gate| it.is(gate));
    assert!(!failed.any(is_of_cheats), "{:?}", measured.failed_gates);
    assert!(measured.audited.is_some_and(|count| count >= 4), "{measured:?}");
}

#[test]
fn what_is_answered_to_the_load_alone_is_caught_by_canaries_or_the_full_rule() {
    for (cheat, says) in [
        ("prerenders-without-date", ""),
        ("matches-prefix", "GET /plaintext-unknown HTTP/1.1` among the load was answered 200"),
        ("matches-method", "answered 200, and nothing is there (404)"),
        ("matches-length", "HTTP/1.1` among the load was answered 200"),
        ("matches-end", "GET /qlaintext HTTP/1.1` among the load was answered 200"),
        ("drops-server", "no `server` as there was before the load"),
        ("drops-content-type", "content-type"),
        ("changes-content-type", "content-type"),
        ("repeats-content-type", "content-type"),
        ("drops-date-of-every-other", "no `date` as there was before the load"),
        ("dates-ahead", "ahead"),
        ("dates-oddly", "no date"),
    ] {
        let message = caught(cheat, ms(2_500), Gate::Audit);
        assert!(message.contains(says), "{cheat}: {message}");
    }
}

#[test]
fn an_answer_that_is_given_again_to_other_content_is_caught() {
    let honest = measured_with("honest", ms(500), echo()).expect("measured");
    assert!(honest.errors.is_empty() && honest.audited.is_some_and(|it| it > 0), "{honest:?}");
    let message = caught_at(&echo(), "replays", ms(1_000), Gate::Errors);
    assert!(message.contains("wrong-body"), "{message}");
}

#[test]
fn a_date_that_stands_still_under_load_is_caught() {
    for cheat in ["freezes-date", "prerenders-all"] {
        caught(cheat, ms(5_000), Gate::Audit);
    }
    assert!(caught("freezes-date", ms(5_000), Gate::Audit).contains("does not tick"));
}

#[test]
fn whoever_takes_more_of_the_machine_is_caught() {
    let cores = httpdyno_target::allowed_cores().expect("cores").len();
    let mut cheats = Vec::new();
    if cores > 1 {
        cheats.extend(["leaves-its-cores", "leaves-cores-under-load", "hides-among-threads"]);
    }
    // Only root may have a better niceness or class; whoever may not has none.
    let is_root = std::fs::metadata("/proc/self")
        .is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    if is_root {
        cheats.extend(["is-nice", "is-nice-under-load"]);
    }
    if is_root && cores > 1 {
        cheats.push("is-realtime-under-load");
    }
    for cheat in cheats {
        caught(cheat, ms(1_000), Gate::Confinement);
    }
}

#[test]
fn a_server_that_works_elsewhere_and_one_that_leaves_a_worker_fail_the_trial() {
    for (cheat, says) in [
        ("works-elsewhere", "it left 1 process: `"),
        ("leaves-a-worker", "it left 1 process: `"),
        ("leaves-a-nameless-worker", "it left 1 process: `"),
        ("daemonises", "and left 1 process: `"),
    ] {
        let why = measured(cheat, ms(300)).expect_err("it left something");
        assert!(why.contains(says), "{cheat}: {why}");
    }
}
