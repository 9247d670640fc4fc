//! The two edges of the measured window: what is read there, and what was used in between.

use httpdyno_loadgen::{Observer, SecondReport, Started};
use httpdyno_record::{DatabaseUse, ForeignTime};
use httpdyno_target::accounting::{Energy, EnergyMeter, Reading, Use};
use httpdyno_target::{CoreSplit, IdleGuard};

use super::foreign::{CoreEdge, Own};
use super::resources::COUNTER_GONE;
use crate::database::{DatabaseEdge, RunDatabase, used_between};
use crate::served::Served;
use crate::trial::TrialContext;

/// Reads the server's counters, the hypervisor's and the processor's at both ends of the window.
pub(super) struct Window<'a> {
    server: &'a Served,
    cores: &'a CoreSplit,
    measured: Vec<u32>,
    guard: Option<&'a IdleGuard>,
    steal_ns: fn(&[u32]) -> u64,
    meter: &'a Result<EnergyMeter, String>,
    database: Option<&'a RunDatabase>,
    opened: Edge,
    closed: Edge,
    /// What the server's threads had taken under load: those of a connection end with it.
    escapes: Vec<String>,
    told: &'a mut dyn FnMut(&SecondReport),
}

#[derive(Default)]
struct Edge {
    cores: Option<CoreEdge>,
    /// Early, since it is what must be of the very moment.
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
        context: TrialContext<'a>,
        meter: &'a Result<EnergyMeter, String>,
        database: Option<&'a RunDatabase>,
        told: &'a mut dyn FnMut(&SecondReport),
    ) -> Self {
        let TrialContext { cores, steal_ns, guard, .. } = context;
        let (opened, closed) = (Edge::default(), Edge::default());
        let (measured, escapes) = (cores.measured(), Vec::new());
        Self {
            server,
            cores,
            measured,
            guard,
            steal_ns,
            meter,
            database,
            opened,
            closed,
            escapes,
            told,
        }
    }

    fn edge(&self) -> Edge {
        Edge {
            cores: Some(CoreEdge::now(self.cores, self.guard)),
            reading: self.server.reading(),
            steal_ns: (self.steal_ns)(&self.measured),
            energy: self.meter.as_ref().map(EnergyMeter::read).unwrap_or_default(),
            database: self.database.map(RunDatabase::edge).unwrap_or_default(),
        }
    }

    /// What others used of the cores, beside what was `used` and what the generator did; `programs`
    /// were the busiest.
    pub(super) fn foreign(
        &self,
        used: &Used,
        generator_ns: u64,
        programs: Vec<String>,
    ) -> Option<ForeignTime> {
        let own = Own {
            server_ns: (!self.server.is_foreign()).then_some(used.server.cpu.total_ns),
            generator_ns,
            database_ns: self.database.map(|_| used.database.as_ref()?.cpu_ns),
        };
        let (opened, closed) = (self.opened.cores.as_ref()?, self.closed.cores.as_ref()?);
        Some(ForeignTime { programs, ..opened.foreign_until(closed, self.cores, own) })
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

    fn second(&mut self, second: &SecondReport) {
        (self.told)(second);
    }

    fn window_closed(&mut self) {
        self.closed = self.edge();
        // Threads of a connection end with it, so those that left within the window are asked now.
        for escape in self.server.escapes() {
            if !self.escapes.contains(&escape) {
                self.escapes.push(escape);
            }
        }
    }
}
