//! pgbench as a reference: the statement of `/db` with nothing around it, in the same run, over as
//! many connections to the database as a server has. It is no entry and never ranked.
//!
//! pgbench takes the place of the server: it runs on the server's cores, the database on its own.
//! The generator's cores then do nothing, and where the database shares them (on two cores it
//! must), it has more of them than it has under a server. So the ratio errs against the servers.

use httpdyno_loadgen::Histogram;
use httpdyno_record::{
    Enforced, EntryRecord, LatencySummary, Measurement, Role, Stage, TrialOutcome,
};
use httpdyno_spec::exchange::BodyRule;
use httpdyno_spec::workload::Workload;
use httpdyno_target::CoreSplit;
use httpdyno_target::database::{PgbenchPlan, PgbenchReport};

use crate::database::RunDatabase;

/// The name of its row.
pub(crate) const PGBENCH: &str = "pgbench";

/// Whether pgbench does what `workload` asks for: single rows.
pub(crate) fn applies(workload: &Workload) -> bool {
    matches!(&workload.routes[..], [route] if route.expect.body == BodyRule::World)
}

/// Its row in the record; the version is asked for ahead, like that of every entry.
pub(crate) fn entry_record(database: &RunDatabase) -> EntryRecord {
    EntryRecord {
        entry: PGBENCH.to_owned(),
        name: "pgbench -M prepared, one select for each request".to_owned(),
        language: "c".to_owned(),
        role: Role::Reference,
        framework: "libpq".to_owned(),
        endpoints: vec!["db".to_owned()],
        version: database.pgbench_version(),
        ..EntryRecord::default()
    }
}

/// Runs it once for `measure` (in whole seconds); what fails is the outcome.
pub(crate) fn measure(
    database: &RunDatabase,
    cores: &CoreSplit,
    measure: std::time::Duration,
) -> (TrialOutcome, Enforced) {
    let workers = u32::try_from(cores.server.len()).unwrap_or(u32::MAX).max(1);
    let plan = PgbenchPlan {
        connections: database.pool(),
        threads: workers.min(database.pool()),
        // One more: its clock runs while it connects, which on a loaded machine takes its time.
        seconds: u32::try_from(measure.as_millis().div_ceil(1000)).unwrap_or(u32::MAX - 1) + 1,
        cores: cores.server.clone(),
    };
    let enforced = Enforced {
        cores: Some(plan.cores.clone()),
        workers: Some(plan.threads),
        database_pool: Some(plan.connections),
        isolation: Some("process".to_owned()),
        ..Enforced::default()
    };
    let found = match database.ready() {
        Err(error) => Err(format!("no database for it: {error}")),
        Ok(_) => database.pgbench(&plan).map_err(|error| error.to_string()),
    };
    let outcome = match found {
        Ok(report) => TrialOutcome::Measured(Box::new(measurement(&report, plan.connections))),
        Err(reason) => TrialOutcome::Failed { stage: Stage::Load, reason },
    };
    (outcome, enforced)
}

/// pgbench tells of latency only the mean.
fn measurement(report: &PgbenchReport, connections: u32) -> Measurement {
    let mean_ns = report.latency_mean_ns;
    Measurement {
        elapsed_ns: report.elapsed_ns,
        responses: report.transactions,
        latency: LatencySummary { mean_ns, ..LatencySummary::default() },
        latency_hdr: Histogram::new().to_hdr_v2().into(),
        established: connections,
        engine: report.version.clone(),
        ..Measurement::default()
    }
}
