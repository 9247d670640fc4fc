use std::collections::BTreeMap;

use httpdyno_record::{
    DatabaseUse, Figure, ForeignTime, Gate, GateFailure, GeneratorUse, LatencySummary, Measurement,
    OpenLoopUse, RateChange, ServerResources, WarmupOutcome,
};
use httpdyno_spec::profile::Gates;
use httpdyno_target::CoreSplit;

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
        change: Some(RateChange { parts: 10, ppm: 100_000, low_ppm: 1, high_ppm: 200_000 }),
        // 5 %, and the 30 ms that the counters do not resolve.
        foreign: Some(ForeignTime {
            server_ns: Some(80_000_000),
            generator_ns: Some(80_000_000),
            ..ForeignTime::default()
        }),
        server: ServerResources {
            waited_for_others_ns: Some(100_000_000),
            ..ServerResources::default()
        },
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
    failures_on(measurement, connections, &cores([0, 1, 2], false), false)
}

fn cores([server, generator, database]: [u32; 3], shared: bool) -> CoreSplit {
    let [server, generator, database] = [server, generator, database].map(|core| vec![core]);
    CoreSplit { server, generator, database, shared }
}

fn failures_on(
    measurement: &Measurement,
    connections: u32,
    cores: &CoreSplit,
    waits_by_contract: bool,
) -> Vec<GateFailure> {
    failed_gates(&Seen {
        cores,
        uses_database: measurement.database.is_some(),
        waits_by_contract,
        misfits: &[],
        measurement,
        gates: &Gates { flat_ppm: 100_000, ..Gates::default() },
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

fn expected(gate: Gate, valid: [bool; 3]) -> (String, [bool; 3]) {
    (gate.id().to_owned(), valid)
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
    assert_eq!(only(Measurement { errors, ..closed() }), expected(Gate::Errors, NONE));
    assert_eq!(only(Measurement { responses: 0, ..closed() }), expected(Gate::Responses, NONE));
    assert_eq!(
        only(Measurement { established: 15, ..closed() }),
        expected(Gate::Established, NONE)
    );
}

#[test]
fn one_of_more_than_a_million_is_one_too_many() {
    let of = |cause: &str| BTreeMap::from([(cause.to_owned(), 1)]);
    let many = Measurement {
        responses: 1_630_370,
        errors: of("wrong-body"),
        elapsed_ns: 1_000_000_000_000,
        ..closed()
    };
    let found = |one: &Measurement| names(one).contains(&Gate::Errors.id().to_owned());
    assert!(found(&many));
    let in_warmup = Measurement { errors: BTreeMap::new(), warmup_errors: of("timeout"), ..many };
    assert!(found(&in_warmup));
    let message = &failures(&in_warmup)[0].message;
    assert!(message.contains("1 of 1630371") && message.contains("1 timeout in the warm-up"));
    let none = Measurement { warmup_errors: BTreeMap::new(), ..in_warmup };
    assert!(!found(&none));
}

#[test]
fn every_share_is_compared_exactly() {
    // A ten-billionth beyond what is allowed.
    let elapsed_ns = 10_000_000_000;
    let base = || Measurement {
        elapsed_ns,
        responses: 9_000,
        server_cpu_ns: 7_000_000_000,
        steal_ns: 210_000_000,
        generator: GeneratorUse { run_delay_ns: Some(300_000_000), ..closed().generator },
        ..closed()
    };
    assert_eq!(names(&base()), Vec::<String>::new());
    let steal_ns = 210_000_001;
    assert_eq!(only(Measurement { steal_ns, ..base() }), expected(Gate::Steal, NONE));
    let mut delayed = base();
    delayed.generator.run_delay_ns = Some(300_000_001);
    assert_eq!(only(delayed), expected(Gate::GeneratorDelay, COST));
    let mut short = open();
    short.generator.open_loop = Some(OpenLoopUse {
        offered: 10_000_000_000,
        completed_in_window: 9_949_999_999,
        ..Default::default()
    });
    assert_eq!(only(short), expected(Gate::Offered, NONE));
    let mut late = open();
    late.latency.p50_ns = 100_000_000;
    late.generator.send_lag.p99_ns = 10_000_001;
    assert_eq!(only(late).0, Gate::SendLag.id());
}

#[test]
fn what_is_wrong_with_the_pace_is_found() {
    let littles_law_ppm = Some(20_001);
    let wrong = Measurement { littles_law_ppm, ..closed() };
    assert_eq!(only(wrong), expected(Gate::LittlesLaw, NONE));
    let warmup = WarmupOutcome { elapsed_ns: 5_000_000_000, flat: Some(false) };
    assert_eq!(only(Measurement { warmup, ..closed() }), expected(Gate::WarmUp, NONE));

    let mut behind = open();
    behind.generator.open_loop =
        Some(OpenLoopUse { offered: 1_000, completed_in_window: 994, ..Default::default() });
    assert_eq!(only(behind), expected(Gate::Offered, NONE));
}

#[test]
fn requests_that_are_sent_late_make_void_what_they_may_have_moved() {
    let mut late = open();
    late.generator.send_lag.p99_ns = 100_001;
    assert_eq!(only(late.clone()), expected(Gate::SendLag, [true, true, true]));
    assert!(failures(&late)[0].makes_void(Figure::Tail), "one of 100 is what the 99th is about");
    late.generator.send_lag.p90_ns = 100_000;
    assert_eq!(only(late.clone()), expected(Gate::SendLag, [true, true, true]));
    late.generator.send_lag.p90_ns = 100_001;
    assert_eq!(only(late.clone()), expected(Gate::SendLag, [true, false, true]));
    assert!(failures(&late)[0].makes_void(Figure::Tail), "no median, no tail");
}

#[test]
fn a_limit_that_is_not_the_servers_leaves_its_cost_valid() {
    let mut generator = closed();
    generator.generator.cpu_share_ppm = 950_001;
    assert_eq!(only(generator.clone()), expected(Gate::Generator, COST));
    // A server without a free moment is at its own limit, unless it spins when it has nothing to do.
    let mut full = Measurement { server_cpu_ns: 970_000_000, ..generator };
    full.server.idle_cpu_ns_per_s = Some(50_000_000);
    assert_eq!(only(full.clone()), expected(Gate::Generator, [true, false, true]));
    full.server.idle_cpu_ns_per_s = Some(51_000_000);
    assert_eq!(only(full.clone()), expected(Gate::Generator, COST));
    full.server.idle_cpu_ns_per_s = None;
    assert_eq!(only(full), expected(Gate::Generator, COST));
    let close = Measurement { responses: 901, ..closed() };
    assert_eq!(only(close), expected(Gate::Headroom, [false, true, true]));
    let waiting = Measurement { server_cpu_ns: 699_999_999, ..closed() };
    assert_eq!(only(waiting.clone()), expected(Gate::ServerUnsaturated, [false, true, true]));
}

#[test]
fn a_loop_in_which_nobody_is_busy_is_no_peak() {
    let mut waiting = Measurement { server_cpu_ns: 699_999_999, ..closed() };
    waiting.generator.cpu_share_ppm = 100_000;
    assert_eq!(only(waiting.clone()), expected(Gate::NobodyBusy, [false, true, true]));
    // An endpoint that is to be held for a while.
    let held = failures_on(&waiting, 16, &cores([0, 1, 2], false), true);
    assert!(held.is_empty(), "{held:?}");
    // The database is busy, beside the server or apart from it.
    waiting.database = Some(DatabaseUse { cpu_ns: Some(700_000_000), ..DatabaseUse::default() });
    assert_eq!(names(&waiting), Vec::<String>::new());
    waiting.database = Some(DatabaseUse { cpu_ns: Some(1), ..DatabaseUse::default() });
    assert_eq!(names(&waiting), [Gate::NobodyBusy.id()]);
    assert!(failures_on(&waiting, 16, &cores([0, 1, 0], false), false).is_empty());
    // Nobody knows what somebody else's database did.
    waiting.database = Some(DatabaseUse::default());
    assert_eq!(names(&waiting), Vec::<String>::new());
    // A rate that is given is no peak.
    let at_rate = Measurement { server_cpu_ns: 1, ..open() };
    assert_eq!(names(&at_rate), Vec::<String>::new());
}

#[test]
fn what_others_ran_on_measured_cores_makes_void_what_they_moved() {
    let beyond = Some(80_000_001);
    let on = |base: Measurement, foreign| only(Measurement { foreign: Some(foreign), ..base });
    let server = ForeignTime { server_ns: beyond, ..ForeignTime::default() };
    let generator = ForeignTime { generator_ns: beyond, ..ForeignTime::default() };
    let database = ForeignTime { database_ns: beyond, ..ForeignTime::default() };
    // A share is told in whole parts per million.
    let by_a_part = |time: Option<u64>| time.map(|ns| ns + 1_000);
    let server = ForeignTime { server_ns: by_a_part(server.server_ns), ..server };
    let generator = ForeignTime { generator_ns: by_a_part(beyond), ..generator };
    let database = ForeignTime { database_ns: by_a_part(beyond), ..database };
    assert_eq!(on(closed(), server.clone()), expected(Gate::Foreign, NONE));
    assert_eq!(on(open(), server), expected(Gate::Foreign, NONE));
    assert_eq!(on(closed(), generator.clone()), expected(Gate::Foreign, COST));
    assert_eq!(on(open(), generator.clone()), expected(Gate::Foreign, [true, false, false]));
    assert_eq!(on(closed(), database), expected(Gate::Foreign, NONE));
    let named = ForeignTime { programs: vec!["`cc1` (7) for 500 ms".to_owned()], ..generator };
    let failed = failures(&Measurement { foreign: Some(named), ..closed() });
    assert!(failed[0].message.contains("`cc1` (7) for 500 ms"), "{failed:?}");
    let unknown = Measurement { foreign: None, ..closed() };
    assert_eq!(names(&unknown), Vec::<String>::new());
}

#[test]
fn a_server_that_waits_for_its_core_has_not_its_own_pace() {
    let waits = |base: Measurement| {
        let mut waits = base;
        waits.server.waited_for_others_ns = Some(100_001_000);
        waits
    };
    assert_eq!(only(waits(closed())), expected(Gate::ServerDelay, COST));
    assert_eq!(only(waits(open())), expected(Gate::ServerDelay, [true, false, false]));
    // The database beside it is no other.
    let database = Some(DatabaseUse { cpu_ns: Some(1_000), ..DatabaseUse::default() });
    let beside = Measurement { database, ..waits(closed()) };
    assert_eq!(names(&beside), [Gate::ServerDelay.id()]);
    assert!(failures_on(&beside, 16, &cores([0, 1, 0], false), false).is_empty());
    // Nor is a generator on the same core; what others did there is the server's line.
    let generator_cpu_ns = 1_000;
    let together = Measurement { generator_cpu_ns, ..waits(closed()) };
    assert!(failures_on(&together, 16, &cores([0, 0, 2], true), false).is_empty());
}

#[test]
fn a_rate_that_changes_within_the_window_is_none() {
    let changed = |ppm, low_ppm, high_ppm| {
        let change = Some(RateChange { parts: 10, ppm, low_ppm, high_ppm });
        Measurement { change, ..closed() }
    };
    assert_eq!(only(changed(100_001, 1, 200_000)), expected(Gate::Window, NONE));
    assert_eq!(only(changed(-587_000, -600_000, -570_000)), expected(Gate::Window, NONE));
    // 10 % up and back again is 9.1 % down.
    assert_eq!(names(&changed(-90_900, -150_000, -30_000)), Vec::<String>::new());
    assert_eq!(only(changed(-90_920, -150_000, -30_000)), expected(Gate::Window, NONE));
    // Noise is no change.
    assert_eq!(names(&changed(150_000, 0, 400_000)), Vec::<String>::new());
    assert_eq!(names(&changed(-150_000, -400_000, 0)), Vec::<String>::new());
    assert_eq!(only(changed(-1_000_000, -1_000_000, -900_000)), expected(Gate::Window, NONE));
}

#[test]
fn a_generator_that_waits_for_its_core_sends_bursts() {
    let run_delay_ns = Some(30_001_000);
    let mut delayed = closed();
    delayed.generator.run_delay_ns = run_delay_ns;
    assert_eq!(only(delayed), expected(Gate::GeneratorDelay, COST));
    let mut delayed = open();
    delayed.generator.run_delay_ns = run_delay_ns;
    assert_eq!(only(delayed.clone()), expected(Gate::GeneratorDelay, [true, false, false]));
    // On a single connection they are served one by one all the same.
    delayed.established = 1;
    let failures = failures_with(&delayed, 1);
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].makes_void(Figure::Latency) && !failures[0].makes_void(Figure::Cost));
}

#[test]
fn steal_is_counted_beyond_the_tick_that_is_no_finding() {
    let steal_ns = 30_004_000;
    assert_eq!(only(Measurement { steal_ns, ..closed() }), expected(Gate::Steal, NONE));
}
