//! Whether the cores were the trial's own: what others ran on them, and who waited for whom.

use httpdyno_record::{Figure, ForeignTime, Gate, GateFailure};
use httpdyno_target::core_time::RESOLUTION_NS;

use super::{ALL, Seen, failure, percent, ppm};

/// On the generator's cores others move when requests are sent and answers are read, which is the
/// pace of a closed loop and the bursts of an open one; what a server does is its own all the same.
const GENERATOR_CLOSED: &[Figure] = &[Figure::Throughput, Figure::Latency];
const GENERATOR_OPEN: &[Figure] = &[Figure::Latency, Figure::Cost];

/// Somebody else ran on measured cores. One failure for each role.
pub(super) fn foreign(seen: &Seen<'_>) -> Vec<GateFailure> {
    let Some(foreign) = &seen.measurement.foreign else { return Vec::new() };
    let is_open = seen.measurement.generator.open_loop.is_some();
    let generator = if is_open { GENERATOR_OPEN } else { GENERATOR_CLOSED };
    let cores = seen.cores;
    let server: Vec<u32> = if cores.shared { cores.measured() } else { cores.server.clone() };
    let roles = [
        ("server", foreign.server_ns, &server, ALL),
        ("generator", foreign.generator_ns, &cores.generator, generator),
        ("database", foreign.database_ns, &cores.database, ALL),
    ];
    roles
        .into_iter()
        .filter_map(|(role, used_ns, cores, voids)| foreign_on(seen, role, used_ns?, cores, voids))
        .collect()
}

fn foreign_on(
    seen: &Seen<'_>,
    role: &str,
    used_ns: u64,
    cores: &[u32],
    voids: &[Figure],
) -> Option<GateFailure> {
    let available = seen.measurement.elapsed_ns.saturating_mul(cores.len() as u64);
    // What the counters do not resolve is no finding.
    let certain_ns = used_ns.saturating_sub(RESOLUTION_NS.saturating_mul(cores.len() as u64));
    let share = ppm(certain_ns, available);
    if share <= u64::from(seen.gates.foreign_ppm) {
        return None;
    }
    failure(
        Gate::Foreign,
        voids,
        format!(
            "{} of the time of the {role}'s cores {cores:?} went to others, allowed are {}{}; stop \
             what else runs on this machine, or keep it off these cores",
            percent(share),
            percent(seen.gates.foreign_ppm.into()),
            busiest(seen.measurement.foreign.as_ref())
        ),
    )
}

fn busiest(foreign: Option<&ForeignTime>) -> String {
    match foreign.map(|foreign| foreign.programs.join(", ")) {
        Some(programs) if !programs.is_empty() => {
            format!(" (busiest on the machine, from before the load until after it: {programs})")
        }
        _ => String::new(),
    }
}

/// A server that waits for its core has another pace, and is sent and answers in bursts.
pub(super) fn server_delay(seen: &Seen<'_>) -> Option<GateFailure> {
    let measurement = seen.measurement;
    // Those who are meant to run on the same core are no others.
    let database_ns = measurement.database.as_ref().and_then(|used| used.cpu_ns);
    let beside_ns = match (seen.uses_database && may_be_beside(seen), database_ns) {
        (true, None) => return None,
        (true, Some(used_ns)) => used_ns,
        (false, _) => 0,
    };
    let generator_ns = if seen.cores.shared { measurement.generator_cpu_ns } else { 0 };
    let waited_ns = measurement.server.waited_for_others_ns?;
    let waited_ns = waited_ns.saturating_sub(beside_ns + generator_ns);
    let share = ppm(waited_ns, measurement.elapsed_ns);
    if share <= u64::from(seen.gates.server_delay_ppm) {
        return None;
    }
    let voids = match measurement.generator.open_loop {
        None => GENERATOR_CLOSED,
        Some(_) if seen.connections == 1 => &[Figure::Latency],
        Some(_) => GENERATOR_OPEN,
    };
    failure(
        Gate::ServerDelay,
        voids,
        format!(
            "a thread of the server was ready to run for {} of the window while neither it nor \
             another one of the server ran, allowed are {}: something else had its core; stop it, \
             or give the server another core",
            percent(share),
            percent(seen.gates.server_delay_ppm.into())
        ),
    )
}

/// Whether the database may run on the server's cores.
fn may_be_beside(seen: &Seen<'_>) -> bool {
    let (server, database) = (&seen.cores.server, &seen.cores.database);
    database.is_empty() || database.iter().any(|core| server.contains(core))
}

/// At a peak somebody is busy: the server, its database, or the generator. A loop in which all of
/// them wait has the pace of what they wait for.
pub(super) fn nobody_busy(seen: &Seen<'_>) -> Option<GateFailure> {
    let measurement = seen.measurement;
    if !seen.is_peak || seen.server_cores == 0 || seen.waits_by_contract {
        return None;
    }
    let share = |used_ns: u64, cores: usize| {
        ppm(used_ns, measurement.elapsed_ns.saturating_mul(cores.max(1) as u64))
    };
    let database_ns = match (seen.uses_database, &measurement.database) {
        (true, used) => used.as_ref()?.cpu_ns?,
        (false, _) => 0,
    };
    let (beside_ns, apart_ns) =
        if may_be_beside(seen) { (database_ns, 0) } else { (0, database_ns) };
    let server = share(measurement.server_cpu_ns.saturating_add(beside_ns), seen.server_cores);
    let database = share(apart_ns, seen.cores.database.len());
    let generator = measurement.generator.cpu_share_ppm;
    let busiest = server.max(database).max(generator);
    if busiest >= u64::from(seen.gates.server_busy_ppm) {
        return None;
    }
    failure(
        Gate::NobodyBusy,
        &[Figure::Throughput],
        format!(
            "neither the server ({} of its cores, its database included) nor the generator ({}) was \
             busy, one of them has to be for {} at a peak: this rate is that of what they waited for \
             (each other, a timer, a lock, or their cores); hold more connections, stop what else \
             runs, or compare at fixed rates",
            percent(server.max(database)),
            percent(generator),
            percent(seen.gates.server_busy_ppm.into())
        ),
    )
}
