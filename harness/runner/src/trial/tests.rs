//! Every way a server can fail in a trial is an outcome with its stage and reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use httpdyno_record::{Gate, Role, Stage, TrialOutcome};
use httpdyno_spec::SpecTree;
use httpdyno_spec::manifest::{Framework, Manifest, ProcessCommands, Protocol};
use httpdyno_spec::profile::{DatabaseShare, Gates, IsolationKind, Placement, Profile};
use httpdyno_spec::workload::Workload;
use httpdyno_target::{CommandContext, CoreSplit, Isolation};

use super::{Trial, TrialContext, TrialPlan, run_trial};
use crate::entry::Entry;

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// The example server of `target`.
pub(super) fn misbehaving_server() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| httpdyno_testkit::built_example(&root(), "misbehaving_server"))
}

pub(super) fn entry(program: &Path, fault: &str) -> Entry {
    let mut run = vec![program.display().to_string()];
    run.extend(fault.split_whitespace().map(str::to_owned));
    let version = vec![program.display().to_string(), "--version".to_owned()];
    Entry {
        id: "misbehaving".parse().expect("id"),
        manifest: Manifest {
            id: "misbehaving".parse().expect("id"),
            name: "misbehaving".to_owned(),
            language: "rust".to_owned(),
            framework: Framework { name: "std".to_owned(), url: String::new() },
            concurrency: "a thread per connection".to_owned(),
            process: ProcessCommands { needs: vec![], build: vec![], version, run },
            container: None,
            protocols: vec![Protocol::Http11],
            endpoints: vec!["plaintext".parse().expect("id")],
            unavailable_status: None,
            tags: vec![],
            variants: vec![],
            known_deviations: vec![],
        },
        variant: None,
        context: CommandContext::new(&root(), &root()),
        role: Role::Entry,
        isolation: Isolation::Process,
        foreign: None,
        service: None,
    }
}

pub(super) fn profile() -> Profile {
    Profile {
        version: 1,
        id: "test".parse().expect("id"),
        summary: "for tests".to_owned(),
        publishable: false,
        placement: Placement::Split,
        isolation: IsolationKind::Process,
        idle_guard: false,
        implementations: vec![],
        workloads: vec![],
        connections: vec![2],
        idle: "0ms".parse().expect("span"),
        warmup: "10ms".parse().expect("span"),
        measure: "400ms".parse().expect("span"),
        fixed_rates: None,
        blocks: 1,
        database: DatabaseShare::default(),
        server_memory: None,
        start_timeout: "20s".parse().expect("span"),
        build_timeout: "600s".parse().expect("span"),
        gates: Gates {
            steal_ppm: 1_000_000,
            littles_law_ppm: 1_000_000,
            generator_cpu_ppm: 1_000_000,
            generator_delay_ppm: 1_000_000,
            server_busy_ppm: 0,
            server_delay_ppm: 1_000_000,
            foreign_ppm: 1_000_000,
            ..Gates::default()
        },
    }
}

pub(super) fn workload() -> Workload {
    let text = "version: 1\nid: plaintext\nsummary: for tests\ntimeout: 1s\nroutes:\n  \
                - id: plaintext\n    endpoint: plaintext\n    request: { path: /plaintext }\n    \
                expect: { status: [200], body: { text: \"Hello, World!\" } }\n";
    serde_yaml::from_str(text).expect("a workload")
}

fn trial_of(entry: &Entry, profile: &Profile) -> Trial {
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let cores = CoreSplit::resolve(&profile.placement).expect("cores");
    let stop = AtomicBool::new(false);
    let context = TrialContext::new(&tree, profile, &cores, &stop);
    run_trial(context, plan(entry, &workload()), &mut |_| {})
        .expect("a workload that can be put as load")
}

fn plan<'a>(entry: &'a Entry, workload: &'a Workload) -> TrialPlan<'a> {
    TrialPlan {
        entry,
        workload,
        connections: 2,
        rate: None,
        seed: 1,
        shape: None,
        null_per_s: None,
        null_cost_ns: None,
    }
}

fn outcome(fault: &str) -> TrialOutcome {
    trial_of(&entry(misbehaving_server(), fault), &profile()).outcome
}

/// Of faults that come after some fifty right answers: a machine that has no time for it may give no
/// more than a few dozen in a second.
fn long_profile() -> Profile {
    Profile { measure: "2s".parse().expect("span"), ..profile() }
}

/// The same under that load.
fn outcome_under_load(fault: &str) -> TrialOutcome {
    trial_of(&entry(misbehaving_server(), fault), &long_profile()).outcome
}

