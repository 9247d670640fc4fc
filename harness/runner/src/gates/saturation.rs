//! Whose limit it is that a closed loop shows: only the server's is a result.
//!
//! Cost stays valid here: it is CPU time per response at the rate that there was, whoever set it.

use httpdyno_record::{Figure, Gate, GateFailure};

use super::{Seen, exceeds, failure, percent, ppm};

/// At its peak, with the generator at its own limit, neither rate nor latency is the server's.
const PACE: &[Figure] = &[Figure::Throughput, Figure::Latency];

/// A generator that takes several responses at a time when it falls behind is busy long before it
/// is the limit. A server without a free moment never waited for it, and its rate is its own; how
/// long a response then lay in the generator's hands, nobody knows.
pub(super) fn generator(seen: &Seen<'_>) -> Option<GateFailure> {
    let share = seen.measurement.generator.cpu_share_ppm;
    if !seen.is_peak || share <= u64::from(seen.gates.generator_cpu_ppm) {
        return None;
    }
    let voids = if is_at_its_limit(seen) { &[Figure::Latency] } else { PACE };
    failure(
        Gate::Generator,
        voids,
        format!(
            "the generator used {} of its cores, allowed are {} (the server {} of its own): it may \
             be what was measured; give it more cores, or compare at fixed rates",
            percent(share),
            percent(seen.gates.generator_cpu_ppm.into()),
            percent(server_share(seen))
        ),
    )
}

/// The server uses all of its cores, and not because it spins while it waits.
fn is_at_its_limit(seen: &Seen<'_>) -> bool {
    let second_of_cores = 1_000_000_000 * seen.server_cores as u64;
    let spins = |idle: u64| exceeds(idle, second_of_cores, IDLE_PPM);
    let idle = seen.measurement.server.idle_cpu_ns_per_s;
    server_share(seen) >= u64::from(seen.gates.server_limit_ppm) && !idle.is_none_or(spins)
}

/// An idle server that uses more of its cores than this spins.
const IDLE_PPM: u32 = 50_000;

/// CPU time of the server over that of its cores.
fn server_share(seen: &Seen<'_>) -> u64 {
    let available = seen.measurement.elapsed_ns.saturating_mul(seen.server_cores as u64);
    ppm(seen.measurement.server_cpu_ns, available)
}

/// Something else had the generator's core: its requests came in bursts, which are cheaper to
/// serve than the steady ones that were meant, and it read the answers late.
pub(super) fn generator_delay(seen: &Seen<'_>) -> Option<GateFailure> {
    let generator = &seen.measurement.generator;
    let (delay_ns, elapsed_ns) = (generator.run_delay_ns?, seen.measurement.elapsed_ns);
    if !exceeds(delay_ns, elapsed_ns, seen.gates.generator_delay_ppm) {
        return None;
    }
    let share = ppm(delay_ns, elapsed_ns);
    let voids = match generator.open_loop {
        None => PACE,
        // On a single connection a burst is served one by one, at the same cost.
        Some(_) if seen.connections == 1 => &[Figure::Latency],
        Some(_) => &[Figure::Latency, Figure::Cost],
    };
    failure(
        Gate::GeneratorDelay,
        voids,
        format!(
            "the generator waited for its core for {} of the window, allowed are {}: something \
             else ran there; stop it, or give the generator another core",
            percent(share),
            percent(seen.gates.generator_delay_ppm.into())
        ),
    )
}

pub(super) fn headroom(seen: &Seen<'_>) -> Option<GateFailure> {
    let (rate, ceiling) = (seen.measurement.responses_per_s(), seen.null_per_s?);
    if !seen.is_peak || !exceeds(rate, ceiling, seen.gates.headroom_ppm) {
        return None;
    }
    let share = ppm(rate, ceiling);
    failure(
        Gate::Headroom,
        &[Figure::Throughput],
        format!(
            "{rate} responses per second are {} of the null server's {ceiling}, allowed are {}: \
             the ceiling of generator and machine is too near; give the generator more cores, or \
             compare at fixed rates",
            percent(share),
            percent(seen.gates.headroom_ppm.into())
        ),
    )
}

/// The generator is busy, and the server is not.
pub(super) fn server_unsaturated(seen: &Seen<'_>) -> Option<GateFailure> {
    let server = server_share(seen);
    let generator = seen.measurement.generator.cpu_share_ppm;
    let least = u64::from(seen.gates.server_busy_ppm);
    // A server that waits for something else (a timer, a database) leaves the generator idle too.
    let generator_is_busy = generator >= least && generator > server;
    if !seen.is_peak || seen.server_cores == 0 || server >= least || !generator_is_busy {
        return None;
    }
    failure(
        Gate::ServerUnsaturated,
        &[Figure::Throughput],
        format!(
            "the server used {} of its cores (at least {} are needed for a peak) while the \
             generator used {} of its own: this is not the server's peak; give the generator more \
             cores, or the server fewer",
            percent(server),
            percent(least),
            percent(generator)
        ),
    )
}
