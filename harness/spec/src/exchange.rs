//! A request to send and what its response must be: shared by endpoint checks and workloads.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{ByteSize, Span};

/// How strongly the source asks for something (RFC 2119).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A violation fails the entry.
    Must,
    /// A violation is a warning; it fails the entry under `--strict`.
    Should,
    /// Recorded for information; never fails.
    May,
}

/// A request method.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the names are the methods of RFC 9110 section 9")]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Trace,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }
}

/// A request of the application contract. `{name}` in `path`, `headers`, `body.text` and in
/// string values of `body.json` is replaced by the value of that variable (see
/// [`crate::template`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestTemplate {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// The target in origin-form; values of variables are percent-encoded into it.
    pub path: String,
    /// Request fields in addition to `Host` (and `Content-Length` where there is a body).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RequestBody>,
    /// How the content is framed.
    #[serde(default)]
    pub framing: BodyFraming,
}

/// How request content is delimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BodyFraming {
    /// `Content-Length` (RFC 9112 section 6.2).
    #[default]
    Length,
    /// `Transfer-Encoding: chunked` (RFC 9112 section 7.1).
    Chunked,
}

/// Request content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RequestBody {
    /// JSON, written compactly. A string that is exactly `{name}` becomes the variable's typed
    /// value.
    Json(serde_json::Value),
    /// Text as it stands (after replacing variables).
    Text(String),
    /// A file under `spec/payloads/`.
    File(String),
    /// Made anew for each request from the run's seed, so that a fixed answer cannot be right.
    Generated(GeneratedBody),
}

/// What kind of content is made, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratedBody {
    /// JSON objects with nested values, escapes and non-ASCII text; or random bytes.
    pub kind: GeneratedKind,
    /// The size: exact for bytes, within 5 % for JSON.
    pub size: ByteSize,
}

/// See [`GeneratedBody::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "named by the field that uses it")]
pub enum GeneratedKind {
    Json,
    Bytes,
}

/// Where the values of a variable come from; the exchange is made once for each value (variables
/// of one check are advanced together, the shorter list starts over).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Variable {
    /// These values, in order.
    Values(Vec<serde_json::Value>),
    /// Integers drawn uniformly from the run's seed.
    RandomInteger(RandomInteger),
    /// Words drawn from the run's seed.
    RandomText(RandomText),
    /// 1, 2, 3, ...: for workloads, where no two requests may be the same.
    Sequence(SequenceFrom),
}

/// See [`Variable::RandomInteger`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomInteger {
    /// Smallest value.
    pub min: u64,
    /// Largest value, included.
    pub max: u64,
    /// How many exchanges a check makes with it.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub draws: u32,
}

/// See [`Variable::RandomText`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomText {
    /// Which characters it is made of.
    pub alphabet: Alphabet,
    /// Length in characters.
    #[schemars(range(min = 1, max = 65_536))]
    pub length: u32,
    /// How many exchanges a check makes with it.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub draws: u32,
}

/// See [`Variable::Sequence`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SequenceFrom {
    /// The first value.
    #[serde(default = "one_u64")]
    pub start: u64,
}

/// The characters of random text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Alphabet {
    /// Lower-case ASCII letters.
    Letters,
    /// Letters of several scripts, space, and the reserved characters of a URL.
    Unicode,
}

/// What a response must be. Every part given must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseRule {
    /// The allowed status codes.
    #[schemars(length(min = 1), inner(range(min = 100, max = 599)))]
    pub status: Vec<u16>,
    /// Rules for response fields, by lower-case field name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, FieldRule>,
    /// The rule for the content.
    #[serde(default)]
    pub body: BodyRule,
}

/// A rule for one response field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FieldRule {
    /// The field is there, with any value.
    Present,
    /// The field is not there.
    Absent,
    /// The value is exactly this.
    Equals(String),
    /// The value is one of these.
    OneOf(Vec<String>),
    /// The value's type and subtype are this, whatever the parameters (RFC 9110 section 8.3.1).
    MediaType(String),
    /// The comma-separated list has all these members, in any letter case and order.
    ListHas(Vec<String>),
    /// An IMF-fixdate (RFC 9110 section 5.6.7).
    HttpDate,
    /// An IMF-fixdate that is now, give or take ten minutes.
    CurrentDate,
    /// The field is absent, or has this value.
    AbsentOr(String),
    /// An entity tag (RFC 9110 section 8.8.3), strong or of any kind.
    EntityTag(EntityTagRule),
}

/// See [`FieldRule::EntityTag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the terms of RFC 9110 section 8.8.1")]
pub enum EntityTagRule {
    Strong,
    Any,
}

/// A rule for response content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BodyRule {
    /// Anything.
    #[default]
    Any,
    /// No content.
    Empty,
    /// Exactly this text (after replacing variables).
    Text(String),
    /// Equal JSON: member order and white space are free. A string that is exactly `{name}` stands
    /// for the variable's typed value.
    Json(serde_json::Value),
    /// JSON equal to the JSON that was sent.
    EchoJson,
    /// `{"bytes":N,"crc32":"xxxxxxxx"}` of the content that was sent.
    UploadReceipt,
    /// The bytes of a file under `spec/payloads/`.
    File(String),
    /// A part of such a file.
    FileRange(FileRange),
    /// One world row: `{"id":1..10000,"randomNumber":1..10000}`.
    World,
    /// An array of that many world rows.
    Worlds(u32),
    /// The fortunes page.
    Fortunes,
}

/// See [`BodyRule::FileRange`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRange {
    /// A file under `spec/payloads/`.
    pub file: String,
    /// First byte position, counted from 0.
    pub first: u64,
    /// Last byte position, included.
    pub last: u64,
}

/// Bounds on the time an exchange takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elapsed {
    /// No response may come before this.
    pub at_least: Span,
    /// The last response must come before this.
    pub at_most: Span,
}

fn one() -> u32 {
    1
}

fn one_u64() -> u64 {
    1
}
