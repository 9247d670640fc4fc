//! The two edges of the measured window: what is read there, and what was used in between.

use httpdyno_loadgen::{Observer, Started};
use httpdyno_record::DatabaseUse;
use httpdyno_target::accounting::{Energy, EnergyMeter, Reading, Use};

use super::resources::COUNTER_GONE;
use crate::database::{DatabaseEdge, RunDatabase, used_between};
use crate::served::Served;

/// Reads the server's counters, the hypervisor's and the processor's at both ends of the window.
pub(super) struct Window<'a> {
    server: &'a Served,
    cores: &'a [u32],
    steal_ns: fn(&[u32]) -> u64,
    meter: &'a Result<EnergyMeter, String>,
    database: Option<&'a RunDatabase>,
    opened: Edge,
    closed: Edge,
    /// What the server's threads had taken under load: those of a connection end with it.
    escapes: Vec<String>,
}

#[derive(Default)]
struct Edge {
    /// First, since it is what must be of the very moment.
    reading: Reading,
    steal_ns: u64,
    energy: Energy,
    database: DatabaseEdge,
}

/// What was used between the two ends.
#[derive(Debug)]
pub(super) struct Used {
    pub(super) server: Use,
    pub(super) steal_ns: u64,
    /// Microjoules of the processor packages, or why there is no such figure.
    pub(super) package_energy_uj: Result<u64, String>,
    /// What the server's threads had taken that they were not given.
    pub(super) escapes: Vec<String>,
    /// What the database did; absent where none was offered.
    pub(super) database: Option<DatabaseUse>,
}

impl<'a> Window<'a> {
    pub(super) fn new(
        server: &'a Served,
        cores: &'a [u32],
        steal_ns: fn(&[u32]) -> u64,
        meter: &'a Result<EnergyMeter, String>,
        database: Option<&'a RunDatabase>,
    ) -> Self {
        let (opened, closed) = (Edge::default(), Edge::default());
        let escapes = Vec::new();
        Self { server, cores, steal_ns, meter, database, opened, closed, escapes }
    }

    fn edge(&self) -> Edge {
        Edge {
            reading: self.server.reading(),
            steal_ns: (self.steal_ns)(self.cores),
            energy: self.meter.as_ref().map(EnergyMeter::read).unwrap_or_default(),
            database: self.database.map(RunDatabase::edge).unwrap_or_default(),
        }
    }

    pub(super) fn used(&self) -> Used {
        let energy = |meter: &EnergyMeter| {
            let used = meter.between(&self.opened.energy, &self.closed.energy);
            used.ok_or_else(|| COUNTER_GONE.to_owned())
        };
        Used {
            server: self.opened.reading.until(&self.closed.reading),
            steal_ns: self.closed.steal_ns.saturating_sub(self.opened.steal_ns),
            package_energy_uj: self.meter.as_ref().map_err(Clone::clone).and_then(energy),
            escapes: self.escapes.clone(),
            database: self
                .database
                .map(|_| used_between(&self.opened.database, &self.closed.database)),
        }
    }
}

impl Observer for Window<'_> {
    /// All connections are there and nothing is measured yet: whoever has accepted one is seen.
    fn started(&mut self, _started: &Started) {
        self.server.look();
    }

    fn window_opened(&mut self) {
        self.opened = self.edge();
        self.escapes = self.server.escapes();
    }

    fn window_closed(&mut self) {
        self.closed = self.edge();
    }
}
