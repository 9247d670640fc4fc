//! `trials.jsonl`: one line per trial.
//!
//! A trial is one fresh start of one entry under one workload point: start, readiness, verify,
//! warm-up, measure, verify again, stop.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::hdr_text::HdrText;
use crate::purpose::{Figure, Purpose};
use crate::resources::{DatabaseUse, Enforced, ForeignTime, GeneratorUse, ServerResources};

/// One trial, whatever came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrialRecord {
    /// Its number in the run, counted from 0 in the order of execution.
    pub trial: u32,
    /// The block it belongs to, counted from 0.
    pub block: u32,
    /// The entry.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// What it is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// Requests offered per second; absent where the workload paces itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_per_s: Option<u64>,
    /// When it began.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// What was enforced on the server.
    #[serde(default)]
    pub enforced: Enforced,
    /// What came of it.
    pub outcome: TrialOutcome,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TrialOutcome {
    /// It went through. It counts only when no gate failed.
    Measured(Box<Measurement>),
    /// The server under test failed; there is no number.
    Failed {
        /// How far it came.
        stage: Stage,
        /// What happened, in words.
        reason: String,
    },
}

/// How far a trial came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Starting the server, until it is ready.
    Start,
    /// Verifying its answers before the load.
    VerifyBefore,
    /// Under load.
    Load,
    /// Verifying its answers after the load.
    VerifyAfter,
    /// Stopping it.
    Stop,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Start => "start",
            Self::VerifyBefore => "verify before load",
            Self::Load => "load",
            Self::VerifyAfter => "verify after load",
            Self::Stop => "stop",
        })
    }
}

/// What was measured in one trial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measurement {
    /// Length of the measured window.
    pub elapsed_ns: u64,
    /// Responses that came in the window and were right in status, framing and content.
    pub responses: u64,
    /// Responses under load that were judged by the full rule of the spec after the window; absent
    /// where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<u64>,
    /// Bytes received in the window.
    pub received_bytes: u64,
    /// Requests that ended in an error or a wrong response, by the name of the cause.
    pub errors: BTreeMap<String, u64>,
    /// Time from the intended sending to the last byte of the response.
    pub latency: LatencySummary,
    /// The same as a whole: an HdrHistogram of nanoseconds, V2 compressed, in base64. Histograms of
    /// several trials are merged; percentiles are never averaged.
    pub latency_hdr: HdrText,
    /// Connections that were established before the warm-up.
    pub established: u32,
    /// |c - X*R| / c, in parts per million (Little's law; closed loop only).
    pub littles_law_ppm: Option<u64>,
    /// CPU time that the server's processes used in the window, user and system.
    pub server_cpu_ns: u64,
    /// CPU time that the load generator used in the window, user and system.
    pub generator_cpu_ns: u64,
    /// Peak resident memory of the server's processes until the end of the measured window.
    pub server_peak_rss_bytes: u64,
    /// From the spawn of the server to its first 200.
    pub start_to_ready_ns: u64,
    /// CPU time stolen by the hypervisor on the measured cores in the window.
    pub steal_ns: u64,
    /// The connection engine of the generator.
    pub engine: String,
    /// What else the server used.
    #[serde(default)]
    pub server: ServerResources,
    /// What the generator used, and how punctual it was.
    #[serde(default)]
    pub generator: GeneratorUse,
    /// What the database did; absent where none was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseUse>,
    /// Each route of the workload apart, where it has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<RouteMeasurement>,
    /// The load before the window.
    #[serde(default)]
    pub warmup: WarmupOutcome,
    /// How the rate changed within the window; absent where too few responses came to tell, in an
    /// open loop, or before this was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RateChange>,
    /// The longest time in the window in which no right response came; absent before this was
    /// looked at. Of several threads of the generator, that of the one that waited least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_silence_ns: Option<u64>,
    /// What others used of the measured cores; absent before this was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<ForeignTime>,
    /// Requests of the warm-up that ended in an error or a wrong response, by the name of the cause.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub warmup_errors: BTreeMap<String, u64>,
    /// The gates that failed; each says which kinds of figures it makes void.
    pub failed_gates: Vec<GateFailure>,
}

/// One route of a workload in one trial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RouteMeasurement {
    /// The route's name in the workload.
    pub route: String,
    /// Right responses in the window.
    pub responses: u64,
    /// Requests that ended in an error or a wrong response.
    pub errors: u64,
    /// Time from the intended sending to the last byte of the response.
    pub latency: LatencySummary,
    /// The same as a whole; see [`Measurement::latency_hdr`].
    pub latency_hdr: HdrText,
}

/// How the warm-up went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarmupOutcome {
    /// How long it was.
    pub elapsed_ns: u64,
    /// Whether the rate was flat at its end; absent where that was not looked at.
    pub flat: Option<bool>,
}

