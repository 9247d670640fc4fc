//! What others took from the machine.

use httpdyno_record::{Gate, GateFailure};

use super::{ALL, Seen, exceeds, failure, percent, ppm};

/// The machine is not the one that the profile describes, so that nothing on it is what it seems.
pub(super) fn unfit(seen: &Seen<'_>) -> Option<GateFailure> {
    let misfit = seen.misfits.iter().find(|misfit| misfit.voids)?;
    let message =
        format!("this machine does not fit the profile: {}; {}", misfit.found, misfit.remedy);
    failure(Gate::Unfit, ALL, message)
}

/// The kernel counts steal in ticks of 10 ms: one tick more or less is no finding.
const STEAL_RESOLUTION_NS: u64 = 10_000_000;

pub(super) fn steal(seen: &Seen<'_>) -> Option<GateFailure> {
    let measurement = seen.measurement;
    let available = measurement.elapsed_ns.saturating_mul(seen.measured_cores.max(1) as u64);
    let certain = measurement.steal_ns.saturating_sub(STEAL_RESOLUTION_NS);
    if !exceeds(certain, available, seen.gates.steal_ppm) {
        return None;
    }
    let share = ppm(certain, available);
    failure(
        Gate::Steal,
        ALL,
        format!(
            "the hypervisor took {} of the measured cores' time, allowed are {}; measure when the \
             host is quieter, or on hardware of your own",
            percent(share),
            percent(seen.gates.steal_ppm.into())
        ),
    )
}
