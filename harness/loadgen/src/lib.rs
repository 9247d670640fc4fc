//! The load generator: requests out, checked responses in, latencies that can be believed.
//!
//! A [`LoadPlan`] says what to send, how it is paced and when to stop; [`run`] carries it out
//! and gives a [`LoadReport`]. Pacing, stop condition and I/O engine are independent
//! parameters of one loop: one thread per generator core, each with its own connections,
//! histograms and counters, merged when all is over.
//!
//! Latency is counted from the *intended* time of a request, which is a pure function of its
//! index (open loop) or of the response before it (closed loop), so that a stalled server
//! can not hide its stall (coordinated omission).

#![deny(unsafe_code)]

mod affinity;
mod arrivals;
mod audit;
mod check;
mod clock;
mod compile;
mod cpu;
mod dial;
mod driver;
mod engine;
mod error;
mod mix;
mod observer;
mod pacer;
mod plan;
mod redirect;
mod report;
mod run;
mod tally;
mod values;
mod worker;

pub use affinity::granted_niceness;
pub use error::{LoadError, PlanError, remedy_here};
pub use httpdyno_stats::Histogram;
pub use httpdyno_stats::warmup::FlatRule;
pub use httpdyno_wire::Limits;
pub use observer::{Observer, SecondReport, Silent, Started};
pub use plan::{
    Arrivals, Audit, BodyCheck, BodySample, Churn, EngineChoice, Expectation, IntegerMember,
    LoadPlan, MoreAddresses, Order, Pacing, Patience, Playlist, RecordsCheck, RequestSpec, Route,
    Schedule, StatusCheck, Step, Stop, Threads, ValueKind, ValueSpec,
};
pub use report::{
    AfterWindow, Audited, ConnectionReport, GeneratorReport, LoadReport, Mismatch, MismatchCause,
    Mismatches, OpenLoopReport, RouteReport, Settlement, StatusClasses, ThreadReport, WarmupReport,
};
pub use run::run;
pub use values::verbatim;
