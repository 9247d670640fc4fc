//! Each gate trips in a real trial of a server, or with a generator, made to trip it.
//!
//! What is wrong is grossly so, ten times beyond a gate's threshold and more, so that it is found
//! on any machine, however busy. Other gates may trip beside the one that is meant.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use httpdyno_record::fitness::Misfit;
use httpdyno_record::gate::Scope;
use httpdyno_record::{Enforced, Gate, Measurement, Record, Role, Stage, TrialOutcome};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::{Gates, Profile};
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_target::{CoreSplit, pin_current_thread};

use super::tests::{entry, misbehaving_server, profile, root, workload};
use super::{Trial, TrialContext, TrialPlan, run_trial};
use crate::bench::bench;
use crate::entry::Entry;
use crate::event::Event;
use crate::plan::RunPlan;

/// A trial of the misbehaving server.
pub(super) struct Tried {
    fault: &'static str,
    pub(super) profile: Profile,
    workload: Workload,
    pub(super) connections: u32,
    pub(super) per_s: Option<u64>,
    null_per_s: Option<u64>,
    null_cost_ns: Option<u64>,
    steal_ns: Option<fn(&[u32]) -> u64>,
    pub(super) misfits: Option<fn(&Profile) -> Vec<Misfit>>,
}

impl Tried {
    pub(super) fn new(fault: &'static str) -> Self {
        let profile = Profile { gates: Gates::default(), ..profile() };
        let (workload, connections) = (workload(), 2);
        let (per_s, null_per_s, null_cost_ns) = (None, None, None);
        let (steal_ns, misfits) = (None, None);
        Self {
            fault,
            profile,
            workload,
            connections,
            per_s,
            null_per_s,
            null_cost_ns,
            steal_ns,
            misfits,
        }
    }

    fn run(self) -> Trial {
        let tree = SpecTree::load(&root()).expect("the repository's spec");
        let cores = CoreSplit::resolve(&self.profile.placement).expect("cores");
        let stop = AtomicBool::new(false);
        let mut context = TrialContext::new(&tree, &self.profile, &cores, &stop);
        context.steal_ns = self.steal_ns.unwrap_or(context.steal_ns);
        context.misfits = self.misfits.unwrap_or(context.misfits);
        let plan = TrialPlan {
            entry: &entry(misbehaving_server(), self.fault),
            workload: &self.workload,
            connections: self.connections,
            rate: self.per_s.map(|rate| (rate, Arrivals::Constant)),
            seed: 1,
            shape: None,
            null_per_s: self.null_per_s,
            null_cost_ns: self.null_cost_ns,
        };
        run_trial(context, plan, &mut |_| {}).expect("a workload that can be put as load")
    }

    pub(super) fn measured(self) -> Measurement {
        match self.run().outcome {
            TrialOutcome::Measured(measured) => *measured,
            TrialOutcome::Failed { stage, reason } => panic!("failed at {stage}: {reason}"),
        }
    }

    /// The gates that failed, and what they say.
    pub(super) fn gates(self) -> Vec<(String, String)> {
        let failed = self.measured().failed_gates.into_iter();
        failed.map(|failed| (failed.gate, failed.message)).collect()
    }
}

pub(super) fn assert_trips(gates: &[(String, String)], wanted: Gate) {
    assert!(gates.iter().any(|(gate, _)| gate == wanted.id()), "{wanted} is not among {gates:?}");
}

pub(super) fn span<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a span")
}

