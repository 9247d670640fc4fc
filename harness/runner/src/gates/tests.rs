use std::collections::BTreeMap;

use httpdyno_record::{
    Figure, GateFailure, GeneratorUse, LatencySummary, Measurement, OpenLoopUse, WarmupOutcome,
};
use httpdyno_spec::profile::Gates;

use super::{Seen, failed_gates};

/// A closed loop that is exactly at every threshold.
fn closed() -> Measurement {
    Measurement {
        elapsed_ns: 1_000_000_000,
        responses: 900,
        errors: BTreeMap::from([("timeout".to_owned(), 0)]),
        latency: LatencySummary { p50_ns: 1_000_000, ..LatencySummary::default() },
        established: 16,
        littles_law_ppm: Some(20_000),
        server_cpu_ns: 700_000_000,
        steal_ns: 30_000_000,
        generator: GeneratorUse {
            cpu_share_ppm: 950_000,
            run_delay_ns: Some(30_000_000),
            ..GeneratorUse::default()
        },
        warmup: WarmupOutcome { elapsed_ns: 1, flat: Some(true) },
        ..Measurement::default()
    }
}

/// An open loop that is exactly at every threshold.
fn open() -> Measurement {
    let open_loop = OpenLoopUse { offered: 1_000, completed_in_window: 995, ..Default::default() };
    let send_lag = LatencySummary { p99_ns: 100_000, ..LatencySummary::default() };
    let generator = GeneratorUse {
        // It spins until requests are due.
        cpu_share_ppm: 1_000_000,
        open_loop: Some(open_loop),
        send_lag,
        ..GeneratorUse::default()
    };
    Measurement { littles_law_ppm: None, generator, ..closed() }
}

fn failures(measurement: &Measurement) -> Vec<GateFailure> {
    failures_with(measurement, 16)
}

fn failures_with(measurement: &Measurement, connections: u32) -> Vec<GateFailure> {
    failed_gates(&Seen {
        measurement,
        gates: &Gates::default(),
        connections,
        server_cores: 1,
        measured_cores: 2,
        is_peak: measurement.generator.open_loop.is_none(),
        null_per_s: Some(1_000),
    })
}

fn names(measurement: &Measurement) -> Vec<String> {
    failures(measurement).into_iter().map(|failure| failure.gate).collect()
}

/// The one gate that fails, and which figures stay valid.
fn only(measurement: Measurement) -> (String, [bool; 3]) {
    let failures = failures(&measurement);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].message.contains("; "), "no remedy in `{}`", failures[0].message);
    let void = |figure| failures[0].makes_void(figure);
    let figures = [Figure::Throughput, Figure::Latency, Figure::Cost];
    (failures[0].gate.clone(), figures.map(|figure| !void(figure)))
}

fn expected(gate: &str, valid: [bool; 3]) -> (String, [bool; 3]) {
    (gate.to_owned(), valid)
}

const NONE: [bool; 3] = [false, false, false];
const COST: [bool; 3] = [false, false, true];

#[test]
fn measurements_at_every_threshold_pass() {
    assert_eq!(names(&closed()), Vec::<String>::new());
    assert_eq!(names(&open()), Vec::<String>::new());
}

#[test]
fn what_is_wrong_with_answers_makes_everything_void() {
    let errors = BTreeMap::from([("timeout".to_owned(), 1)]);
    assert_eq!(only(Measurement { errors, ..closed() }), expected("errors", NONE));
    assert_eq!(only(Measurement { responses: 0, ..closed() }), expected("responses", NONE));
    assert_eq!(only(Measurement { established: 15, ..closed() }), expected("established", NONE));
}

#[test]
fn what_is_wrong_with_the_pace_is_found() {
    let littles_law_ppm = Some(20_001);
    let wrong = Measurement { littles_law_ppm, ..closed() };
    assert_eq!(only(wrong), expected("littles-law", NONE));
    let warmup = WarmupOutcome { elapsed_ns: 5_000_000_000, flat: Some(false) };
    assert_eq!(only(Measurement { warmup, ..closed() }), expected("warm-up", NONE));

    let mut behind = open();
    behind.generator.open_loop =
        Some(OpenLoopUse { offered: 1_000, completed_in_window: 994, ..Default::default() });
    assert_eq!(only(behind), expected("offered", NONE));
}

#[test]
fn requests_that_are_sent_late_make_void_what_they_may_have_moved() {
    let mut late = open();
    late.generator.send_lag.p99_ns = 100_001;
    assert_eq!(only(late.clone()), expected("send-lag", [true, true, true]));
    assert!(failures(&late)[0].makes_void(Figure::Tail), "one of 100 is what the 99th is about");
    late.generator.send_lag.p90_ns = 100_000;
    assert_eq!(only(late.clone()), expected("send-lag", [true, true, true]));
    late.generator.send_lag.p90_ns = 100_001;
    assert_eq!(only(late.clone()), expected("send-lag", [true, false, true]));
    assert!(failures(&late)[0].makes_void(Figure::Tail), "no median, no tail");
}

#[test]
fn a_limit_that_is_not_the_servers_leaves_its_cost_valid() {
    let mut generator = closed();
    generator.generator.cpu_share_ppm = 950_001;
    assert_eq!(only(generator.clone()), expected("generator", COST));
    // A server without a free moment is at its own limit, unless it spins when it has nothing to do.
    let mut full = Measurement { server_cpu_ns: 970_000_000, ..generator };
    full.server.idle_cpu_ns_per_s = Some(50_000_000);
    assert_eq!(only(full.clone()), expected("generator", [true, false, true]));
    full.server.idle_cpu_ns_per_s = Some(51_000_000);
    assert_eq!(only(full.clone()), expected("generator", COST));
    full.server.idle_cpu_ns_per_s = None;
    assert_eq!(only(full), expected("generator", COST));
    let close = Measurement { responses: 901, ..closed() };
    assert_eq!(only(close), expected("headroom", [false, true, true]));
    let waiting = Measurement { server_cpu_ns: 699_999_999, ..closed() };
    assert_eq!(only(waiting.clone()), expected("server-unsaturated", [false, true, true]));
    // Both wait for something else: that is the server's pace.
    let mut both = waiting;
    both.generator.cpu_share_ppm = 100_000;
    assert_eq!(names(&both), Vec::<String>::new());
}

#[test]
fn a_generator_that_waits_for_its_core_sends_bursts() {
    let run_delay_ns = Some(30_001_000);
    let mut delayed = closed();
    delayed.generator.run_delay_ns = run_delay_ns;
    assert_eq!(only(delayed), expected("generator-delay", COST));
    let mut delayed = open();
    delayed.generator.run_delay_ns = run_delay_ns;
    assert_eq!(only(delayed.clone()), expected("generator-delay", [true, false, false]));
    // On a single connection they are served one by one all the same.
    delayed.established = 1;
    let failures = failures_with(&delayed, 1);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].makes_void(Figure::Latency) && !failures[0].makes_void(Figure::Cost));
}

#[test]
fn steal_is_counted_beyond_the_tick_that_is_no_finding() {
    let steal_ns = 30_004_000;
    assert_eq!(only(Measurement { steal_ns, ..closed() }), expected("steal", NONE));
}
