//! One trial: a fresh start of one entry at one point.
//!
//! start -> ready -> verify -> warm-up -> measure -> count system calls -> verify again -> stop. Whatever the server
//! does wrong on the way is the outcome of the trial, never an error of the run.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_loadgen::{LoadError, LoadReport, SecondReport};
use httpdyno_record::fitness::{Misfit, misfits};
use httpdyno_record::{Enforced, GateFailure, Host, Measurement, Stage, TrialOutcome};
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::{Arrivals, Pacing, Workload};
use httpdyno_target::accounting::EnergyMeter;
use httpdyno_target::bystanders::Bystanders;
use httpdyno_target::contract::DatabaseOffer;
use httpdyno_target::{Confinement, CoreSplit, IdleGuard, StartError, StopOutcome};

use crate::ceiling::Shape;
use crate::contract_cases::left_behind;
use crate::database::{RunDatabase, needs_database};
use crate::entry::{Entry, Given};
use crate::gates::{self, Seen, failed_gates};
use crate::guard::{rest_beside_database, rest_for};
use crate::histogram_log;
use crate::load_plan::WorkloadError;
use crate::served::Served;
use crate::verify::{Unverified, judge};

mod causes;
mod database;
mod foreign;
mod load;
mod measurement;
mod resources;
mod syscalls;
mod window;

use causes::with_causes;
use load::{load, verified, verified_again};
use measurement::measurement;
use resources::{Idle, enforced, foreign_resources, server_resources};
pub(crate) use syscalls::COUNTING_TIME;
use window::Window;

/// What all trials of a run have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrialContext<'a> {
    pub(crate) tree: &'a SpecTree,
    pub(crate) profile: &'a Profile,
    pub(crate) cores: &'a CoreSplit,
    /// Offered to entries where a workload needs it.
    pub(crate) database: Option<&'a RunDatabase>,
    /// Of the run, where there is one.
    pub(crate) guard: Option<&'a IdleGuard>,
    pub(crate) stop: &'a AtomicBool,
    /// What a hypervisor has taken from these cores until now. Nobody can make it take some, so
    /// this is where tests do.
    pub(crate) steal_ns: fn(&[u32]) -> u64,
    /// How the machine differs from what the profile takes it for; no test can make it differ.
    pub(crate) misfits: fn(&Profile) -> Vec<Misfit>,
    /// Where the processor's energy counters are; few machines that run tests have some.
    pub(crate) powercap: &'a Path,
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
    /// This machine lacks something that the trial needs: the server was not tried.
    Machine(String),
}

/// Why there is no trial at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrialError {
    /// The workload cannot be put as load, which is a mistake in the spec.
    #[error(transparent)]
    Workload(WorkloadError),
    /// This machine lacks something that it needs, in words with what to do.
    #[error("{0}")]
    Machine(String),
}

fn at(stage: Stage) -> impl Fn(String) -> Broken {
    move |reason| Broken::Server { stage, reason }
}

/// What is tried: who, under which load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrialPlan<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) workload: &'a Workload,
    pub(crate) connections: u32,
    /// Requests per second and how they are spread; absent: the workload's own pace.
    pub(crate) rate: Option<(u64, Arrivals)>,
    /// Decides every random choice.
    pub(crate) seed: u64,
    /// The one response that the null server gives, whatever the workload's rules say.
    pub(crate) shape: Option<&'a Shape>,
    /// The null server's rate at the same point of the same block.
    pub(crate) null_per_s: Option<u64>,
    /// What it costs there per response, in nanoseconds of CPU time.
    pub(crate) null_cost_ns: Option<u64>,
}

impl<'a> TrialContext<'a> {
    /// Without a database or an idle guard.
    pub(crate) fn new(
        tree: &'a SpecTree,
        profile: &'a Profile,
        cores: &'a CoreSplit,
        stop: &'a AtomicBool,
    ) -> Self {
        Self {
            tree,
            profile,
            cores,
            database: None,
            guard: None,
            stop,
            steal_ns: httpdyno_target::steal::steal_ns,
            misfits: |profile| misfits(profile, &Host::detect()),
            powercap: Path::new(EnergyMeter::POWERCAP),
        }
    }

    /// The database, where `workload` needs it.
    pub(crate) fn database_for(&self, workload: &Workload) -> Option<&'a RunDatabase> {
        self.database.filter(|_| needs_database(self.tree, workload))
    }

    /// What every server of the run is given.
    pub(crate) fn given(&self) -> Given {
        let confinement = Confinement {
            cores: self.cores.server.clone(),
            memory_bytes: self.profile.server_memory.map(|limit| limit.0),
            control_group: true,
        };
        Given {
            confinement,
            workers: u32::try_from(self.cores.server.len()).unwrap_or(u32::MAX).max(1),
            database: None,
            ready_within: self.profile.start_timeout.duration(),
            null_response: None,
            keeps_output: false,
        }
    }
}

