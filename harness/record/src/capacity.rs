//! `capacity.json`: what a search for the highest rate under an objective came to. Its trials are
//! in `trials.jsonl` like all others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole of `capacity.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityRecord {
    /// The objective.
    pub objective: Objective,
    /// One search for each entry.
    pub searches: Vec<CapacitySearch>,
}

/// A service level objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Objective {
    /// The percentile, in thousandths of a per cent: 99 000 is p99.
    pub percentile_milli: u32,
    /// The most that the percentile of response latency may be.
    pub latency_ns: u64,
    /// The largest share of errors and wrong responses, in parts per million.
    pub errors_ppm: u32,
    /// The least share of the offered requests that must be answered rightly in the window.
    pub goodput_ppm: u32,
}

/// One entry's search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacitySearch {
    /// The entry.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// What a closed loop of so many connections reached: where the search began, even where a gate
    /// made that no figure.
    pub closed_loop_per_s: u64,
    /// How it ended: `confirmed`, `not-confirmed`, `never-met`, `always-met`, `too-many-probes`,
    /// `too-many-voids`, `failed` or `interrupted`.
    pub ending: String,
    /// The highest rate at which the objective is met; 0 where no trial met it. Where none missed
    /// it, the highest that was tried, and there is no interval.
    pub rate_per_s: u64,
    /// Lower end of its 95 % interval; 0 where there is none.
    pub low_per_s: u64,
    /// Upper end of its 95 % interval; 0 where there is none.
    pub high_per_s: u64,
    /// What was tried, in order.
    pub steps: Vec<CapacityStep>,
    /// What an overload did; absent where none was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
}

/// What a search shows of the highest rate, as far as trials that had an answer support it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// No trial had an answer.
    Nothing,
    /// All that had one missed the objective; this is the lowest of their rates.
    Below(u64),
    /// All that had one met it; this is the highest of their rates.
    AtLeast(u64),
    /// It was met at some rates and missed at others: the estimate and its interval.
    Within {
        /// Lower end of the 95 % interval.
        low_per_s: u64,
        /// The estimate.
        rate_per_s: u64,
        /// Upper end of the 95 % interval.
        high_per_s: u64,
    },
}

impl CapacitySearch {
    /// What its trials show. Records of older programs have an estimate even where no trial stands
    /// behind it: it is not given back.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let of = |answer: &'static str| {
            let own = self.steps.iter().filter(move |step| step.answer == answer);
            own.map(|step| step.offered_per_s)
        };
        let Self { low_per_s, rate_per_s, high_per_s, .. } = *self;
        match (of(MET).max(), of(MISSED).min()) {
            (None, None) => Shown::Nothing,
            (None, Some(missed)) => Shown::Below(missed),
            (Some(_), Some(_)) if rate_per_s > 0 => {
                Shown::Within { low_per_s, rate_per_s, high_per_s }
            }
            (Some(met), _) => Shown::AtLeast(met),
        }
    }
}

/// The answer of a trial that met the objective.
pub const MET: &str = "met";
/// The answer of one that did not.
pub const MISSED: &str = "missed";
/// The answer of one that says nothing: the machine or the generator was at fault.
pub const VOID: &str = "void";

/// One probe or soak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityStep {
    /// The number of its trial.
    pub trial: u32,
    /// Requests offered per second.
    pub offered_per_s: u64,
    /// Whether it was a soak.
    pub soak: bool,
    /// `met`, `missed` or `void`.
    pub answer: String,
    /// Why it was not met; empty where it was.
    pub why: String,
}

/// An overload and what came after it, on one start of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// Requests offered per second in the overload.
    pub overload_per_s: u64,
    /// How long it was.
    pub overload_ns: u64,
    /// Requests offered per second after it.
    pub after_per_s: u64,
    /// From the end of the overload until the objective's latency was met for good, rounded up to
    /// whole seconds; absent where it was not met within what was watched.
    pub recovered_ns: Option<u64>,
    /// How long was watched after the overload.
    pub watched_ns: u64,
}

#[cfg(test)]
mod tests {
    use super::{CapacitySearch, CapacityStep, MET, MISSED, Shown, VOID};

    #[test]
    fn only_what_trials_support_is_shown() {
        let step = |&(answer, offered_per_s): &(&str, u64)| CapacityStep {
            answer: answer.to_owned(),
            offered_per_s,
            ..CapacityStep::default()
        };
        // Of an older program, which wrote an estimate whatever had been answered.
        let shown = |steps: &[(&str, u64)], rate_per_s| {
            let steps = steps.iter().map(step).collect();
            let (low_per_s, high_per_s) = (rate_per_s * 9 / 10, rate_per_s * 11 / 10);
            let search = CapacitySearch {
                rate_per_s,
                low_per_s,
                high_per_s,
                steps,
                ..CapacitySearch::default()
            };
            search.shown()
        };
        assert_eq!(shown(&[], 100), Shown::Nothing);
        assert_eq!(shown(&[(VOID, 80), (VOID, 90)], 100), Shown::Nothing);
        assert_eq!(shown(&[(VOID, 10), (MISSED, 80), (MISSED, 48)], 100), Shown::Below(48));
        assert_eq!(shown(&[(MET, 80), (VOID, 90), (MET, 92)], 100), Shown::AtLeast(92));
        let within = Shown::Within { low_per_s: 90, rate_per_s: 100, high_per_s: 110 };
        assert_eq!(shown(&[(MET, 80), (MISSED, 120)], 100), within);
        assert_eq!(shown(&[(MET, 80), (MISSED, 120)], 0), Shown::AtLeast(80));
    }
}