/// The stage and reason of a failed trial.
fn failure(outcome: TrialOutcome) -> (Stage, String) {
    match outcome {
        TrialOutcome::Failed { stage, reason } => (stage, reason),
        TrialOutcome::Measured(measurement) => panic!("measured: {measurement:?}"),
    }
}

/// The errors under load and the names of the failed gates.
fn errors(outcome: TrialOutcome) -> (BTreeMap<String, u64>, Vec<String>) {
    match outcome {
        TrialOutcome::Measured(measured) => {
            let gates = measured.failed_gates.into_iter().map(|failed| failed.gate).collect();
            (measured.errors, gates)
        }
        TrialOutcome::Failed { stage, reason } => panic!("failed at {stage}: {reason}"),
    }
}

#[test]
fn a_good_server_is_measured_and_every_response_is_counted() {
    let trial = trial_of(&entry(misbehaving_server(), ""), &profile());
    let TrialOutcome::Measured(measured) = trial.outcome else { panic!("{:?}", trial.outcome) };
    assert!(measured.is_valid(), "{:?}", measured.failed_gates);
    assert!(measured.responses > 0 && measured.server_cpu_ns > 0);
    assert!(measured.server_peak_rss_bytes > 0 && measured.start_to_ready_ns > 0);
    assert_eq!(measured.established, 2);
    let server = &measured.server;
    assert!(server.steady_rss_bytes > Some(0) && server.threads >= Some(1), "{server:?}");
    // Each figure is there, or why it is not.
    for (figure, is_there) in [
        ("syscalls", server.syscalls.is_some()),
        ("package_energy_uj", server.package_energy_uj.is_some()),
        ("idle_package_power_uw", server.idle_package_power_uw.is_some()),
        ("idle_cpu_ns_per_s", server.idle_cpu_ns_per_s.is_some()),
        ("steady_pss_bytes", server.steady_pss_bytes.is_some()),
        ("voluntary_switches", server.voluntary_switches.is_some()),
    ] {
        assert_ne!(is_there, server.not_measured.contains_key(figure), "{figure}: {server:?}");
    }
    let cores = trial.enforced.cores.as_ref().map(Vec::len);
    assert_eq!(trial.enforced.workers.map(|workers| workers as usize), cores);
    assert!(trial.histogram_log.expect("a log").contains("plaintext"));
}

#[test]
fn energy_is_read_where_there_are_counters_and_else_the_reason_is_told() {
    let powercap = tempfile::tempdir().expect("folder");
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let profile = Profile { idle: "10ms".parse().expect("span"), ..profile() };
    let cores = CoreSplit::resolve(&profile.placement).expect("cores");
    let (entry, stop) = (entry(misbehaving_server(), ""), AtomicBool::new(false));
    let measured = || {
        let context = TrialContext {
            powercap: powercap.path(),
            ..TrialContext::new(&tree, &profile, &cores, &stop)
        };
        match run_trial(context, plan(&entry, &workload()), &mut |_| {})
            .expect("a workload")
            .outcome
        {
            TrialOutcome::Measured(measured) => measured.server,
            TrialOutcome::Failed { stage, reason } => panic!("failed at {stage}: {reason}"),
        }
    };
    let without = measured();
    for figure in ["package_energy_uj", "idle_package_power_uw"] {
        let why = &without.not_measured[figure];
        assert!(why.contains("names no processor package"), "{figure}: {why}");
    }
    // A counter that stands still: nothing used, at the edges of the window and before it.
    let zone = powercap.path().join("intel-rapl:0");
    std::fs::create_dir(&zone).expect("a zone");
    std::fs::write(zone.join("name"), "package-0").expect("a file");
    std::fs::write(zone.join("energy_uj"), "77").expect("a file");
    let with = measured();
    assert_eq!((with.package_energy_uj, with.idle_package_power_uw), (Some(0), Some(0)));
    assert!(!with.not_measured.contains_key("idle_package_power_uw"), "{with:?}");
}