impl TrialPlan<'_> {
    /// Whether the pace is to be the server's own, at its limit.
    fn is_peak(&self) -> bool {
        self.rate.is_none() && self.workload.pacing == Pacing::Closed
    }
}

/// Makes one trial; `told` hears of each second of its window.
///
/// # Errors
/// When the workload cannot be put as load, which is a mistake in the spec, or this machine lacks
/// something, which is no failure of the server.
pub(crate) fn run_trial(
    context: TrialContext<'_>,
    plan: TrialPlan<'_>,
    told: &mut dyn FnMut(&SecondReport),
) -> Result<Trial, TrialError> {
    match measure(context, plan, told) {
        Ok(trial) => Ok(trial),
        Err(Broken::Workload(error)) => Err(TrialError::Workload(error)),
        Err(Broken::Machine(what)) => Err(TrialError::Machine(what)),
        Err(Broken::Server { stage, reason }) => {
            let outcome = TrialOutcome::Failed { stage, reason };
            Ok(Trial { outcome, histogram_log: None, enforced: Enforced::default() })
        }
    }
}

fn measure(
    context: TrialContext<'_>,
    plan: TrialPlan<'_>,
    told: &mut dyn FnMut(&SecondReport),
) -> Result<Trial, Broken> {
    let (tree, profile, cores) = (context.tree, context.profile, context.cores);
    let database = context.database_for(plan.workload).filter(|_| plan.shape.is_none());
    let _beside = database.and_then(|_| rest_beside_database(context.guard, cores));
    let null_response = plan.shape.map(|shape| shape.file.clone());
    let given = Given { database: offer(database)?, null_response, ..context.given() };
    let workers = given.workers;
    let pool = given.database.as_ref().map(|offer| offer.pool);
    let mut server = plan.entry.serve(tree, given).map_err(not_started)?;
    let verified = verified(tree, &plan, &server, plan.seed)
        .map_err(|error| unverified(Stage::VerifyBefore, error, &mut server, database))?;
    let load = load(context, &plan, server.address(), &verified).map_err(Broken::Workload)?;

    let meter = EnergyMeter::find_in(context.powercap);
    let idle = Idle::watch(&server, profile.idle.duration(), &meter);
    let mut window = Window::new(&server, context, &meter, database, told);
    let resting = rest_for(&load, context.guard, cores);
    let before = Bystanders::now();
    let loaded = httpdyno_loadgen::run(load.clone(), context.stop, &mut window);
    let others = before.busiest_until(&Bystanders::now(), &own_processes(&server, database));
    let used = window.used();
    let generator_ns = loaded.as_ref().map_or(0, |report| report.generator.cpu_ns());
    let foreign = window.foreign(&used, generator_ns, others);
    let (steady, mut found) = (server.memory(), server.enforcement());
    found.add_escapes(&used.escapes);
    let report = under_load(loaded, &mut server, database)?;
    let syscalls = syscalls::count(&server, load, &report, context.stop);
    let judged = judge(tree, plan.workload, &verified, &report, plan.entry.is_plain());
    drop(resting);
    if server.has_ended().is_some() {
        let what = "it did not survive the load".to_owned();
        return Err(at(Stage::Load)(with_causes(&mut server, database, what)));
    }
    verified_again(tree, &plan, &server)
        .map_err(|error| unverified(Stage::VerifyAfter, error, &mut server, database))?;

    let mut measurement = measurement(&report, &used);
    measurement.foreign = foreign;
    measurement.start_to_ready_ns = nanoseconds(server.start_to_ready());
    measurement.server_peak_rss_bytes = steady.peak_rss_bytes;
    measurement.server = match server.is_foreign() {
        true => foreign_resources(),
        false => server_resources(&idle, &used, &steady, syscalls),
    };
    measurement.database.clone_from(&used.database);
    measurement.failed_gates = failed(context, &plan, &server, &measurement);
    measurement.failed_gates.extend(database::statements_gate(plan.workload, &measurement));
    measurement.failed_gates.extend(database::pool_gate(pool, &measurement));
    let left = gates::confinement(&found.escapes);
    let cores = context.cores.server.len();
    measurement.failed_gates.extend(left.or_else(|| gates::within_cores(&measurement, cores)));
    measurement.audited = plan.shape.is_none().then_some(judged.count);
    measurement.failed_gates.extend(gates::audit(&judged));
    measurement.failed_gates.extend(gates::cost_floor(&measurement, plan.null_cost_ns));
    let enforced = match server.is_foreign() {
        true => Enforced { departures: found.departures, ..Enforced::default() },
        false => Enforced { database_pool: pool, ..enforced(found, workers, &tree.root) },
    };
    stop(server, plan.entry)?;
    let histogram_log = Some(histogram_log::of(&report));
    let outcome = TrialOutcome::Measured(Box::new(measurement));
    Ok(Trial { outcome, histogram_log, enforced })
}

