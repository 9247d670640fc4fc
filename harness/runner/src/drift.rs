//! Whether the machine changed between the first and the last block of a run.
//!
//! Blocks cancel drift from ratios; from absolute rates nothing does. So this is said of the run
//! as a whole.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_record::{Purpose, TrialRecord};
use httpdyno_stats::drift::{Steadiness, drift};
use httpdyno_stats::{Effect, Probability};

use crate::ceiling::NULL_SERVER;

/// What a reader must know, when the rates drifted by more than `limit_ppm`: those of the null
/// server where it ran, else those of all entries.
pub(crate) fn warning(trials: &[TrialRecord], limit_ppm: u32) -> Option<String> {
    let has_null = trials.iter().any(|trial| trial.entry == NULL_SERVER);
    let series = series(trials, |entry| !has_null || entry == NULL_SERVER);
    let slices: Vec<&[u64]> = series.iter().map(Vec::as_slice).collect();
    let drift = drift(&slices)?;
    let limit = Effect::from_ppm(limit_ppm);
    let interval = drift.trend?.interval(Probability::P95);
    (drift.judge(limit) == Steadiness::Drifted).then(|| {
        let whose = if has_null { "the null server's rates" } else { "the rates of all entries" };
        format!(
            "gate drift: {whose} in the last block are {interval} of those in the first (95 % \
             interval), allowed is a change of {limit}: the machine changed, and absolute rates of \
             this run are not numbers; ratios within blocks are. Measure when nothing else runs"
        )
    })
}

/// Rates by block, of everyone who has one in each block.
fn series(trials: &[TrialRecord], who: impl Fn(&str) -> bool) -> Vec<Vec<u64>> {
    let compared = |trial: &&TrialRecord| trial.purpose == Purpose::Compare && who(&trial.entry);
    let mut rates: BTreeMap<(&str, &str, u32), BTreeMap<u32, Vec<u64>>> = BTreeMap::new();
    let mut blocks = BTreeSet::new();
    for trial in trials.iter().filter(compared) {
        blocks.insert(trial.block);
        // An offered rate says nothing of the machine.
        let rate = trial.measurement().filter(|_| trial.offered_per_s.is_none());
        let Some(rate) = rate.map(httpdyno_record::Measurement::responses_per_s) else { continue };
        let key = (trial.entry.as_str(), trial.workload.as_str(), trial.connections);
        rates.entry(key).or_default().entry(trial.block).or_default().push(rate);
    }
    let mean = |rates: &Vec<u64>| rates.iter().sum::<u64>() / rates.len().max(1) as u64;
    let whole = rates.into_values().filter(|by_block| by_block.len() == blocks.len());
    whole.map(|by_block| by_block.values().map(mean).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::warning;
    use crate::made_up;
    use httpdyno_record::{Measurement, TrialRecord};

    fn trial(entry: &str, block: u32, per_s: u64) -> TrialRecord {
        let measurement =
            Measurement { elapsed_ns: 1_000_000_000, responses: per_s, ..Measurement::default() };
        TrialRecord { block, entry: entry.to_owned(), ..made_up::trial(measurement) }
    }

    fn run(entry: &str, change_per_block: i64) -> Vec<TrialRecord> {
        let rate = |block: i64| 100_000 + change_per_block * block + (block % 2) * 100;
        (0..8).map(|block| trial(entry, block as u32, rate(block) as u64)).collect()
    }

    #[test]
    fn a_machine_that_becomes_slower_is_said() {
        assert_eq!(warning(&run("a", 0), 50_000), None);
        let text = warning(&run("a", -2_000), 50_000).expect("it drifted");
        assert!(text.starts_with("gate drift: the rates of all entries"), "{text}");
    }

    #[test]
    fn the_null_server_speaks_for_the_machine() {
        let mut trials = run("a", -2_000);
        trials.extend(run("null-server", 0));
        assert_eq!(warning(&trials, 50_000), None);
        trials.extend(run("null-server", -4_000));
        assert!(warning(&trials, 50_000).expect("it drifted").contains("null server"));
    }

    #[test]
    fn nothing_to_compare_is_no_drift() {
        assert_eq!(warning(&[], 0), None);
        assert_eq!(warning(&[trial("a", 0, 5)], 0), None);
    }
}
