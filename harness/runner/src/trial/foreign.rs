//! CPU time on the measured cores that is nobody's of the trial.

use httpdyno_record::ForeignTime;
use httpdyno_target::accounting::thread_cpu_ns;
use httpdyno_target::core_time::CoreTimes;
use httpdyno_target::{CoreSplit, IdleGuard};

/// What the cores and the harness itself did until one edge of the window.
#[derive(Clone, Debug)]
pub(super) struct CoreEdge {
    times: CoreTimes,
    /// The idle guard on the server's and on the generator's cores.
    guard_ns: [u64; 2],
    /// The thread that drives the run; it reads all this, on the generator's cores.
    driver_ns: u64,
}

/// What the trial's own used in the window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Own {
    /// Absent of a server that somebody else runs.
    pub(super) server_ns: Option<u64>,
    pub(super) generator_ns: u64,
    /// Whether a database was used, and its time where that is known.
    pub(super) database_ns: Option<Option<u64>>,
}

impl CoreEdge {
    pub(super) fn now(cores: &CoreSplit, guard: Option<&IdleGuard>) -> Self {
        let times = CoreTimes::now();
        let spent = |cores: &[u32]| guard.map_or(0, |guard| guard.spent_ns(cores));
        let guard_ns = [spent(&cores.server), spent(&cores.generator)];
        Self { times, guard_ns, driver_ns: thread_cpu_ns() }
    }

    /// What others used until the later edge `closed`.
    pub(super) fn foreign_until(&self, closed: &Self, cores: &CoreSplit, own: Own) -> ForeignTime {
        let busy = |cores: &[u32]| self.times.busy_ns(&closed.times, cores);
        let [on_server, on_generator] =
            [0, 1].map(|role| closed.guard_ns[role].saturating_sub(self.guard_ns[role]));
        let driver_ns = closed.driver_ns.saturating_sub(self.driver_ns);
        let harness_ns = own.generator_ns + driver_ns + on_generator;
        let Some(server_ns) = own.server_ns else { return ForeignTime::default() };
        let (server, generator) = (&cores.server, &cores.generator);
        let on = |role: &[u32], own_ns: u64| {
            let own_ns = own_ns + database_on(cores, role, own.database_ns)?;
            Some(busy(role)?.saturating_sub(own_ns))
        };
        if cores.shared {
            let all: Vec<u32> = cores.measured();
            // A spinner on a shared core is in both.
            let guard_ns = on_server.max(on_generator);
            let own_ns = server_ns + own.generator_ns + driver_ns + guard_ns;
            return ForeignTime { server_ns: on(&all, own_ns), ..ForeignTime::default() };
        }
        let apart = |core: &u32| !server.contains(core) && !generator.contains(core);
        let database: Vec<u32> = cores.database.iter().copied().filter(apart).collect();
        let used = own.database_ns.is_some() && !database.is_empty();
        ForeignTime {
            server_ns: on(server, server_ns + on_server),
            generator_ns: on(generator, harness_ns),
            database_ns: used.then(|| on(&database, 0)).flatten(),
            programs: Vec::new(),
        }
    }
}

/// What the database may have used on these cores of a role; nothing where nobody knows.
fn database_on(cores: &CoreSplit, role: &[u32], used: Option<Option<u64>>) -> Option<u64> {
    let may_be_there =
        cores.database.is_empty() || cores.database.iter().any(|core| role.contains(core));
    match used {
        Some(used) if may_be_there => used,
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::{CoreSplit, database_on};

    #[test]
    fn a_database_is_accounted_for_where_it_may_run() {
        let mut cores =
            CoreSplit { server: vec![0], generator: vec![1], database: vec![0], shared: false };
        assert_eq!(database_on(&cores, &[0], Some(Some(7))), Some(7));
        assert_eq!(database_on(&cores, &[1], Some(Some(7))), Some(0));
        assert_eq!(database_on(&cores, &[0], Some(None)), None, "somebody else's");
        assert_eq!(database_on(&cores, &[0], None), Some(0), "none is used");
        cores.database.clear();
        assert_eq!(database_on(&cores, &[1], Some(Some(7))), Some(7), "anywhere");
    }
}
