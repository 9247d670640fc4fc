//! Servers that answered nobody for a while: no percentile of a fast server's latency knows of it.

use std::collections::BTreeMap;

use httpdyno_record::{Measurement, Purpose, Record, Role, TrialRecord};

use crate::legible::one_line;
use crate::quantity::duration;

/// Shorter silences are the machine's as well.
const LEAST_NS: u64 = 100_000_000;

/// So much longer than the mean time between responses a silence is before it is a stall.
const MEAN_GAPS: u64 = 20;

/// The stalls of an entry, over all its trials that are compared.
struct Stalls<'a> {
    longest_ns: u64,
    /// Where the longest was.
    at: &'a TrialRecord,
    stalled: u32,
    trials: u32,
}

/// One text for each entry that stalled.
pub(crate) fn texts(record: &Record) -> Vec<String> {
    let is_compared = |name: &str| {
        let mut entries = record.run.entries.iter();
        entries.any(|entry| entry.role == Role::Entry && entry.entry == name)
    };
    let mut by_entry: BTreeMap<&str, Stalls<'_>> = BTreeMap::new();
    for trial in record.trials.iter().filter(|trial| is_compared(&trial.entry)) {
        let is_for_figures = matches!(trial.purpose, Purpose::Compare | Purpose::FixedRate);
        let Some(measured) = trial.measurement().filter(|_| is_for_figures) else { continue };
        let stalls = by_entry.entry(&trial.entry).or_insert(Stalls {
            longest_ns: 0,
            at: trial,
            stalled: 0,
            trials: 0,
        });
        stalls.trials += 1;
        let Some(stall_ns) = stall_ns(measured) else { continue };
        stalls.stalled += 1;
        if stall_ns > stalls.longest_ns {
            (stalls.longest_ns, stalls.at) = (stall_ns, trial);
        }
    }
    let stalled = by_entry.into_iter().filter(|(_, stalls)| stalls.stalled > 0);
    stalled.map(|(entry, stalls)| text(entry, &stalls)).collect()
}

fn text(entry: &str, stalls: &Stalls<'_>) -> String {
    let Stalls { longest_ns, at, stalled, trials } = stalls;
    format!(
        "{}: no response came for up to {} ({}, {} connections); for {} or longer in {stalled} of \
         {trials} trials",
        one_line(entry),
        duration(*longest_ns),
        one_line(&at.workload),
        at.connections,
        duration(LEAST_NS)
    )
}

/// The longest silence, if it is a stall.
fn stall_ns(measured: &Measurement) -> Option<u64> {
    let silence_ns = measured.longest_silence_ns?;
    let mean_gap_ns = measured.elapsed_ns / measured.responses.max(1);
    let is_stall = silence_ns >= LEAST_NS && silence_ns >= MEAN_GAPS.saturating_mul(mean_gap_ns);
    is_stall.then_some(silence_ns)
}

#[cfg(test)]
mod tests {
    use super::{Measurement, stall_ns};

    #[test]
    fn a_silence_that_the_rate_explains_is_no_stall() {
        let measured = |responses, silence_ms: u64| Measurement {
            elapsed_ns: 5_000_000_000,
            responses,
            longest_silence_ns: Some(silence_ms * 1_000_000),
            ..Measurement::default()
        };
        assert_eq!(stall_ns(&measured(400_000, 200)), Some(200_000_000));
        assert_eq!(stall_ns(&measured(400_000, 99)), None);
        // Every 10 ms on average, and every 11 ms.
        assert_eq!(stall_ns(&measured(500, 200)), Some(200_000_000));
        assert_eq!(stall_ns(&measured(454, 200)), None);
        assert_eq!(stall_ns(&measured(0, 5_000)), None);
        assert_eq!(stall_ns(&Measurement { longest_silence_ns: None, ..measured(9, 9) }), None);
    }
}
