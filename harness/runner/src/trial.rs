//! One trial: a fresh start of one entry at one point.
//!
//! start -> ready -> verify -> warm-up -> measure -> verify again -> stop. Whatever the server
//! does wrong on the way is the outcome of the trial, never an error of the run.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::Observer as LoadObserver;
use httpdyno_record::{Enforced, Stage, TrialOutcome};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::Workload;
use httpdyno_target::accounting::Usage;
use httpdyno_target::steal::steal_ns;
use httpdyno_target::{CoreSplit, ServerProcess, StopOutcome};

use crate::entry::{Entry, Given};
use crate::gates::failed_gates;
use crate::histogram_log;
use crate::load_plan::{LoadSettings, WorkloadError, load_plan};
use crate::verify::verify_workload;

mod measurement;

use measurement::measurement;

/// What all trials of a run have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrialContext<'a> {
    pub(crate) tree: &'a SpecTree,
    pub(crate) profile: &'a Profile,
    pub(crate) cores: &'a CoreSplit,
    pub(crate) stop: &'a AtomicBool,
}

/// What a trial leaves behind.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) outcome: TrialOutcome,
    /// Its histograms as an HdrHistogram log; absent where nothing was measured.
    pub(crate) histogram_log: Option<String>,
    /// What was enforced on the server.
    pub(crate) enforced: Enforced,
}

/// Why a trial came to no measurement.
enum Broken {
    /// The server failed, which is the trial's outcome.
    Server { stage: Stage, reason: String },
    /// The workload cannot be put as load, which is a mistake in the spec.
    Workload(WorkloadError),
}

fn at(stage: Stage) -> impl Fn(String) -> Broken {
    move |reason| Broken::Server { stage, reason }
}

/// Makes one trial. `seed` decides every random choice in it.
///
/// # Errors
/// When the workload cannot be put as load, which is a mistake in the spec.
pub(crate) fn run_trial(
    context: TrialContext<'_>,
    entry: &Entry,
    workload: &Workload,
    connections: u32,
    seed: u64,
) -> Result<Trial, WorkloadError> {
    match measure(context, entry, workload, connections, seed) {
        Ok(trial) => Ok(trial),
        Err(Broken::Workload(error)) => Err(error),
        Err(Broken::Server { stage, reason }) => {
            let outcome = TrialOutcome::Failed { stage, reason };
            Ok(Trial { outcome, histogram_log: None, enforced: Enforced::default() })
        }
    }
}

fn measure(
    context: TrialContext<'_>,
    entry: &Entry,
    workload: &Workload,
    connections: u32,
    seed: u64,
) -> Result<Trial, Broken> {
    let (tree, profile, cores) = (context.tree, context.profile, context.cores);
    let workers = u32::try_from(cores.server.len()).unwrap_or(u32::MAX).max(1);
    let given = Given {
        cores: &cores.server,
        workers,
        database: None,
        ready_within: profile.start_timeout.duration(),
    };
    let mut server =
        entry.start(tree, given).map_err(|error| at(Stage::Start)(error.to_string()))?;
    let verified = verify_workload(tree, workload, server.address(), seed)
        .map_err(|mismatch| at(Stage::VerifyBefore)(with_last_words(&mut server, mismatch)))?;
    let settings = LoadSettings {
        target: server.address(),
        connections,
        cores: cores.generator.clone(),
        warmup: profile.warmup.duration(),
        measure: profile.measure.duration(),
        seed,
        payloads: tree.payloads(),
        verified,
    };
    let plan = load_plan(workload, &settings).map_err(Broken::Workload)?;

    let measured_cores = cores.measured();
    let mut window = Window::new(&server, &measured_cores);
    let loaded = httpdyno_loadgen::run(plan, context.stop, &mut window);
    let used = window.used();
    let report =
        loaded.map_err(|error| at(Stage::Load)(with_last_words(&mut server, error.to_string())))?;
    if server.has_ended().is_some() {
        let reason = with_last_words(&mut server, "it did not survive the load".to_owned());
        return Err(at(Stage::Load)(reason));
    }
    verify_workload(tree, workload, server.address(), seed.wrapping_add(1))
        .map_err(|mismatch| at(Stage::VerifyAfter)(with_last_words(&mut server, mismatch)))?;

    let mut measurement = measurement(&report, &used, settings.warmup);
    measurement.start_to_ready_ns = nanoseconds(server.start_to_ready);
    measurement.server_peak_rss_bytes = server.usage().peak_rss_bytes;
    measurement.failed_gates =
        failed_gates(&measurement, &profile.gates, connections, measured_cores.len());
    stop(server)?;
    let histogram_log = Some(histogram_log::of(&report));
    let enforced = Enforced {
        workers: Some(workers),
        isolation: Some("process".to_owned()),
        ..Enforced::default()
    };
    let outcome = TrialOutcome::Measured(Box::new(measurement));
    Ok(Trial { outcome, histogram_log, enforced })
}

/// Stops the server as the contract says.
fn stop(server: ServerProcess) -> Result<(), Broken> {
    let reason = match server.stop() {
        StopOutcome::Clean => return Ok(()),
        StopOutcome::Killed => {
            "it did not stop within 5 s of SIGTERM and was killed; the contract asks for it"
                .to_owned()
        }
        StopOutcome::Unclean(how) | StopOutcome::Crashed(how) => {
            format!("it ended with {how}; the contract asks for exit status 0 after SIGTERM")
        }
    };
    Err(at(Stage::Stop)(reason))
}

/// `what`, and what the server said at last, when it has ended.
fn with_last_words(server: &mut ServerProcess, what: String) -> String {
    match server.has_ended() {
        Some(status) => {
            format!("{what}; the server has ended ({status}): {}", server.last_words())
        }
        None => what,
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Reads the server's CPU clock and the steal counters at both ends of the measured window.
struct Window<'a> {
    server: &'a ServerProcess,
    cores: &'a [u32],
    opened: Reading,
    closed: Reading,
}

#[derive(Clone, Copy, Default)]
struct Reading {
    usage: Usage,
    steal_ns: u64,
}

/// What was used between the two ends.
struct Used {
    server_cpu_ns: u64,
    steal_ns: u64,
}

impl<'a> Window<'a> {
    fn new(server: &'a ServerProcess, cores: &'a [u32]) -> Self {
        Self { server, cores, opened: Reading::default(), closed: Reading::default() }
    }

    fn read(&self) -> Reading {
        Reading { usage: self.server.usage(), steal_ns: steal_ns(self.cores) }
    }

    fn used(&self) -> Used {
        Used {
            server_cpu_ns: self.closed.usage.cpu_ns.saturating_sub(self.opened.usage.cpu_ns),
            steal_ns: self.closed.steal_ns.saturating_sub(self.opened.steal_ns),
        }
    }
}

impl LoadObserver for Window<'_> {
    fn window_opened(&mut self) {
        self.opened = self.read();
    }

    fn window_closed(&mut self) {
        self.closed = self.read();
    }
}

#[cfg(test)]
mod tests;
