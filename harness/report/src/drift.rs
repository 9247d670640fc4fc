//! Whether the machine changed between the first and the last block.

use httpdyno_record::TrialRecord;
use httpdyno_stats::{Effect, Probability, drift};
use serde::Serialize;

use crate::series::{Quantity, blocks, numbers};

/// How one point's numbers changed over the blocks, over all entries that have them in each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What was looked at.
    pub quantity: Quantity,
    /// The last block to the first, as measured, in parts per million.
    pub observed_ppm: u64,
    /// The same along the line through all blocks; absent with fewer than three.
    pub trend_ppm: Option<u64>,
    /// The 95 % interval of the trend.
    pub trend_interval_ppm: Option<[u64; 2]>,
    /// What can be said of it.
    pub steadiness: Steadiness,
    /// The change that the profile allows, in parts per million.
    pub allowed_ppm: u32,
    /// The entries it is over.
    pub entries: Vec<String>,
}

/// What can be said of the machine over the blocks; see [`drift::Steadiness`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Steadiness {
    /// It certainly changed by more than is allowed.
    Drifted,
    /// It certainly did not.
    Steady,
    /// Neither is certain.
    Unknown,
}

impl From<drift::Steadiness> for Steadiness {
    fn from(found: drift::Steadiness) -> Self {
        match found {
            drift::Steadiness::Drifted => Self::Drifted,
            drift::Steadiness::Steady => Self::Steady,
            drift::Steadiness::Unknown => Self::Unknown,
        }
    }
}

impl Drift {
    pub(crate) fn of(
        trials: &[&TrialRecord],
        entries: &[&str],
        quantity: Quantity,
        allowed_ppm: u32,
    ) -> Option<Self> {
        let blocks = blocks(trials);
        let series = |entry: &&str| -> Option<(String, Vec<u64>)> {
            let own = numbers(trials, entry, quantity);
            let number = |block: &u32| own.get(block)?.first().copied();
            let numbers: Option<Vec<u64>> = blocks.iter().map(number).collect();
            Some(((*entry).to_owned(), numbers?))
        };
        let (names, whole): (Vec<_>, Vec<_>) = entries.iter().filter_map(series).unzip();
        let slices: Vec<&[u64]> = whole.iter().map(Vec::as_slice).collect();
        let found = drift::drift(&slices)?;
        let interval = found.trend.map(|trend| trend.interval(Probability::P95));
        Some(Self {
            quantity,
            observed_ppm: found.observed.ppm(),
            trend_ppm: found.trend.map(|trend| trend.change().ppm()),
            trend_interval_ppm: interval.map(|interval| [interval.low.ppm(), interval.high.ppm()]),
            steadiness: found.judge(Effect::from_ppm(allowed_ppm)).into(),
            allowed_ppm,
            entries: names,
        })
    }
}
