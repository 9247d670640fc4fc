//! Two entries of one run, block by block: what is compared, and what it is compared by.

use std::collections::BTreeSet;

use httpdyno_record::{Figure, Measurement, TrialRecord};
use httpdyno_stats::PairedBlock;

/// A number of a trial; nothing where it has none that counts.
pub(crate) type Number = fn(&TrialRecord) -> Option<u64>;

/// The blocks, with their numbers, in which both of `pair` have the number.
pub(crate) fn blocks(
    trials: &[&TrialRecord],
    pair: (&str, &str),
    number: Number,
) -> Vec<(u32, PairedBlock)> {
    let numbered: BTreeSet<u32> = trials.iter().map(|trial| trial.block).collect();
    let of = |name: &str, block: u32| -> Vec<u64> {
        let own = trials.iter().filter(|trial| trial.block == block && trial.entry == name);
        own.filter_map(|trial| number(trial)).collect()
    };
    numbered
        .into_iter()
        .map(|block| (block, PairedBlock { a: of(pair.0, block), b: of(pair.1, block) }))
        .filter(|(_, both)| !both.a.is_empty() && !both.b.is_empty())
        .collect()
}

/// CPU time per response in picoseconds: whole nanoseconds would be too coarse for the cheapest
/// servers.
pub(crate) fn cpu_ps(trial: &TrialRecord) -> Option<u64> {
    let measured = trial.valid_for(Figure::Cost)?;
    per_response_ps(measured.server_cpu_ns, measured)
}

/// The part of it in user mode, as the kernel's ticks divide it.
pub(crate) fn user_ps(trial: &TrialRecord) -> Option<u64> {
    let measured = trial.valid_for(Figure::Cost)?;
    per_response_ps(measured.server.user_ns?, measured)
}

/// Right responses per second.
pub(crate) fn rate(trial: &TrialRecord) -> Option<u64> {
    trial.valid_for(Figure::Throughput).map(Measurement::responses_per_s).filter(|&rate| rate > 0)
}

fn per_response_ps(time_ns: u64, measured: &Measurement) -> Option<u64> {
    let each = (u128::from(time_ns) * 1000).checked_div(u128::from(measured.responses))?;
    u64::try_from(each).ok().filter(|&each| each > 0)
}
