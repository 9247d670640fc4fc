//! A database that dies under load is an outcome of the trial, and the next trial has another.

#[path = "../../../target/testing/needs.rs"]
mod needs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use httpdyno_record::TrialOutcome;
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;
use httpdyno_target::CoreSplit;
use httpdyno_target::DatabaseSource;
use rustix::process::{Pid, Signal, kill_process};

use super::tests::{entry, profile, root};
use super::{TrialContext, TrialPlan, run_trial};
use crate::database::RunDatabase;

/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn private() -> Option<RunDatabase> {
    needs::postgres(RunDatabase::start(&DatabaseSource::Private { bin_dir: None }, &[], 4))
}

fn server() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", "entry", "--locked", "--package", "rust-hyper"])
        .current_dir(root())
        .status()
        .expect("cargo runs");
    assert!(built.success(), "rust-hyper does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |set| root().join(set));
    target.join("entry/rust-hyper")
}

fn outcome(server: &Path, database: &RunDatabase, profile: &Profile) -> TrialOutcome {
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let cores = CoreSplit::resolve(&profile.placement).expect("cores");
    let stop = AtomicBool::new(false);
    let context = TrialContext {
        database: Some(database),
        ..TrialContext::new(&tree, profile, &cores, &stop)
    };
    let plan = TrialPlan {
        entry: &entry(server, ""),
        workload: &tree.workload("queries-5").expect("there").value,
        connections: 8,
        rate: None,
        seed: 1,
        shape: None,
        null_per_s: None,
        null_cost_ns: None,
    };
    run_trial(context, plan, &mut |_| {}).expect("a workload that can be put as load").outcome
}

/// Kills all of `processes` once the server under test has a session of its own.
fn kill_under_load(processes: &[u32]) {
    let postmaster = processes[0];
    let deadline = Instant::now() + PATIENCE;
    let has_session = || {
        let all = std::fs::read_dir("/proc").expect("proc").flatten();
        let lines = all.filter_map(|one| std::fs::read(one.path().join("cmdline")).ok());
        let ours = format!("httpdyno-postgres-{}-", std::process::id());
        lines.map(|line| String::from_utf8_lossy(&line).into_owned()).any(|line| {
            line.contains(&ours) && line.contains("httpdyno_server") && line.contains("127.0.0.1")
        })
    };
    while !has_session() {
        assert!(Instant::now() < deadline, "no server ever connected");
        std::thread::sleep(Duration::from_millis(1));
    }
    let pid = i32::try_from(postmaster).ok().and_then(Pid::from_raw).expect("a pid");
    kill_process(pid, Signal::KILL).expect("killed");
}

#[test]
fn a_database_killed_under_load_is_recorded_and_the_next_trial_has_another() {
    let Some(database) = private() else { return };
    // Built before anybody waits for it.
    let server = server();
    // Longer than it takes to kill, so that the load meets its absence.
    let profile = Profile { measure: "2s".parse().expect("span"), ..profile() };
    let processes = database.processes();
    let killed = std::thread::scope(|scope| {
        scope.spawn(|| kill_under_load(&processes));
        outcome(&server, &database, &profile)
    });
    match killed {
        TrialOutcome::Failed { reason, .. } => {
            assert!(reason.contains("the database does not answer"), "{reason}");
        }
        TrialOutcome::Measured(measured) => {
            panic!("measured without a database: {:?}", measured.errors)
        }
    }
    match outcome(&server, &database, &profile) {
        TrialOutcome::Measured(measured) => {
            assert!(measured.errors.is_empty() && measured.responses > 0, "{measured:?}");
            let used = measured.database.expect("used");
            assert!(used.statements.is_some_and(|count| count >= measured.responses), "{used:?}");
        }
        TrialOutcome::Failed { stage, reason } => panic!("failed at {stage}: {reason}"),
    }
    database.stop().expect("nothing is left");
}
