//! The checks of the gates: what makes figures of a trial void. What else there is to know of each is
//! in the table of `httpdyno_record::gate`; its threshold is in the profile, and its message says what
//! can be done.

mod answers;
mod confinement;
mod cores;
mod machine;
mod pace;
mod saturation;

use httpdyno_record::fitness::Misfit;
use httpdyno_record::{Figure, Gate, GateFailure, Measurement};
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
    Gate::all().flat_map(|gate| check(gate, seen)).collect()
}

/// What `gate` finds in a trial as the load left it. No gate can be forgotten here: those that look at
/// something else are named with where they look.
fn check(gate: Gate, seen: &Seen<'_>) -> Vec<GateFailure> {
    let found = match gate {
        Gate::Errors => answers::errors(seen),
        Gate::Responses => answers::responses(seen),
        Gate::Established => answers::established(seen),
        Gate::WarmUp => pace::warm_up(seen),
        Gate::Window => pace::steadiness(seen),
        Gate::LittlesLaw => pace::littles_law(seen),
        Gate::Offered => pace::offered(seen),
        Gate::SendLag => pace::send_lag(seen),
        Gate::GeneratorDelay => saturation::generator_delay(seen),
        Gate::Generator => saturation::generator(seen),
        Gate::Headroom => saturation::headroom(seen),
        Gate::ServerUnsaturated => saturation::server_unsaturated(seen),
        Gate::ServerDelay => cores::server_delay(seen),
        Gate::NobodyBusy => cores::nobody_busy(seen),
        Gate::Steal => machine::steal(seen),
        Gate::Unfit => machine::unfit(seen),
        Gate::Foreign => return cores::foreign(seen),
        // What was seen of the server beside the load: `trial.rs` asks [`audit`], [`confinement`],
        // [`within_cores`] and [`cost_floor`], and `trial/database.rs` has those of the database.
        Gate::Audit | Gate::Confinement | Gate::CostFloor => None,
        Gate::Statements | Gate::Pool => None,
        // Of rows: `rows.rs` of the record. Of the run: `drift.rs` of the analysis.
        Gate::FailedTrial | Gate::Blocks | Gate::Drift => None,
    };
    found.into_iter().collect()
}

/// Everything is void.
const ALL: &[Figure] = &[];

fn failure(gate: Gate, voids: &[Figure], message: String) -> Option<GateFailure> {
    Some(GateFailure::of(gate, voids, message))
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