#[test]
fn system_calls_per_response_are_those_of_a_plain_blocking_server() {
    let trial = trial_of(&entry(misbehaving_server(), ""), &profile());
    let TrialOutcome::Measured(measured) = trial.outcome else { panic!("{:?}", trial.outcome) };
    let server = &measured.server;
    let Some(calls) = server.syscalls else {
        // Where the machine does not allow it, or was too busy.
        let why = &server.not_measured["syscalls"];
        let known = ["tracing", "perf_event_open", "the counters were enabled for"];
        assert!(known.iter().any(|reason| why.contains(reason)), "{why}");
        return;
    };
    let responses = server.syscalls_responses.expect("beside the calls");
    assert!(responses > 0 && server.syscalls_window_ns > Some(0), "{server:?}");
    // It reads and writes at least once each; the edges of the window are not of one moment.
    let per_response = calls as f64 / responses as f64;
    assert!((1.0..50.0).contains(&per_response), "{calls} calls, {responses} responses");
    let milli = server.syscalls_per_response_milli();
    assert_eq!(milli, Some(calls * 1_000 / responses));
}

#[test]
fn system_calls_are_not_counted_after_errors() {
    let profile = Profile { warmup: "0ms".parse().expect("span"), ..long_profile() };
    let trial = trial_of(&entry(misbehaving_server(), "wrong-once"), &profile);
    let TrialOutcome::Measured(measured) = trial.outcome else { panic!("{:?}", trial.outcome) };
    let server = &measured.server;
    assert_eq!((server.syscalls, server.syscalls_responses), (None, None));
    assert!(server.not_measured["syscalls"].contains("errors"), "{server:?}");
}

#[test]
fn a_missing_binary_fails_at_start() {
    let program = Path::new("/nonexistent/server");
    let (stage, reason) = failure(trial_of(&entry(program, ""), &profile()).outcome);
    assert_eq!(stage, Stage::Start);
    assert!(reason.contains("/nonexistent/server"), "{reason}");
}

#[test]
fn a_server_that_exits_at_once_fails_at_start_with_its_last_words() {
    let (stage, reason) = failure(outcome("exits-at-once"));
    assert_eq!(stage, Stage::Start);
    assert!(reason.contains("cannot open the configuration"), "{reason}");
}

#[test]
fn a_server_that_is_never_ready_fails_at_start() {
    let profile = Profile { start_timeout: "200ms".parse().expect("span"), ..profile() };
    let trial = trial_of(&entry(misbehaving_server(), "never-ready"), &profile);
    let (stage, reason) = failure(trial.outcome);
    assert_eq!(stage, Stage::Start);
    assert!(reason.contains("did not answer GET /plaintext"), "{reason}");
}

#[test]
fn a_server_that_dies_under_load_fails_there_with_its_exit_status() {
    let (stage, reason) = failure(outcome_under_load("dies-under-load"));
    assert_eq!(stage, Stage::Load);
    assert!(reason.contains("exit status: 9"), "{reason}");
}

#[test]
fn a_server_that_ignores_sigterm_fails_at_stop() {
    let (stage, reason) = failure(outcome("ignores-term"));
    assert_eq!(stage, Stage::Stop);
    assert!(reason.contains("SIGTERM"), "{reason}");
}

#[test]
fn garbage_an_endless_header_and_silence_end_the_trial_and_name_what_came() {
    for fault in ["garbage", "endless-body", "stops-answering"] {
        let (stage, reason) = failure(outcome_under_load(fault));
        assert!(matches!(stage, Stage::Load | Stage::VerifyAfter), "{fault}: {stage}: {reason}");
        assert!(!reason.is_empty(), "{fault}");
    }
}

#[test]
fn beside_an_error_of_the_server_stands_what_it_wrote() {
    let (stage, reason) = failure(outcome("breaks"));
    assert_eq!(stage, Stage::VerifyAfter, "{reason}");
    for wanted in ["500", "the server wrote:\nthe pool has no connection left"] {
        assert!(reason.contains(wanted), "{wanted}: {reason}");
    }
    // What a client can see as well as the server is told without.
    assert!(!failure(outcome("wrong-body")).1.contains("the server wrote"));
}

#[test]
fn wrong_answers_under_load_are_errors_and_never_throughput() {
    let (stage, reason) = failure(outcome_under_load("wrong-body"));
    assert_eq!(stage, Stage::VerifyAfter, "{reason}");
    assert!(reason.contains("expected `!`"), "{reason}");
}

#[test]
fn errors_under_load_trip_the_gate() {
    // Without a warm-up, so that the wrong answer comes in the measured window.
    let profile = Profile { warmup: "0ms".parse().expect("span"), ..long_profile() };
    let trial = trial_of(&entry(misbehaving_server(), "wrong-once"), &profile);
    let (errors, gates) = errors(trial.outcome);
    assert_eq!(errors.values().sum::<u64>(), 1, "{errors:?}");
    assert_eq!(gates, [Gate::Errors.id()]);
}
