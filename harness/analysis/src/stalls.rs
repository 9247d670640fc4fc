//! Servers that answered nobody, or not all, for a while: no percentile of a fast server's latency knows
//! of it.

use std::collections::BTreeMap;

use httpdyno_record::{Measurement, Record, Role, TrialRecord};

use crate::legible::one_line;
use crate::quantity::duration;

/// Shorter silences are the machine's as well.
const LEAST_NS: u64 = 100_000_000;

/// So much longer than the mean time between responses a silence is before it is a stall.
const MEAN_GAPS: u64 = 20;

/// So much longer than the 99.9th percentile the slowest response is before it stands for a stall of
/// some connections only.
const TAILS: u64 = 20;

/// How long somebody waited, where that is no matter of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stall {
    /// A response, while others came.
    OfSome(u64),
    /// Everybody.
    OfAll(u64),
}

/// The stalls of an entry, over all its trials that are compared.
struct Stalls<'a> {
    /// The worst, and where it was.
    worst: Option<(Stall, &'a TrialRecord)>,
    stalled: u32,
    trials: u32,
}

/// One text for each entry that stalled.
#[must_use]
pub fn texts(record: &Record) -> Vec<String> {
    let is_compared = |name: &str| {
        let mut entries = record.run.entries.iter();
        entries.any(|entry| entry.role == Role::Entry && entry.entry == name)
    };
    let mut by_entry: BTreeMap<&str, Stalls<'_>> = BTreeMap::new();
    for trial in record.trials.iter().filter(|trial| is_compared(&trial.entry)) {
        let is_for_figures = trial.purpose.is_compared();
        let Some(measured) = trial.measurement().filter(|_| is_for_figures) else { continue };
        let none = Stalls { worst: None, stalled: 0, trials: 0 };
        let stalls = by_entry.entry(&trial.entry).or_insert(none);
        stalls.trials += 1;
        let Some(stall) = stall(measured) else { continue };
        stalls.stalled += 1;
        if stalls.worst.is_none_or(|(worst, _)| stall > worst) {
            stalls.worst = Some((stall, trial));
        }
    }
    by_entry.into_iter().filter_map(|(entry, stalls)| text(entry, &stalls)).collect()
}

fn text(entry: &str, stalls: &Stalls<'_>) -> Option<String> {
    let Stalls { worst, stalled, trials } = stalls;
    let (stall, at) = (*worst)?;
    let what = match stall {
        Stall::OfAll(ns) => format!("no response came for up to {}", duration(ns)),
        Stall::OfSome(ns) => {
            format!("some responses came after up to {}, others meanwhile", duration(ns))
        }
    };
    Some(format!(
        "{}: {what} ({}, {} connections); such waits of {} or longer in {stalled} of {trials} trials",
        one_line(entry),
        one_line(&at.workload),
        at.connections,
        duration(LEAST_NS)
    ))
}

/// The longest silence, if it is a stall; else the slowest response, if that is one.
fn stall(measured: &Measurement) -> Option<Stall> {
    let mean_gap_ns = measured.elapsed_ns / measured.responses.max(1);
    let of_all = measured.longest_silence_ns.filter(|&silence_ns| {
        silence_ns >= LEAST_NS && silence_ns >= MEAN_GAPS.saturating_mul(mean_gap_ns)
    });
    let (slowest_ns, tail_ns) = (measured.latency.max_ns, measured.latency.p999_ns);
    let of_some = slowest_ns >= LEAST_NS && slowest_ns >= TAILS.saturating_mul(tail_ns.max(1));
    match of_all {
        Some(silence_ns) => Some(Stall::OfAll(silence_ns)),
        None => of_some.then_some(Stall::OfSome(slowest_ns)),
    }
}

#[cfg(test)]
mod tests {
    use httpdyno_record::LatencySummary;

    use super::{Measurement, Stall, stall};

    #[test]
    fn a_silence_that_the_rate_explains_is_no_stall() {
        let measured = |responses, silence_ms: u64| Measurement {
            elapsed_ns: 5_000_000_000,
            responses,
            longest_silence_ns: Some(silence_ms * 1_000_000),
            ..Measurement::default()
        };
        assert_eq!(stall(&measured(400_000, 200)), Some(Stall::OfAll(200_000_000)));
        assert_eq!(stall(&measured(400_000, 99)), None);
        // Every 10 ms on average, and every 11 ms.
        assert_eq!(stall(&measured(500, 200)), Some(Stall::OfAll(200_000_000)));
        assert_eq!(stall(&measured(454, 200)), None);
        assert_eq!(stall(&measured(0, 5_000)), None);
        assert_eq!(stall(&Measurement { longest_silence_ns: None, ..measured(9, 9) }), None);
    }
    #[test]
    fn a_wait_of_some_connections_is_one_where_no_percentile_tells_of_it() {
        let measured = |p999_ms: u64, max_ms: u64| Measurement {
            elapsed_ns: 5_000_000_000,
            responses: 400_000,
            longest_silence_ns: Some(8_000_000),
            latency: LatencySummary {
                p999_ns: p999_ms * 1_000_000,
                max_ns: max_ms * 1_000_000,
                ..LatencySummary::default()
            },
            ..Measurement::default()
        };
        assert_eq!(stall(&measured(5, 205)), Some(Stall::OfSome(205_000_000)));
        assert_eq!(stall(&measured(5, 99)), None);
        assert_eq!(stall(&measured(12, 205)), None, "the percentile tells of it");
        let both = Measurement { longest_silence_ns: Some(150_000_000), ..measured(5, 205) };
        assert_eq!(stall(&both), Some(Stall::OfAll(150_000_000)));
        assert!(Stall::OfAll(100_000_000) > Stall::OfSome(900_000_000));
    }
}
