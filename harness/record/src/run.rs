//! `run.json`: what was run, where, and with what.

use std::collections::BTreeMap;

use httpdyno_spec::profile::Profile;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::conformance::ConformanceCounts;
use crate::host::Host;
use crate::lack::Lack;
use crate::purpose::Role;

/// Version of the format that this crate writes, and the newest it reads.
pub const FORMAT_VERSION: u32 = 3;

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
    /// SHA-256 over all files of `spec/` but schemas and claims, in hexadecimal digits.
    pub spec_digest: String,
    /// The machine.
    pub host: Host,
    /// The cores of each role, as enforced.
    pub cores: Cores,
    /// The workloads, in the order they were asked for.
    #[serde(default)]
    pub workloads: Vec<WorkloadRecord>,
    /// The database; absent where none was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseRecord>,
    /// The design of the experiment, where a budget or a pilot decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<Design>,
    /// The entries, in the order they were asked for; the harness's own rows come last.
    pub entries: Vec<EntryRecord>,
    /// What a reader of the results must know.
    pub warnings: Vec<String>,
    /// What it could not have, mostly since it was not made as root; it is in one of the warnings,
    /// too. Empty in records from before this was looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// The published claims that it was to test, as they were before the first trial.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimRecord>,
}

/// A published claim as it stood when its run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimRecord {
    /// Its name.
    pub id: String,
    /// Its file, relative to the root of the repository.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal digits: prediction, tolerance and rules are in it.
    pub sha256: String,
    /// The revision that last changed the file, with `-dirty` where it was changed since; absent
    /// outside of a repository, and where the file is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_revision: Option<String>,
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

/// A workload of the run, as far as reading its results needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkloadRecord {
    /// Its name.
    pub id: String,
    /// One sentence.
    pub summary: String,
    /// The endpoints it uses.
    pub endpoints: Vec<String>,
}

/// The database of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseRecord {
    /// As the server says.
    pub server_version: String,
    /// The declared settings with the values in force.
    pub settings: BTreeMap<String, String>,
    /// Settings that are not in force as declared, with the declared value.
    pub departures: BTreeMap<String, String>,
    /// Where it is from, without a password.
    pub source: String,
    /// SHA-256 of the seeded rows, in hexadecimal digits.
    pub rows_sha256: String,
    /// Connections in total that each entry was allowed.
    pub pool: u32,
    /// Digest of the image of a database in a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
}

/// How many blocks were made, and why so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Design {
    /// The time that was given; absent where blocks were.
    pub budget_ns: Option<u64>,
    /// Blocks of the pilot.
    pub pilot_blocks: u32,
    /// Blocks in all, as planned after the pilot.
    pub blocks: u32,
    /// Standard deviation of the log ratio within a block that was assumed, in parts per million.
    pub noise_ppm: Option<u64>,
    /// The smallest difference that this design can be expected to find, in parts per million.
    pub detectable_ppm: Option<u64>,
}

/// One row of the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryRecord {
    /// `implementation` or `implementation@variant`.
    pub entry: String,
    /// The name people know it by.
    pub name: String,
    /// The language of its code.
    pub language: String,
    /// What it is.
    #[serde(default)]
    pub role: Role,
    /// The framework or engine.
    #[serde(default)]
    pub framework: String,
    /// Tags of its manifest.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Endpoints it serves, as its manifest says.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// Digest of the container image it ran from; absent for a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// How the base of that image was made, where it is no official image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_base: Option<String>,
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
