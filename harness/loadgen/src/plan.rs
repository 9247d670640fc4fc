//! What to send, how to pace it, when to stop. Plain data; checked when it is run.

mod addresses;
mod audit;
mod patience;
mod playlist;

pub use addresses::MoreAddresses;
pub use audit::Audit;
pub use patience::Patience;
pub use playlist::{Order, Playlist};

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use httpdyno_stats::warmup::FlatRule;
use httpdyno_wire::Limits;

/// Everything about one run.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// Where to connect.
    pub target: SocketAddr,
    /// Connect to this unix socket instead of `target`; `@` before it stands for the abstract name
    /// space of Linux.
    pub unix_socket: Option<PathBuf>,
    /// Where else that server is to be found.
    pub more_addresses: MoreAddresses,
    /// The value of `Host`, e.g. `localhost:8080`.
    pub authority: String,
    /// What is asked for; at least one.
    pub routes: Vec<Route>,
    /// What the one route sends instead of its own request.
    pub playlist: Option<Playlist>,
    /// Named values that templates may use as `{{name}}`.
    pub values: Vec<ValueSpec>,
    /// Connections over all threads.
    pub connections: usize,
    /// The generator's threads and where they run.
    pub threads: Threads,
    /// When requests are due.
    pub pacing: Pacing,
    /// Load before the measurement begins; not part of any result.
    pub warmup: Duration,
    /// Closed loop: begin to measure as soon as the rate is flat by this rule, looked at every
    /// 100 ms; `warmup` is then the longest it may take. Absent: always the whole warm-up.
    pub flat: Option<FlatRule>,
    /// When the measurement ends.
    pub stop: Stop,
    /// How long a server is waited for that gives nothing back.
    pub patience: Patience,
    /// A request without a complete response after this long is an error, and its connection
    /// is closed. Also the limit for one connect.
    pub timeout: Duration,
    /// Requests that may be outstanding on one connection; 1 is no pipelining.
    pub pipeline: usize,
    /// So many redirects of an exchange are followed, on the same server; 0: none, a redirect is a
    /// response like any other. Not together with pipelining.
    pub redirects: u32,
    /// Whether connections are renewed.
    pub churn: Churn,
    /// Which I/O engine.
    pub engine: EngineChoice,
    /// Determines every random choice: values, routes, arrivals, samples.
    pub seed: u64,
    /// How much of large bodies is compared.
    pub body_sample: BodySample,
    /// Which responses are kept whole; absent: none.
    pub audit: Option<Audit>,
    /// What a response may not exceed.
    pub limits: Limits,
    /// A request that is sent later than this after its intended time counts as late.
    pub late_after: Duration,
    /// The generator's threads ask for the real-time class, so that kernel threads and other
    /// programs do not delay them; whether they got it is in the report. For cores of their own:
    /// what they share a core with waits.
    pub realtime: bool,
    /// The niceness that the generator's threads ask for, from -20 to 19; what they got is in the
    /// report. Below 0 (for cores of their own) they are hardly ever interrupted by what is of their
    /// class, idle class included.
    pub nice: i32,
}

impl LoadPlan {
    /// One route, one connection, closed loop, one second: a start to change fields of.
    #[must_use]
    pub fn new(target: SocketAddr, route: Route) -> Self {
        Self {
            target,
            unix_socket: None,
            more_addresses: MoreAddresses::default(),
            authority: target.to_string(),
            routes: vec![route],
            playlist: None,
            values: Vec::new(),
            connections: 1,
            threads: Threads::default(),
            pacing: Pacing::default(),
            warmup: Duration::ZERO,
            flat: None,
            stop: Stop { duration: Some(Duration::from_secs(1)), requests: None },
            patience: Patience::default(),
            timeout: Duration::from_secs(10),
            pipeline: 1,
            redirects: 0,
            churn: Churn::Never,
            engine: EngineChoice::Auto,
            seed: 1,
            body_sample: BodySample::default(),
            audit: None,
            limits: Limits::default(),
            late_after: Duration::from_millis(1),
            realtime: false,
            nice: 0,
        }
    }
}

/// The generator's threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Threads {
    /// One thread on each of these cores.
    Pinned(Vec<usize>),
    /// So many threads, wherever the system puts them.
    Unpinned(usize),
}

impl Default for Threads {
    fn default() -> Self {
        Self::Unpinned(1)
    }
}

impl Threads {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Pinned(cores) => cores.len(),
            Self::Unpinned(count) => *count,
        }
    }
}

/// One kind of request and what its response must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its name in the report.
    pub name: String,
    /// Its share of all requests is `weight` over the sum of weights.
    pub weight: u32,
    /// What is sent.
    pub request: RequestSpec,
    /// What must come back.
    pub expect: Expectation,
}

impl Route {
    /// `GET path`, answered by 200 with any body.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            name: path.clone(),
            weight: 1,
            request: RequestSpec { method: "GET".into(), path, ..RequestSpec::default() },
            expect: Expectation::default(),
        }
    }
}