/// Ends what is busy, also when a test fails.
struct Busy<'a>(&'a AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Several threads on each of the generator's cores that never rest.
fn while_busy<T>(cores: &[u32], work: impl FnOnce() -> T) -> T {
    misbehaving_server(); // Built before anything is busy.
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _busy = Busy(&done);
        for &core in cores.iter().cycle().take(4 * cores.len()) {
            let done = &done;
            scope.spawn(move || {
                pin_current_thread(&[core]).expect("pinned");
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        work()
    })
}

#[test]
fn no_answer_in_the_window_trips_responses() {
    let mut tried = Tried::new("holds 1000");
    tried.profile.measure = span("50ms");
    tried.profile.warmup = span("0ms");
    tried.workload.timeout = span("60s");
    assert_trips(&tried.gates(), Gate::Responses);
}

#[test]
fn connections_that_cannot_be_made_trip_established() {
    let mut tried = Tried::new("accepts-one-by-one");
    // Of these one is served, and the kernel lets a few more wait.
    tried.connections = 32;
    let gates = tried.gates();
    assert_trips(&gates, Gate::Established);
}

#[test]
fn a_server_that_becomes_faster_and_faster_trips_warm_up() {
    let mut tried = Tried::new("speeds-up");
    tried.profile.warmup = span("2500ms");
    tried.profile.gates.flat_ppm = 20_000;
    assert_trips(&tried.gates(), Gate::WarmUp);
}

#[test]
fn a_connection_that_is_never_answered_trips_littles_law() {
    let mut tried = Tried::new("serves-one-by-one");
    tried.workload.timeout = span("60s");
    assert_trips(&tried.gates(), Gate::LittlesLaw);
}

#[test]
fn connections_that_are_made_anew_each_time_are_counted() {
    let measured = Tried::new("closes").measured();
    let reconnects = measured.generator.reconnects.expect("counted");
    // All but the connections under way at the edges of the window.
    assert!(reconnects + 4 >= measured.responses, "{measured:?}");
}

#[test]
fn a_rate_beyond_the_servers_trips_offered_and_no_gate_of_the_generator() {
    let mut tried = Tried::new("holds 20");
    tried.per_s = Some(5_000);
    let gates = tried.gates();
    assert_trips(&gates, Gate::Offered);
    // Requests waited for the server's connections, not for the generator.
    assert!(gates.iter().all(|(gate, _)| gate != Gate::SendLag.id()), "{gates:?}");
}

#[test]
fn a_busy_process_on_the_generators_core_trips_generator_delay_and_send_lag() {
    let cores = CoreSplit::resolve(&profile().placement).expect("cores").generator;
    let mut tried = Tried::new("");
    tried.per_s = Some(200);
    let gates = while_busy(&cores, || tried.gates());
    assert_trips(&gates, Gate::GeneratorDelay);
    assert_trips(&gates, Gate::SendLag);
    let mut closed = Tried::new("");
    closed.profile.measure = span("300ms");
    assert_trips(&while_busy(&cores, || closed.gates()), Gate::GeneratorDelay);
}

/// 109 kB of JSON, written in another way each time: they lie ready in the server, and the
/// generator has to read them all.
fn much_to_read() -> Tried {
    let numbers: Vec<String> = (0..20_000).map(|number: u32| number.to_string()).collect();
    let mut tried = Tried::new("writes-anew");
    let text = format!(
        "version: 1\nid: numbers\nsummary: for tests\ntimeout: 60s\nroutes:\n  - id: numbers\n    \
         endpoint: plaintext\n    request: {{ path: /numbers }}\n    \
         expect: {{ status: [200], body: {{ json: [{}] }} }}\n",
        numbers.join(", ")
    );
    tried.workload = serde_yaml::from_str(&text).expect("a workload");
    tried.profile.measure = span("1s");
    tried
}

/// The threshold is a tenth of a core, since this machine has other work.
#[test]
fn a_generator_with_much_to_do_trips_generator() {
    let mut tried = much_to_read();
    tried.profile.gates.generator_cpu_ppm = 100_000;
    assert_trips(&tried.gates(), Gate::Generator);
}

/// Other work on this machine takes from server and generator alike, so that their shares are known
/// only after a trial: the threshold of the next one lies between them.
#[test]
fn a_server_that_waits_for_a_busy_generator_trips_server_unsaturated() {
    let deadline = Instant::now() + Duration::from_secs(180);
    let mut least_ppm = 500_000;
    loop {
        let mut tried = much_to_read();
        tried.profile.gates.server_busy_ppm = least_ppm;
        let measured = tried.measured();
        let server = measured.server_cpu_ns * 1_000_000 / measured.elapsed_ns.max(1);
        let generator = measured.generator.cpu_share_ppm;
        println!("server {server} ppm, generator {generator} ppm, threshold {least_ppm} ppm");
        if measured.failed_gates.iter().any(|failed| failed.is(Gate::ServerUnsaturated)) {
            assert!(server < generator, "{server} and {generator}");
            return;
        }
        assert!(Instant::now() < deadline, "{:?}", measured.failed_gates);
        least_ppm = u32::try_from((server * generator).isqrt()).expect("a share");
    }
}

#[test]
fn a_rate_at_its_ceiling_trips_headroom() {
    let ceiling = Tried::new("holds 200").measured().responses_per_s();
    let mut tried = Tried::new("");
    tried.null_per_s = Some(ceiling.max(1));
    assert_trips(&tried.gates(), Gate::Headroom);
}

/// Ten seconds at each look: no test can make a hypervisor take anything.
fn stolen(_: &[u32]) -> u64 {
    static TAKEN_NS: AtomicU64 = AtomicU64::new(0);
    TAKEN_NS.fetch_add(10_000_000_000, Ordering::Relaxed)
}

#[test]
fn stolen_time_trips_steal() {
    let mut tried = Tried::new("");
    tried.steal_ns = Some(stolen);
    assert_trips(&tried.gates(), Gate::Steal);
}

/// The null server's cost is that of a server that works a second for each answer: none does less here.
#[test]
fn a_cost_below_the_null_servers_trips_cost_floor() {
    let mut tried = Tried::new("");
    tried.null_cost_ns = Some(1_000_000_000);
    assert_trips(&tried.gates(), Gate::CostFloor);
}

/// What these files hold is what trips gates for real; a gate that none of them names has no such test.
#[test]
fn each_gate_of_trials_is_tripped_by_a_real_trial() {
    let tests = [
        include_str!("tests.rs"),
        include_str!("gate_tests.rs"),
        include_str!("cheat_tests.rs"),
        include_str!("disturbance_tests.rs"),
        include_str!("../../tests/database_gates.rs"),
    ];
    let lines = || tests.iter().flat_map(|text| text.lines());
    for gate in Gate::all() {
        if matches!(gate.facts().scope, Scope::Decision | Scope::Run) {
            continue; // No trial trips them: tests of `decide` and of drift do.
        }
        let name = format!("Gate::{gate:?}");
        let asserted = |line: &str| {
            let asserts =
                ["assert_trips(", "caught(", "message(&measured", "failed.is(", "[Gate::"];
            let is_named =
                line.contains(&format!("{name})")) || line.contains(&format!("[{name}."));
            is_named && asserts.iter().any(|it| line.contains(it))
        };
        assert!(lines().any(asserted), "nothing trips {gate}");
    }
}

#[test]
fn a_server_that_exceeds_its_memory_is_killed_and_recorded() {
    let mut tried = Tried::new("eats-memory");
    tried.profile.server_memory = Some("64MiB".parse().expect("a size"));
    tried.profile.measure = span("5s");
    let limited = Tried::new("");
    let limited = Tried { profile: tried.profile.clone(), ..limited };
    let short = Profile { measure: span("50ms"), ..limited.profile.clone() };
    let Enforced { memory_limit_bytes, departures, .. } =
        Tried { profile: short, ..limited }.run().enforced;
    if memory_limit_bytes.is_none() {
        // Nothing can enforce one here, which is said.
        assert!(departures[0].starts_with("memory limit: "), "{departures:?}");
        return;
    }
    match tried.run().outcome {
        TrialOutcome::Failed { stage: Stage::Load, reason } => {
            assert!(reason.contains("signal 9"), "{reason}");
        }
        other => panic!("it survived: {other:?}"),
    }
}

/// A run of the misbehaving server alone; the warnings that its record holds.
fn warnings(entry: Entry, blocks: u32) -> Vec<String> {
    let results = tempfile::tempdir().expect("a folder");
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let plan = RunPlan {
        // Like the null server it is none of the entries, and need not conform.
        entries: vec![Entry { role: Role::NullServer, ..entry }],
        profile: Profile { blocks, ..profile() },
        workloads: vec![workload()],
        seed: 1,
        results: results.path().to_owned(),
        command_line: Vec::new(),
        null_server: None,
        budget: None,
        own_pace: true,
        faults: false,
        database: None,
        warnings: Vec::new(),
    };
    let stop = AtomicBool::new(false);
    let mut told = Vec::new();
    let mut observer = |event: &Event| {
        if let Event::Warning(warning) = event {
            told.push(warning.clone());
        }
    };
    let summary = bench(&tree, &plan, &mut observer, &stop).expect("a run");
    let record = Record::read(&summary.folder).expect("a record");
    assert_eq!(record.trials.len(), blocks as usize);
    assert_eq!(record.run.warnings, told);
    told
}

#[test]
fn a_server_that_is_slower_in_each_block_trips_drift() {
    let folder = tempfile::tempdir().expect("a folder");
    let starts: PathBuf = folder.path().join("starts");
    let fault = format!("slower-each-start {}", starts.display());
    let told = warnings(entry(misbehaving_server(), &fault), 4);
    assert!(told.iter().any(|warning| warning.starts_with("gate drift: ")), "{told:?}");
}

#[test]
fn what_is_not_in_force_is_a_warning_of_the_run() {
    if httpdyno_target::allowed_cores().expect("cores").len() < 2 {
        return; // On a single core there is nowhere to go.
    }
    let told = warnings(entry(misbehaving_server(), "leaves-its-cores"), 2);
    let departures: Vec<&String> =
        told.iter().filter(|warning| warning.starts_with("not in force ")).collect();
    assert_eq!(departures.len(), 1, "each once: {told:?}");
    assert!(departures[0].contains("misbehaving") && departures[0].contains("affinity: "));
}