/// How a closed loop's rate changed from the beginning of the window to its end, along the straight
/// line through the logarithms of what came in each part of it; in parts per million of what it was,
/// below 0 where it fell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RateChange {
    /// Parts of the window, equally long.
    pub parts: u32,
    /// The change.
    pub ppm: i64,
    /// The lower end of its 90 % interval.
    pub low_ppm: i64,
    /// The upper end.
    pub high_ppm: i64,
}

/// Percentiles of a latency histogram with three significant digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatencySummary {
    /// Arithmetic mean.
    pub mean_ns: u64,
    /// Median.
    pub p50_ns: u64,
    /// 90th percentile.
    pub p90_ns: u64,
    /// 99th percentile.
    pub p99_ns: u64,
    /// 99.9th percentile.
    pub p999_ns: u64,
    /// Largest value.
    pub max_ns: u64,
}

/// A gate that a trial did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateFailure {
    /// The gate's name, as in the profile.
    pub gate: String,
    /// What was measured beside what is allowed, and the remedy.
    pub message: String,
    /// The kinds of figures that it makes void; none named means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voids: Vec<Figure>,
}

impl GateFailure {
    /// Of `gate`, which makes the figures of `voids` void; of none named, all.
    #[must_use]
    pub fn of(gate: Gate, voids: &[Figure], message: String) -> Self {
        Self { gate: gate.id().to_owned(), message, voids: voids.to_vec() }
    }

    /// Whether it was this gate.
    #[must_use]
    pub fn is(&self, gate: Gate) -> bool {
        self.gate == gate.id()
    }

    /// Whether it makes figures of this kind void.
    #[must_use]
    pub fn makes_void(&self, figure: Figure) -> bool {
        let named = |figure| self.voids.contains(&figure);
        self.voids.is_empty() || named(figure) || figure == Figure::Tail && named(Figure::Latency)
    }
}

impl Measurement {
    /// Right responses per second, rounded down.
    #[must_use]
    pub fn responses_per_s(&self) -> u64 {
        per(u128::from(self.responses) * 1_000_000_000, self.elapsed_ns)
    }

    /// CPU nanoseconds of the server per right response, rounded down.
    #[must_use]
    pub fn server_cpu_ns_per_response(&self) -> u64 {
        self.per_response_ps(self.server_cpu_ns).map_or(0, |each_ps| each_ps / 1000)
    }

    /// What of `time_ns` each right response took, in picoseconds: whole nanoseconds would be too
    /// coarse for the cheapest servers. Nothing where no response came.
    #[must_use]
    pub fn per_response_ps(&self, time_ns: u64) -> Option<u64> {
        let each = (u128::from(time_ns) * 1000).checked_div(u128::from(self.responses))?;
        u64::try_from(each).ok()
    }

    /// Whether all of its figures may be used as numbers.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.failed_gates.is_empty()
    }

    /// Whether its figures of this kind may be used as numbers.
    #[must_use]
    pub fn is_valid_for(&self, figure: Figure) -> bool {
        !self.failed_gates.iter().any(|failed| failed.makes_void(figure))
    }
}

fn per(dividend: u128, divisor: u64) -> u64 {
    u64::try_from(dividend.checked_div(u128::from(divisor)).unwrap_or(0)).unwrap_or(u64::MAX)
}

impl TrialRecord {
    /// Leaves its histograms in `file`, where `line`, which it was read from, begins at the byte `at`.
    pub(crate) fn leave_histograms_in(&mut self, file: &Arc<File>, at: u64, line: &str) {
        if let TrialOutcome::Measured(measured) = &mut self.outcome {
            let routes = measured.routes.iter_mut().map(|route| &mut route.latency_hdr);
            for text in [&mut measured.latency_hdr].into_iter().chain(routes) {
                text.leave_in(file, at, line);
            }
        }
    }

    /// The measurement, when there is one, whatever the gates say.
    #[must_use]
    pub fn measurement(&self) -> Option<&Measurement> {
        match &self.outcome {
            TrialOutcome::Measured(measurement) => Some(measurement),
            TrialOutcome::Failed { .. } => None,
        }
    }

    /// The measurement, when there is one whose figures of this kind are numbers.
    #[must_use]
    pub fn valid_for(&self, figure: Figure) -> Option<&Measurement> {
        self.measurement().filter(|measurement| measurement.is_valid_for(figure))
    }

    /// The measurement, when there is one and it passed every gate.
    #[must_use]
    pub fn valid(&self) -> Option<&Measurement> {
        match &self.outcome {
            TrialOutcome::Measured(measurement) if measurement.is_valid() => Some(measurement),
            _ => None,
        }
    }
}
