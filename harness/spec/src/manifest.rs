//! `implementations/<id>/implementation.yaml`: what an entry is and how it is run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{CaseId, EndpointId, ImplementationId, VariantId};

/// The whole of `implementation.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its permanent name; equals the folder's name.
    pub id: ImplementationId,
    /// The name people know it by.
    pub name: String,
    /// The language of the entry's own code.
    pub language: String,
    /// What it is built on.
    pub framework: Framework,
    /// How it serves many connections, in one sentence.
    pub concurrency: String,
    /// How it is built and run as a process.
    pub process: ProcessCommands,
    /// How it is built as a container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerBuild>,
    /// The protocols it speaks.
    #[schemars(length(min = 1))]
    pub protocols: Vec<Protocol>,
    /// The endpoints it serves.
    #[schemars(length(min = 1))]
    pub endpoints: Vec<EndpointId>,
    /// The status it answers while the database cannot be used, where that is not 503.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable_status: Option<UnavailableStatus>,
    /// Words to filter reports by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The same code in other configurations; each is a row of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// Cases that are known to fail, with the reason; an unexpected pass fails too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_deviations: Vec<KnownDeviation>,
}

/// What an entry is built on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub url: String,
}

/// Commands as argument lists, never through a shell. `{cargo_target}` stands for cargo's target
/// folder, `{folder}` for the entry's own folder. They run in the repository root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcessCommands {
    /// What it is made of and cannot be had everywhere: where that is so, it is skipped, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Prerequisite>,
    /// Builds what `run` needs; absent when nothing is to be built.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub build: Vec<String>,
    /// Starts the server under the contract.
    #[schemars(length(min = 1))]
    pub run: Vec<String>,
    /// Prints the version of what is really running, in one line.
    #[schemars(length(min = 1))]
    pub version: Vec<String>,
}

/// Something that an entry is made of and that cannot be had everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// What it is and where it would come from, in a few words.
    pub what: String,
    /// A command that ends with status 0 where it can be had, within a minute.
    #[schemars(length(min = 1))]
    pub check: Vec<String>,
}

/// How the image is built; the build context is the repository root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerBuild {
    /// The Dockerfile, relative to the entry's folder.
    pub dockerfile: String,
}

/// A protocol that an entry speaks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Protocol {
    /// HTTP/1.1 (RFC 9112) without TLS.
    #[serde(rename = "http/1.1")]
    Http11,
}

/// What is answered in the place of 503 (Service Unavailable), by every endpoint that needs rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnavailableStatus {
    /// Another server error (RFC 9110 section 15.6), e.g. 500.
    #[schemars(range(min = 500, max = 599))]
    pub status: u16,
    /// Why its engine answers that, and why that stays so.
    pub reason: String,
}

/// The same code in another configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its permanent name within the implementation.
    pub id: VariantId,
    /// What is different about it, in one sentence.
    pub summary: String,
    /// Whether it is the one meant when no variant is named. Exactly one is.
    #[serde(default)]
    pub default: bool,
    /// Arguments added to the `run` command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Variables added to its environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

/// A case that is known to fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownDeviation {
    /// The case.
    pub case: CaseId,
    /// Why it fails, and why that stays so.
    pub reason: String,
    /// The variants it applies to; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<VariantId>,
    /// Whether it is met at times, since it depends on which of two events the server sees first.
    /// Then a pass is no surprise, and what was observed is left out of snapshots.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub varies: bool,
}