/// A request. Path, field values and body are templates: `{{name}}` stands for a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestSpec {
    /// The method.
    pub method: String,
    /// The request target in origin-form, with the query.
    pub path: String,
    /// Fields beside `Host` (which comes from the plan, unless given here) and
    /// `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
}

/// What the response must be. One that is not is a mismatch, never throughput.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expectation {
    /// The status.
    pub status: StatusCheck,
    /// The body.
    pub body: BodyCheck,
}

/// Which status is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusCheck {
    /// Exactly this one.
    Is(u16),
    /// 200 to 399.
    Success,
    /// Any.
    Any,
}

impl Default for StatusCheck {
    fn default() -> Self {
        Self::Is(200)
    }
}

/// Which body is right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BodyCheck {
    /// Any.
    #[default]
    None,
    /// Any of this length, in bytes.
    Length(u64),
    /// These bytes.
    Exact(Vec<u8>),
    /// These bytes, with `{{name}}` for the values that were sent.
    Template(Vec<u8>),
    /// JSON equal to this (member order and white space are free), `{{name}}` as above.
    Json(Vec<u8>),
    /// The body that was sent, byte for byte.
    Echo,
    /// JSON equal to the body that was sent.
    EchoJson,
    /// `{"bytes":N,"crc32":"xxxxxxxx"}` of the body that was sent: its length and CRC-32 (IEEE 802.3).
    Receipt,
    /// JSON objects whose values differ from response to response.
    Records(RecordsCheck),
}

/// JSON objects with integer members: one, or an array of a known length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsCheck {
    /// So many objects in an array; none means one object and no array.
    pub count: Option<u32>,
    /// The members of each object, 1 to 64 of them: these and no others, in any order.
    pub members: Vec<IntegerMember>,
}

/// A member of an object in [`RecordsCheck`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegerMember {
    /// Its name.
    pub name: String,
    /// The lowest value.
    pub min: i64,
    /// The highest value.
    pub max: i64,
}

/// A value that differs from request to request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueSpec {
    /// Its name in templates.
    pub name: String,
    /// How it is made.
    pub kind: ValueKind,
}

/// How a value is made from the number of the request and the seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// `first + request number`: no two requests of a run have the same one.
    Sequential {
        /// The first.
        first: u64,
    },
    /// Evenly distributed from `min` to `max`, both included.
    RandomInteger {
        /// The lowest.
        min: u64,
        /// The highest.
        max: u64,
    },
    /// Lower-case letters and digits.
    RandomText {
        /// How many, 1 to 32.
        length: usize,
    },
}

/// When requests are due.
#[derive(Debug, Clone, PartialEq)]
pub enum Pacing {
    /// Each connection sends its next request when it has its response, after thinking.
    Closed {
        /// Between a response and the next request.
        think: Duration,
    },
    /// Requests are due by a schedule, whatever the server does, and go to any idle
    /// connection; when none is idle they wait, and their latency counts from when they were
    /// due.
    Open {
        /// The spacing of arrivals.
        arrivals: Arrivals,
        /// The rate over time.
        schedule: Schedule,
        /// Before a request is due the thread spins instead of sleeping for up to this long.
        spin: Duration,
    },
}

impl Default for Pacing {
    fn default() -> Self {
        Self::Closed { think: Duration::ZERO }
    }
}

/// The spacing of arrivals in the open loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly spaced.
    Constant,
    /// Exponentially distributed gaps: independent users.
    Poisson,
}

/// Requests per second, over the measured time. The warm-up runs at the initial rate.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// The same all the time.
    Rate(f64),
    /// Changing evenly from one rate to another, then staying there.
    Ramp {
        /// At the start, per second.
        from: f64,
        /// At the end, per second.
        to: f64,
        /// How long the change takes.
        over: Duration,
    },
    /// One rate after another; the last one stays.
    Steps(Vec<Step>),
}

/// A part of [`Schedule::Steps`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Requests per second.
    pub rate: f64,
    /// For how long.
    pub lasts: Duration,
}

/// When the measurement ends: at whichever comes first; at least one must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// After this long (without the warm-up).
    pub duration: Option<Duration>,
    /// After this many requests (without those of the warm-up).
    pub requests: Option<u64>,
}

/// Whether connections are renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Churn {
    /// A connection is kept as long as the server keeps it.
    Never,
    /// A connection is closed after this many responses, and another one opened.
    After(u64),
}

/// Which I/O engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// `io_uring` where the kernel allows it, else `epoll`.
    #[default]
    Auto,
    /// `io_uring` or an error.
    IoUring,
    /// `epoll`.
    Epoll,
}

/// Bodies up to a size are always compared in full, a share of larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodySample {
    /// Bodies whose expected length is above this, in bytes, are large.
    pub large_above: u64,
    /// Of 1000 large bodies so many are compared in full; the length is checked on all.
    pub large_per_mille: u16,
}

impl Default for BodySample {
    fn default() -> Self {
        Self { large_above: 16 * 1024, large_per_mille: 50 }
    }
}
