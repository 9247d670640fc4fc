//! The record of a run: versioned types on disk, the machine's fingerprint, reader and writer.
//!
//! A record is a folder that can be read years later, without a server:
//!
//! ```text
//! results/<date>-<profile>-<host fingerprint>/
//!   run.json            what was run, where, with which seed and versions
//!   conformance.jsonl   one line per entry and case
//!   trials.jsonl        one line per trial, appended as it ends
//!   capacity.json       what a search for the capacity came to (`httpdyno capacity` only)
//!   histograms/N.hlog   HdrHistogram log of trial N, one line per second and route
//! ```
//!
//! All quantities are integers with their unit in the name. Files are appended to while the run
//! goes on, so that a crash loses the trial under way at most.

#![forbid(unsafe_code)]

pub mod capacity;
pub mod conformance;
pub mod digest;
pub mod files;
pub mod fitness;
pub mod gate;
mod hdr_text;
mod host;
pub mod lack;
pub mod machine;
pub mod purpose;
pub mod reader;
pub mod resources;
pub mod rows;
pub mod run;
pub mod schema;
pub mod trial;
pub mod writer;

pub use capacity::{CapacityRecord, CapacitySearch, CapacityStep, Objective, Recovery};
pub use conformance::{CaseRecord, CaseStatus, ConformanceCounts};
pub use gate::Gate;
pub use hdr_text::HdrText;
pub use host::Host;
pub use lack::{Lack, Privilege, WeakFigure};
pub use machine::{Energy, Machine};
pub use purpose::{Figure, Purpose, Role};
pub use reader::{ReadError, Record};
pub use resources::{
    DatabaseUse, Enforced, ForeignTime, GeneratorUse, OpenLoopUse, ServerResources,
};
pub use run::{
    ClaimRecord, Cores, DatabaseRecord, Design, Ending, EntryRecord, FORMAT_VERSION, RunRecord,
    WorkloadRecord,
};
pub use trial::{
    GateFailure, LatencySummary, Measurement, RateChange, RouteMeasurement, Stage, TrialOutcome,
    TrialRecord, WarmupOutcome,
};
pub use writer::{RecordWriter, WriteError};
