//! An entry against the baseline at one point: paired by block, judged by `stats`.

use httpdyno_record::TrialRecord;
use httpdyno_stats::verdict::{Rule, judge};
use httpdyno_stats::{Better, LogDifferences, PairedBlock};
use serde::Serialize;

/// The throughput of an entry as a ratio to the baseline's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Versus {
    /// The ratio, in parts per million.
    pub ratio_ppm: u64,
    /// Lower end of its 95 % interval.
    pub low_ppm: u64,
    /// Upper end of its 95 % interval.
    pub high_ppm: u64,
    /// `faster`, `slower`, `equivalent` or `unresolved`, with a margin of 2 %.
    pub verdict: String,
    /// The smallest true difference that so many blocks of such noise would have shown.
    pub detectable_ppm: u32,
    /// Blocks in which both have a valid trial.
    pub blocks: u32,
}

impl Versus {
    /// Compares the trials of one point. Nothing where fewer than two blocks hold both: a single
    /// pair says nothing about how far another one would lie.
    #[must_use]
    pub fn of(trials: &[&TrialRecord], entry: &str, baseline: &str) -> Option<Self> {
        let rate = |name: &str, block: u32| -> Vec<u64> {
            let here = trials.iter().filter(|trial| trial.block == block && trial.entry == name);
            here.filter_map(|trial| Some(trial.valid()?.responses_per_s())).collect()
        };
        let last = trials.iter().map(|trial| trial.block).max()?;
        let blocks: Vec<PairedBlock> = (0..=last)
            .map(|block| PairedBlock { a: rate(entry, block), b: rate(baseline, block) })
            .filter(|pair| !pair.a.is_empty() && !pair.b.is_empty())
            .collect();
        let estimate = LogDifferences::from_blocks(&blocks).ok()?.estimate();
        let judgement = judge(&estimate, &Rule::new(Better::Higher));
        Some(Self {
            ratio_ppm: judgement.ratio.ppm(),
            low_ppm: judgement.interval.low.ppm(),
            high_ppm: judgement.interval.high.ppm(),
            verdict: judgement.verdict.to_string(),
            detectable_ppm: judgement.detectable.ppm(),
            blocks: estimate.blocks(),
        })
    }
}
