//! `run.json`: what was run, where, and with what.

use httpdyno_spec::profile::Profile;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conformance::ConformanceCounts;
use crate::host::Host;

/// Version of the format that this crate writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

/// The whole of `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// Version of the format; see [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Version of the harness that wrote it.
    pub httpdyno_version: String,
    /// The revision of the harness's repository, with `-dirty` where files were changed.
    pub git_revision: Option<String>,
    /// The command that was typed, one argument each.
    pub command_line: Vec<String>,
    /// When the run began.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// When it ended; absent while it goes on, or after a crash.
    #[schemars(with = "Option<String>")]
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub ending: Ending,
    /// The seed of every random choice.
    pub seed: u64,
    /// The profile as it was read.
    pub profile: Profile,
    /// SHA-256 over all files of `spec/`, in hexadecimal digits.
    pub spec_digest: String,
    /// The machine.
    pub host: Host,
    /// The cores of each role, as enforced.
    pub cores: Cores,
    /// The entries, in the order they were asked for.
    pub entries: Vec<EntryRecord>,
    /// What a reader of the results must know.
    pub warnings: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It goes on, or the harness died.
    Unfinished,
    /// Everything planned was done.
    Complete,
    /// Somebody stopped it; what was measured until then is there.
    Interrupted,
}

/// The cores of each role, by the kernel's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cores {
    /// The server's.
    pub server: Vec<u32>,
    /// The load generator's.
    pub generator: Vec<u32>,
    /// The database's; empty means the kernel chose.
    pub database: Vec<u32>,
}

/// One row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryRecord {
    /// `implementation` or `implementation@variant`.
    pub entry: String,
    /// The name people know it by.
    pub name: String,
    /// The language of its code.
    pub language: String,
    /// What its version command printed.
    pub version: Option<String>,
    /// SHA-256 of the program that was started, in hexadecimal digits; absent where it is none of
    /// the entry's own (an interpreter, say).
    pub program_digest: Option<String>,
    /// How its cases ended; absent where they were not run.
    pub conformance: Option<ConformanceCounts>,
    /// Why it was not measured; absent where it was.
    pub excluded: Option<String>,
}
