//! One comparison, from its record to its verdict.

use std::time::Duration;

use httpdyno_analysis::number::Number;
use httpdyno_analysis::pairs::{of_pilot, pairs, ratio};
use httpdyno_analysis::series::numbers;
use httpdyno_record::{Record, TrialRecord};
use httpdyno_stats::verdict::{Rule, judge};
use httpdyno_stats::{Better, Effect, RatioError};
use serde::{Deserialize, Serialize};

/// What a comparison said of the second server against the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The folder of its record, beside the summary.
    pub record: String,
    /// CPU time per response, second to first, in parts per million.
    pub ratio_ppm: u64,
    /// The lower end of the 95 % interval.
    pub low_ppm: u64,
    /// The upper end.
    pub high_ppm: u64,
    /// `faster`, `slower`, `alike at this load` or `unresolved`, by the margin. Costs at a given rate
    /// are never called equivalent.
    pub verdict: String,
    /// `better`, `worse` or `unclear`: the interval against 1, whatever the margin.
    pub sign: String,
    /// The smallest difference that would have been found, in parts per million.
    pub detectable_ppm: u32,
    /// The standard deviation of one block's log ratio, in parts per million.
    pub spread_ppm: u64,
    /// Blocks of the pilot, of those that count.
    pub pilot_blocks: u32,
    /// Blocks in which both servers have a valid trial.
    pub blocks: u32,
    /// Trials at the fixed rate.
    pub trials: u32,
    /// Trials whose cost is no number.
    pub void_trials: u32,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

impl Comparison {
    /// Compares `pair.0` with `pair.1` at the fixed rate. The interval stands on the spread of the
    /// pilot where that decided how many blocks there are (Stein 1945).
    pub(super) fn of(
        record: &Record,
        pair: (&str, &str),
        margin_ppm: u32,
        took: Duration,
    ) -> Result<Self, RatioError> {
        let trials: Vec<&TrialRecord> =
            record.trials.iter().filter(|trial| trial.offered_per_s.is_some()).collect();
        let planned = record.run.design.map_or(0, |design| design.pilot_blocks);
        let costs = |entry: &str| numbers(&trials, entry, Number::CpuPerResponse);
        let pairs = pairs(costs(pair.0), costs(pair.1));
        let (_, estimate) = ratio(&pairs, planned)?;
        let rule = Rule { margin: Effect::from_ppm(margin_ppm), ..Rule::new(Better::Lower) };
        let judgement = judge(&estimate, &rule);
        let name = record.folder.file_name().unwrap_or_default();
        Ok(Self {
            record: name.to_string_lossy().into_owned(),
            ratio_ppm: judgement.ratio.ppm(),
            low_ppm: judgement.interval.low.ppm(),
            high_ppm: judgement.interval.high.ppm(),
            verdict: judgement.verdict.of_cost_at_rate(),
            sign: judgement.sign.to_string(),
            detectable_ppm: judgement.detectable.ppm(),
            spread_ppm: (estimate.spread() * 1e6).round() as u64,
            pilot_blocks: count(of_pilot(&pairs, planned)),
            blocks: estimate.blocks(),
            trials: count(trials.len()),
            void_trials: count(
                trials.iter().filter(|trial| Number::CpuPerResponse.of(trial).is_none()).count(),
            ),
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
