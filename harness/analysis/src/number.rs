//! What one trial says, as a number in so fine a unit that rounding does not show.

use httpdyno_record::{Figure, Measurement, TrialRecord};
use httpdyno_stats::Better;

/// A number that each trial has one of. Whatever is derived from trials - ratios, ranks, drift,
/// verdicts on claims and on planted costs - is derived from these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// Right responses per million seconds.
    Rate,
    /// CPU time of the server per right response, in picoseconds.
    CpuPerResponse,
    /// The part of it in user mode, as the kernel's ticks divide it.
    UserCpuPerResponse,
    /// Arithmetic mean of the latency, in nanoseconds, as all latencies are.
    MeanLatency,
    /// Its median.
    P50Latency,
    /// Its 99th percentile.
    P99Latency,
    /// The longest.
    SlowestResponse,
    /// The most resident memory of the server, in bytes.
    PeakMemory,
    /// Its resident memory before any load, in bytes.
    IdleMemory,
}

impl Number {
    /// The kind of figure whose validity decides whether it counts.
    #[must_use]
    pub fn figure(self) -> Figure {
        match self {
            Self::Rate => Figure::Throughput,
            Self::MeanLatency | Self::P50Latency => Figure::Latency,
            Self::P99Latency | Self::SlowestResponse => Figure::Tail,
            Self::CpuPerResponse
            | Self::UserCpuPerResponse
            | Self::PeakMemory
            | Self::IdleMemory => Figure::Cost,
        }
    }

    /// Which way it is good.
    #[must_use]
    pub fn better(self) -> Better {
        if self == Self::Rate { Better::Higher } else { Better::Lower }
    }

    /// That of `trial`; nothing where a gate made it void, and where it is 0, which is no number.
    #[must_use]
    pub fn of(self, trial: &TrialRecord) -> Option<u64> {
        self.measured(trial.valid_for(self.figure())?).filter(|&number| number > 0)
    }

    fn measured(self, it: &Measurement) -> Option<u64> {
        match self {
            Self::Rate => {
                let per_million_s = u128::from(it.responses) * 10_u128.pow(15);
                u64::try_from(per_million_s.checked_div(u128::from(it.elapsed_ns))?).ok()
            }
            Self::CpuPerResponse => it.per_response_ps(it.server_cpu_ns),
            Self::UserCpuPerResponse => it.per_response_ps(it.server.user_ns?),
            Self::MeanLatency => Some(it.latency.mean_ns),
            Self::P50Latency => Some(it.latency.p50_ns),
            Self::P99Latency => Some(it.latency.p99_ns),
            Self::SlowestResponse => Some(it.latency.max_ns),
            Self::PeakMemory => Some(it.server_peak_rss_bytes),
            Self::IdleMemory => it.server.idle_rss_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use httpdyno_record::{Figure, GateFailure, Measurement};

    use super::Number;
    use crate::made_up::trial;

    #[test]
    fn a_number_that_a_gate_made_void_or_that_is_nothing_is_none() {
        let failed = |figure| GateFailure {
            gate: "g".to_owned(),
            message: String::new(),
            voids: vec![figure],
        };
        let measured = |failed_gates| Measurement {
            elapsed_ns: 2_000_000_000,
            responses: 3,
            server_cpu_ns: 10,
            failed_gates,
            ..Measurement::default()
        };
        let whole = trial("a", 0, measured(vec![]));
        assert_eq!(Number::Rate.of(&whole), Some(1_500_000));
        assert_eq!(Number::CpuPerResponse.of(&whole), Some(3_333));
        assert_eq!(Number::UserCpuPerResponse.of(&whole), None, "not measured");
        assert_eq!(Number::PeakMemory.of(&whole), None, "0 is not measured");
        let without_rate = trial("a", 0, measured(vec![failed(Figure::Throughput)]));
        assert_eq!(Number::Rate.of(&without_rate), None);
        assert_eq!(Number::CpuPerResponse.of(&without_rate), Some(3_333));
    }
}
