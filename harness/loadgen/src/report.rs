//! What a run found out. All numbers are integers with their unit in the name.

mod audited;
mod generator;
mod route;

pub use audited::Audited;
pub use generator::{GeneratorReport, ThreadReport};
pub use route::{Mismatch, MismatchCause, Mismatches, RouteReport, Settlement, StatusClasses};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::remedy_here;
use crate::observer::SecondReport;

/// The result of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadReport {
    /// Version of this format.
    pub version: u32,
    /// The engine that was used: `io_uring` or `epoll`.
    pub engine: String,
    /// Length of the measured window, in nanoseconds: exact, from the generator's clock.
    pub elapsed_ns: u64,
    /// The load before the window.
    #[serde(default)]
    pub warmup: WarmupReport,
    /// Requests of the warm-up that ended in an error or a wrong response, by cause. They are not
    /// among the errors of the window.
    #[serde(default)]
    pub warmup_errors: BTreeMap<String, u64>,
    /// The run was stopped from outside before its time.
    pub interrupted: bool,
    /// All routes together.
    pub total: RouteReport,
    /// Each route, in the order of the plan.
    pub routes: Vec<RouteReport>,
    /// What happened to connections.
    pub connections: ConnectionReport,
    /// Bytes received in the window, heads and framing included.
    pub received_bytes: u64,
    /// Bytes handed to the system for sending in the window.
    pub sent_bytes: u64,
    /// Requests outstanding when the window began (closed loop).
    pub in_flight_at_start: u64,
    /// Requests outstanding when the window ended; neither responses nor errors.
    pub in_flight_at_stop: u64,
    /// Closed loop: what became of these, where they were awaited.
    #[serde(default)]
    pub after_window: Option<AfterWindow>,
    /// Requests that were due, or the rest of a number of requests, and were never sent.
    #[serde(default)]
    pub never_sent: u64,
    /// The window ended because so long nothing had come from the server although something was
    /// awaited, in nanoseconds.
    #[serde(default)]
    pub ended_by_silence_ns: Option<u64>,
    /// Requests that were sent once more on another connection, because they stood behind a close
    /// (RFC 9112 section 9.3.2). Each counts once in `requests`.
    #[serde(default)]
    pub resent: u64,
    /// Redirects that were followed. A request and all that follow from it count once in `requests`,
    /// and the latency is theirs together.
    #[serde(default)]
    pub redirects: u64,
    /// What a server may not send and a user agent takes all the same, by name: responses with
    /// folded fields, a status above 599, a later minor version.
    #[serde(default)]
    pub oddities: BTreeMap<String, u64>,
    /// The open loop's own accounts; absent in the closed loop.
    pub open_loop: Option<OpenLoopReport>,
    /// Mean number of requests in the system by Little's law (rate times mean latency), in
    /// thousandths.
    pub mean_concurrency_milli: u64,
    /// Closed loop without think time: how far that is from connections times pipeline depth,
    /// in millionths of it. Large when connections were lost or samples were.
    pub littles_law_residual_ppm: Option<i64>,
    /// Every second of the window, in order; the last one may be short.
    pub seconds: Vec<SecondReport>,
    /// Right responses in each tenth of a second of the window, in order, over all threads; what is
    /// left at its end is no part.
    #[serde(default)]
    pub tenths: Vec<u64>,
    /// The longest time in the window in which no right response came, by the thread that waited
    /// least: what stops a server, stops it for all threads.
    #[serde(default)]
    pub longest_silence_ns: u64,
    /// What the generator itself used.
    pub generator: GeneratorReport,
    /// Responses that were kept whole, warm-up included, in no order.
    #[serde(skip)]
    #[schemars(skip)]
    pub audited: Vec<Audited>,
}

impl LoadReport {
    /// Nothing at all went wrong, in the warm-up neither: no error, no mismatch, no byte that was
    /// not asked for, no failed attempt to connect.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.total.settlement().is_clean()
            && self.warmup_errors.is_empty()
            && self.connections.unsolicited == 0
            && self.connections.connect_errors.is_empty()
    }

    /// What this machine lacked for some of its connections, before the load or under it, and what to
    /// do; nothing where it lacked nothing. It says nothing of the server.
    #[must_use]
    pub fn lacked_here(&self) -> Option<String> {
        let ConnectionReport { establish_errors, connect_errors, .. } = &self.connections;
        let (cause, remedy) = establish_errors
            .keys()
            .chain(connect_errors.keys())
            .find_map(|cause| Some((cause, remedy_here(cause)?)))?;
        let times = [establish_errors, connect_errors].map(|all| all.get(cause).unwrap_or(&0));
        let times: u64 = times.into_iter().sum();
        Some(format!("this machine could not open a connection, {times} times ({cause}): {remedy}"))
    }
}

/// What became of the requests that were under way when the closed loop's window ended. They are
/// in no other figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterWindow {
    /// Complete responses came, right or not.
    pub answered: u64,
    /// An error came instead.
    pub failed: u64,
}

/// How the warm-up went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmupReport {
    /// How long it was.
    pub elapsed_ns: u64,
    /// Whether the rate was flat at its end by the plan's rule; absent where there was none, or too
    /// little time to tell.
    pub flat: Option<bool>,
}

/// What happened to connections. Counts are of the measured window except where it says
/// otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionReport {
    /// What the plan asked for.
    pub wanted: u64,
    /// Up when the load began, before the warm-up.
    pub established: u64,
    /// Made anew in the window, for whatever reason.
    pub reconnects: u64,
    /// Closed by the generator because the plan renews connections.
    pub churned: u64,
    /// Closed by the server after saying so (`Connection: close`, or a body until close).
    pub closed_as_announced: u64,
    /// Closed by the server between responses, with no request outstanding.
    pub closed_while_idle: u64,
    /// Reset by the server, with or without a request outstanding.
    pub resets: u64,
    /// Connections on which bytes came that no request had asked for.
    pub unsolicited: u64,
    /// Attempts to connect that failed before the load began, by cause.
    pub establish_errors: BTreeMap<String, u64>,
    /// Attempts to connect that failed in the window, by cause.
    pub connect_errors: BTreeMap<String, u64>,
}

/// The open loop's own accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenLoopReport {
    /// Requests that were due in the window.
    pub offered: u64,
    /// Of these: sent later than the plan's limit after they were due.
    pub late: u64,
    /// Of these: sent, but not when they were due, since no connection was idle then. The wait is the
    /// server's: it is part of the latency, and not of the send lag.
    #[serde(default)]
    pub waited: u64,
    /// Of these: never sent, because no connection became idle.
    pub unsent: u64,
    /// Right responses that were complete before the window ended: goodput.
    pub completed_in_window: u64,
}