/// The gates that look at the measurement as a whole, where they do not pass.
fn failed(
    context: TrialContext<'_>,
    plan: &TrialPlan<'_>,
    server: &Served,
    measurement: &Measurement,
) -> Vec<GateFailure> {
    let (tree, profile, cores) = (context.tree, context.profile, context.cores);
    failed_gates(&Seen {
        measurement,
        gates: &profile.gates,
        connections: plan.connections,
        server_cores: if server.is_foreign() { 0 } else { cores.server.len() },
        measured_cores: cores.measured().len(),
        cores,
        misfits: &(context.misfits)(profile),
        uses_database: plan.shape.is_none() && context.database_for(plan.workload).is_some(),
        waits_by_contract: waits_by_contract(tree, plan.workload),
        // What the null server reaches is the ceiling, whoever sets it.
        is_peak: plan.is_peak() && plan.shape.is_none(),
        null_per_s: plan.null_per_s,
    })
}

/// What belongs to the trial.
fn own_processes(server: &Served, database: Option<&RunDatabase>) -> Vec<u32> {
    let database = database.map(RunDatabase::processes).unwrap_or_default();
    [vec![std::process::id()], server.processes(), database].concat()
}

/// Whether an endpoint of `workload` must not answer at once.
fn waits_by_contract(tree: &SpecTree, workload: &Workload) -> bool {
    let waits = |id: &_| {
        let all = tree.endpoints.value.endpoints.iter();
        let checks = all.filter(|endpoint| endpoint.id == *id).flat_map(|one| &one.checks);
        let mut times = checks.filter_map(|check| check.elapsed.as_ref());
        times.any(|elapsed| !elapsed.at_least.duration().is_zero())
    };
    workload.endpoints().any(waits)
}

/// Stops the server as the contract says, or its suite.
fn stop(server: Served, entry: &Entry) -> Result<(), Broken> {
    let outcome = server.stop();
    if let Some(service) = &entry.service {
        return service.stopped(&outcome).map_err(at(Stage::Stop));
    }
    let reason = match outcome {
        StopOutcome::Clean => return Ok(()),
        StopOutcome::Killed => {
            "it did not stop within 5 s of SIGTERM and was killed; the contract asks for it"
                .to_owned()
        }
        StopOutcome::Unclean(how) | StopOutcome::Crashed(how) => {
            format!("it ended with {how}; the contract asks for exit status 0 after SIGTERM")
        }
        StopOutcome::Left(what) => left_behind(&what),
    };
    Err(at(Stage::Stop)(reason))
}

/// The database as it is at the start of every trial.
fn offer(database: Option<&RunDatabase>) -> Result<Option<DatabaseOffer>, Broken> {
    let offered = database.map(RunDatabase::ready).transpose();
    offered.map_err(|error| at(Stage::Start)(format!("no database for it: {error}")))
}

fn not_started(error: StartError) -> Broken {
    match error.is_ours() {
        true => Broken::Machine(error.to_string()),
        false => at(Stage::Start)(error.to_string()),
    }
}

/// What came of the load. Where this machine could not open all connections, nothing did.
fn under_load(
    loaded: Result<LoadReport, LoadError>,
    server: &mut Served,
    database: Option<&RunDatabase>,
) -> Result<LoadReport, Broken> {
    let report = loaded.map_err(|error| match error.is_of_this_machine() {
        true => Broken::Machine(error.to_string()),
        false => at(Stage::Load)(with_causes(server, database, error.to_string())),
    })?;
    match report.lacked_here() {
        Some(lacked) => Err(Broken::Machine(lacked)),
        None => Ok(report),
    }
}

/// A route that was not verified at this stage.
fn unverified(
    stage: Stage,
    error: Unverified,
    server: &mut Served,
    database: Option<&RunDatabase>,
) -> Broken {
    match error.is_ours {
        true => Broken::Machine(error.why),
        false => at(stage)(with_causes(server, database, error.why)),
    }
}

/// A time in nanoseconds, at most the largest number.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod cheat_tests;
#[cfg(test)]
mod database_tests;
#[cfg(test)]
mod disturbance_tests;
#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod tests;
