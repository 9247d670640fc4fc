//! The database of a run: started once, the same at the start of each trial.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use httpdyno_record::{DatabaseRecord, DatabaseUse};
use httpdyno_spec::SpecTree;
use httpdyno_spec::endpoint::Need;
use httpdyno_spec::workload::Workload;
use httpdyno_target::accounting::Reading;
use httpdyno_target::contract::DatabaseOffer;
use httpdyno_target::database::{
    PgbenchError, PgbenchPlan, PgbenchReport, StartDatabaseError, StatementCount,
    StopDatabaseError, pgbench_version,
};
use httpdyno_target::{Database, DatabaseSource};

/// A database that all trials use, one after the other.
pub(crate) struct RunDatabase {
    source: DatabaseSource,
    cores: Vec<u32>,
    pool: u32,
    /// None after it broke and until it is started anew.
    running: RefCell<Option<Database>>,
}

/// The database at one edge of the measured window.
#[derive(Debug, Default)]
pub(crate) struct DatabaseEdge {
    reading: Option<Reading>,
    statements: Option<StatementCount>,
    /// How long the count took to come: it is of a moment so much later at the latest.
    count_delay: Option<Duration>,
    connections: Option<u64>,
}

impl RunDatabase {
    /// Starts it, confined to `cores`.
    pub(crate) fn start(
        source: &DatabaseSource,
        cores: &[u32],
        pool: u32,
    ) -> Result<Self, StartDatabaseError> {
        let database = Database::start(source, cores)?;
        let (source, cores) = (source.clone(), cores.to_vec());
        Ok(Self { source, cores, pool, running: RefCell::new(Some(database)) })
    }

    /// What the record says about it.
    pub(crate) fn record(&self) -> DatabaseRecord {
        let running = self.running.borrow();
        let Some(database) = running.as_ref() else { return DatabaseRecord::default() };
        let facts = database.facts().clone();
        DatabaseRecord {
            server_version: facts.server_version,
            settings: facts.settings,
            departures: facts.departures,
            source: facts.source,
            rows_sha256: facts.rows_sha256,
            pool: self.pool,
            image_digest: facts.image_id,
        }
    }

    /// Puts the seeded rows back, and tells what a server is offered. A database that did not
    /// survive the last trial is started anew.
    pub(crate) fn ready(&self) -> Result<DatabaseOffer, StartDatabaseError> {
        let mut running = self.running.borrow_mut();
        let is_reset = running.as_mut().is_some_and(|database| database.reset().is_ok());
        if !is_reset {
            // The old one goes before another comes: both want the same cores and memory.
            *running = None;
            *running = Some(Database::start(&self.source, &self.cores)?);
        }
        let database = running.as_ref().expect("just started");
        Ok(database.offer(self.pool))
    }

    /// Why it cannot be used at this moment; none where it can.
    pub(crate) fn fault(&self) -> Option<String> {
        let mut running = self.running.borrow_mut();
        match running.as_mut().map(Database::server_connections) {
            Some(Ok(_)) => None,
            Some(Err(error)) => Some(error.to_string()),
            None => Some("it does not run".to_owned()),
        }
    }

    /// The counters at this moment. What cannot be read is left out.
    pub(crate) fn edge(&self) -> DatabaseEdge {
        let mut running = self.running.borrow_mut();
        let Some(database) = running.as_mut() else { return DatabaseEdge::default() };
        let reading = database.reading();
        let asked = Instant::now();
        let statements = database.running_count().ok().flatten();
        let count_delay = statements.map(|_| asked.elapsed());
        let connections = database.server_connections().ok();
        DatabaseEdge { reading, statements, count_delay, connections }
    }

    /// The ids of its processes, the first one first.
    pub(crate) fn processes(&self) -> Vec<u32> {
        self.running.borrow().as_ref().map(Database::processes).unwrap_or_default()
    }

    /// Connections that a server may have.
    pub(crate) fn pool(&self) -> u32 {
        self.pool
    }

    /// Runs pgbench on it; see [`Database::pgbench`].
    pub(crate) fn pgbench(&self, plan: &PgbenchPlan) -> Result<PgbenchReport, PgbenchError> {
        match self.running.borrow().as_ref() {
            Some(database) => database.pgbench(&self.source, plan),
            None => {
                Err(PgbenchError::Failed { status: "no database".to_owned(), tail: String::new() })
            }
        }
    }

    /// The version of that pgbench; none where there is no pgbench.
    pub(crate) fn pgbench_version(&self) -> Option<String> {
        pgbench_version(&self.source).ok().filter(|version| !version.is_empty())
    }

    pub(crate) fn stop(self) -> Result<(), StopDatabaseError> {
        self.running.into_inner().map_or(Ok(()), Database::stop)
    }
}

impl std::fmt::Debug for RunDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunDatabase").field("source", &self.source).finish_non_exhaustive()
    }
}

/// What the database did between two edges.
pub(crate) fn used_between(opened: &DatabaseEdge, closed: &DatabaseEdge) -> DatabaseUse {
    let readings = opened.reading.as_ref().zip(closed.reading.as_ref());
    let counts = opened.statements.zip(closed.statements);
    let more = |of: fn(&StatementCount) -> u64| {
        counts.map(|(before, after)| of(&after).saturating_sub(of(&before)))
    };
    DatabaseUse {
        cpu_ns: readings.map(|(before, after)| before.until(after).cpu.total_ns),
        statements: more(|count| count.calls),
        rows: more(|count| count.rows),
        count_delay_ns: opened
            .count_delay
            .max(closed.count_delay)
            .map(|delay| u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX)),
        connections: opened.connections.max(closed.connections),
    }
}

/// Whether one of the endpoints that `workload` uses needs the database.
#[must_use]
pub fn needs_database(tree: &SpecTree, workload: &Workload) -> bool {
    let needing = |id: &_| {
        let all = tree.endpoints.value.endpoints.iter();
        let mut of_id = all.filter(|endpoint| endpoint.id == *id);
        of_id.any(|endpoint| endpoint.needs.contains(&Need::Database))
    };
    workload.endpoints().any(needing)
}
