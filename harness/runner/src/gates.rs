//! Gates: what makes figures of a trial void. Each has its own name, its threshold in the profile,
//! and says which kinds of figures it concerns and what can be done.

mod answers;
mod confinement;
mod cores;
mod machine;
mod pace;
mod saturation;

use httpdyno_record::fitness::Misfit;
use httpdyno_record::{Figure, GateFailure, Measurement};
use httpdyno_spec::profile::Gates;
use httpdyno_target::CoreSplit;

pub(crate) use answers::audit;
pub(crate) use confinement::{confinement, cost_floor, within_cores};

/// All that the gates look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) measurement: &'a Measurement,
    pub(crate) gates: &'a Gates,
    /// Connections asked for.
    pub(crate) connections: u32,
    /// Cores of the server; 0 where its CPU time is not known.
    pub(crate) server_cores: usize,
    /// Cores that are measured on: the server's and the generator's.
    pub(crate) measured_cores: usize,
    /// Which those are.
    pub(crate) cores: &'a CoreSplit,
    /// How the machine differs from what the profile takes it for.
    pub(crate) misfits: &'a [Misfit],
    /// Whether a database was used.
    pub(crate) uses_database: bool,
    /// Whether the contract has the server wait before it answers.
    pub(crate) waits_by_contract: bool,
    /// Whether the load is a closed loop without pauses: the pace is to be the server's own. Not of
    /// the null server, whose pace is the ceiling of generator and machine.
    pub(crate) is_peak: bool,
    /// Right responses per second of the null server at the same point of the same block.
    pub(crate) null_per_s: Option<u64>,
}

/// The gates that do not pass.
pub(crate) fn failed_gates(seen: &Seen<'_>) -> Vec<GateFailure> {
    [
        answers::errors(seen),
        answers::responses(seen),
        answers::established(seen),
        pace::warm_up(seen),
        pace::steadiness(seen),
        pace::littles_law(seen),
        pace::offered(seen),
        pace::send_lag(seen),
        saturation::generator(seen),
        saturation::generator_delay(seen),
        saturation::headroom(seen),
        saturation::server_unsaturated(seen),
        cores::nobody_busy(seen),
        cores::server_delay(seen),
        machine::steal(seen),
        machine::unfit(seen),
    ]
    .into_iter()
    .flatten()
    .chain(cores::foreign(seen))
    .collect()
}

/// Everything is void.
const ALL: &[Figure] = &[];

fn failure(gate: &str, voids: &[Figure], message: String) -> Option<GateFailure> {
    Some(GateFailure { gate: gate.to_owned(), message, voids: voids.to_vec() })
}

/// Whether `part` is more than `ppm` parts per million of `whole`, exactly: a share that is rounded to
/// whole parts first would let up to one of a million through.
pub(crate) fn exceeds(part: u64, whole: u64, ppm: u32) -> bool {
    u128::from(part) * 1_000_000 > u128::from(whole) * u128::from(ppm)
}

/// `part` of `whole` in parts per million, rounded down, for messages; of nothing it is 0.
fn ppm(part: u64, whole: u64) -> u64 {
    let share = (u128::from(part) * 1_000_000).checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// Parts per million as a person reads them.
fn percent(ppm: u64) -> String {
    let hundredths = ppm / 100;
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod choosing_tests;
#[cfg(test)]
mod tests;
