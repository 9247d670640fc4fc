//! What can be seen of a run while it goes on.

use std::collections::BTreeMap;

use httpdyno_stats::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Told about the progress of a run, on the thread that called `run`. All methods
/// do nothing by default.
pub trait Observer {
    /// All connections that could be made are up; the warm-up begins.
    fn started(&mut self, _started: &Started) {}
    /// The measured window begins: called as soon as the first worker's counters do, for
    /// readings that must be of the same window. Not called when a run is stopped before.
    fn window_opened(&mut self) {}
    /// The measured window is over on all workers (in the open loop requests of the window may
    /// still be under way). Called if and only if `window_opened` was. No connection that is up is
    /// closed before this returns.
    fn window_closed(&mut self) {}
    /// A second of the measured window is over on all threads.
    fn second(&mut self, _second: &SecondReport) {}
}

/// What a worker tells while it runs.
#[derive(Debug)]
pub(crate) enum Progress {
    /// A part of its warm-up is over, in which so many right responses came.
    Warming { window: u64, ok: u64 },
    /// Its window begins.
    Opened,
    /// A second of it is over.
    Second(SecondReport),
    /// Its window is over.
    Closed,
}

/// Sees nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}

/// A run that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// `io_uring` or `epoll`.
    pub engine: &'static str,
    /// Connections that are up.
    pub established: u64,
    /// Connections that the plan asked for.
    pub wanted: u64,
}

/// One second of the measured window, over all threads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondReport {
    /// Its number, from 0.
    pub second: u64,
    /// Right responses that became complete in it.
    pub ok: u64,
    /// Responses that failed a check.
    pub mismatches: u64,
    /// Requests without a complete, well-formed response.
    pub errors: u64,
    /// Responses by status code, interim ones (1xx) and followed redirects too.
    #[serde(default)]
    pub status_codes: BTreeMap<u16, u64>,
    /// From the intended time to the complete response; right responses only.
    pub latency: Histogram,
}

impl SecondReport {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.ok += other.ok;
        self.mismatches += other.mismatches;
        self.errors += other.errors;
        for (status, count) in &other.status_codes {
            *self.status_codes.entry(*status).or_default() += count;
        }
        self.latency.merge(&other.latency);
    }
}
