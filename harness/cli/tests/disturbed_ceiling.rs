//! A null server that somebody disturbs shows no ceiling: it has no figures, and accuses no entry of
//! having reached it.

#[path = "support/tree.rs"]
mod tree;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;

use anstream::adapter::strip_str;
use httpdyno_record::{Figure, Record, TrialRecord};
use httpdyno_report::validity::findings;
use httpdyno_report::{Comparison, bench_text, text_table};
use httpdyno_runner::{Entry, Event, NULL_SERVER, RunPlan, bench};
use httpdyno_spec::SpecTree;
use httpdyno_target::{CoreSplit, pin_current_thread};

/// A process that never rests, on cores of its choice. It ends with this, or with the test.
struct Neighbour(Child);

impl Neighbour {
    fn on(cores: Vec<u32>) -> Self {
        const LOOP: &str =
            "while kill -0 $PPID; do i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done; done";
        // A process has the cores of the thread that started it.
        let started = std::thread::spawn(move || {
            pin_current_thread(&cores).expect("these cores may be used");
            let mut command = Command::new("sh");
            command.args(["-c", LOOP]).stdin(Stdio::null()).stderr(Stdio::null());
            command.spawn().expect("sh runs")
        });
        Self(started.join().expect("a thread"))
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn plan(tree: &SpecTree, results: PathBuf) -> RunPlan {
    let mut profile = tree.profile("smoke").expect("it is there").value.clone();
    profile.connections = vec![4];
    profile.blocks = 2;
    profile.measure = "1s".parse().expect("a time");
    // Any entry is above a tenth of the null server's rate, disturbed or not.
    profile.gates.headroom_ppm = 100_000;
    profile.gates.foreign_ppm = 200_000;
    let workload = tree.workload("json").expect("it is there").value.clone();
    profile.workloads = vec![workload.id.clone()];
    RunPlan {
        entries: vec![Entry::resolve(tree, &tree.entry("honest").expect("it was added"))],
        profile,
        workloads: vec![workload],
        seed: 7,
        results,
        command_line: vec!["httpdyno".to_owned(), "bench".to_owned()],
        null_server: Some(env!("CARGO_BIN_EXE_httpdyno").into()),
        budget: None,
        own_pace: true,
        database: None,
        faults: false,
        warnings: Vec::new(),
    }
}

/// A bench of an honest entry; while the null server is measured, and then only, `neighbours` on
/// each of the server's cores never rest.
fn run(neighbours: usize) -> Record {
    let folder = tree::empty();
    tree::add_implementation(folder.path(), "honest", &tree::server("rust-std"), "");
    let tree = SpecTree::load(folder.path()).expect("a tree");
    let plan = plan(&tree, folder.path().join("results"));
    let cores = CoreSplit::resolve(&plan.profile.placement).expect("cores").server;
    let mut beside: Vec<Neighbour> = Vec::new();
    let mut observer = |event: &Event| match event {
        Event::TrialStarted(key) if key.entry.to_string() == NULL_SERVER => {
            beside.extend((0..neighbours).map(|_| Neighbour::on(cores.clone())));
        }
        Event::TrialFinished(_) => beside.clear(),
        _ => {}
    };
    let summary = bench(&tree, &plan, &mut observer, &AtomicBool::new(false)).expect("a run");
    Record::read_decided(&summary.folder).expect("a record")
}

fn gates(trial: &TrialRecord) -> Vec<&str> {
    let measured = trial.measurement().expect("it went through");
    measured.failed_gates.iter().map(|failed| failed.gate.as_str()).collect()
}

#[test]
fn a_disturbed_null_server_voids_the_ceiling_and_accuses_nobody() {
    let record = run(3);
    let of_null = |trial: &&TrialRecord| trial.entry == NULL_SERVER;
    let (null, entries): (Vec<_>, Vec<_>) = record.trials.iter().partition(of_null);
    assert_eq!((null.len(), entries.len()), (2, 2));
    for trial in &null {
        // Which of the two sees it depends on what else the machine does.
        let seen = ["foreign", "server-delay"].into_iter().any(|it| gates(trial).contains(&it));
        assert!(seen, "{:?}", gates(trial));
        assert!(trial.valid_for(Figure::Throughput).is_none());
    }
    for trial in &entries {
        let accused = ["headroom", "cost-floor"].into_iter().find(|it| gates(trial).contains(it));
        assert_eq!(accused, None, "by a ceiling that is none");
        // It would be, were that rate a ceiling.
        let rate = |trial: &TrialRecord| trial.measurement().expect("measured").responses_per_s();
        let beside = null.iter().find(|null| null.block == trial.block).expect("in each block");
        assert!(rate(trial) * 10 > rate(beside), "{} and {}", rate(trial), rate(beside));
    }
    let comparison = Comparison::of(&record).expect("histograms");
    let ceiling = findings(&record, &comparison).into_iter().find(|one| one.subject == "Ceiling");
    let ceiling = ceiling.expect("told in any case").text;
    assert!(ceiling.starts_with("not known"), "{ceiling}");
    let text = bench_text::render(&record, &comparison, text_table::WIDTH);
    let text = strip_str(&text).to_string();
    assert!(!text.contains("headroom"), "{text}");
}
