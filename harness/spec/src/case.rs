//! `spec/cases/*.yaml`: HTTP/1.1 protocol cases as bytes on a socket.
//!
//! A case says what to send and how, and which *set* of outcomes is allowed. It holds no code:
//! running it gives an observation, and judging compares that with each allowed outcome.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exchange::{BodyRule, FieldRule, Level, Method};
use crate::id::{CaseId, EndpointId};
pub use crate::unescape::{EscapeError, unescape};
use crate::units::Span;

/// The whole of one file under `spec/cases/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasesFile {
    /// Version of this file's format.
    pub version: u32,
    /// What the file covers, e.g. `RFC 9112 section 3: request line`.
    pub group: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One protocol case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its permanent name, `h1/<group>/<name>`.
    pub id: CaseId,
    /// One line that says what is tried.
    pub title: String,
    /// How strongly the RFC asks for it.
    pub level: Level,
    /// Where the RFC asks for it, e.g. `RFC 9112 section 3.2`.
    pub source: String,
    /// What the RFC requires, in one sentence of our own.
    pub requires: String,
    /// Endpoints that the case uses beside `/plaintext`; without them it is not applicable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<EndpointId>,
    /// What is sent on the connection, in order.
    #[schemars(length(min = 1))]
    pub send: Vec<Action>,
    /// How the bytes are cut up and how often the case is run.
    #[serde(default)]
    pub delivery: Delivery,
    /// The methods of the requests sent, in order, where not all are such that a response may have
    /// content (a response to HEAD has none). Missing ones are GET.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Method>,
    /// The same without what the case is about. When the case does not hold, this is tried: when it
    /// does not hold either, the cause is another one, and the case says nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// The allowed outcomes: one of them must be what happened.
    #[schemars(length(min = 1))]
    pub accept: Vec<Outcome>,
    /// How long to wait for the outcome.
    #[serde(default = "default_deadline")]
    pub deadline: Span,
}

/// What a case sends with its cause taken out. It must end in one of the case's outcomes, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The cause, as a part of a sentence after "without": `the chunk extension`.
    pub without: String,
    /// What is sent instead of the case's actions.
    #[schemars(length(min = 1))]
    pub send: Vec<Action>,
}

/// One thing done on the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Bytes to send. In the text, `\r \n \t \0 \\ \xNN` are escapes, a line break of the YAML is
    /// nothing, and `{host}` stands for the authority of the server under test.
    Bytes(String),
    /// The same bytes several times over.
    Repeat(Repeated),
    /// The same request several times over, each sent when the one before has been answered.
    Sequential(Repeated),
    /// Waits before going on.
    Pause(Span),
    /// Bytes sent one at a time, this far apart.
    Drip(Dripped),
    /// Waits until that many final responses have come in all (or the deadline).
    AwaitResponses(u32),
    /// Waits until an interim (1xx) response has come (or the given time has passed).
    AwaitInterim(Span),
    /// Closes the sending half of the connection (FIN), and goes on reading.
    HalfClose,
    /// Stops reading from the connection for this long (a slow reader).
    StopReading(Span),
}

/// See [`Action::Repeat`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// Bytes, escaped as in [`Action::Bytes`].
    pub bytes: String,
    /// How often.
    #[schemars(range(min = 1))]
    pub times: u32,
}

/// See [`Action::Drip`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dripped {
    /// Bytes, escaped as in [`Action::Bytes`].
    pub bytes: String,
    /// The time between two bytes.
    pub every: Span,
}

/// How the bytes of `send` reach the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Each action is one write.
    #[default]
    Whole,
    /// The case is run once for each position in the bytes, cut in two segments there; every run
    /// must end in an allowed outcome.
    SplitAtEveryByte,
    /// One run, one write (and one TCP segment) per byte.
    ByteByByte,
}

/// One allowed outcome: the responses in order, and what became of the connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The final responses in order. An empty list is "no response at all".
    #[serde(default)]
    pub responses: Vec<ExpectedResponse>,
    /// How many interim (1xx) responses must come at least; 0 means that none may. Absent means
    /// any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interim: Option<u32>,
    /// What is true of the connection afterwards.
    pub then: Then,
}

/// One response of an outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedResponse {
    /// Allowed status codes: `200`, or a class such as `4xx`.
    #[schemars(length(min = 1))]
    pub status: Vec<StatusPattern>,
    /// Codes that are not allowed although `status` has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<StatusPattern>,
    /// Rules for its fields, by lower-case name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, FieldRule>,
    /// The rule for its content.
    #[serde(default)]
    pub body: BodyRule,
    /// How its content must be delimited: absent means in any valid way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framed: Option<Framed>,
    /// How its status line must be: absent means with or without the space before the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<StatusLine>,
    /// This expectation stands for so many equal responses in a row.
    #[serde(default = "once")]
    #[schemars(range(min = 1))]
    pub times: u32,
}

/// What a status line must be (RFC 9112 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatusLine {
    /// With the space behind the status code, also where no reason follows.
    WellFormed,
}

/// How response content is delimited (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Framed {
    /// By `Content-Length`.
    Length,
    /// By the chunked coding.
    Chunked,
    /// By the end of the connection.
    Close,
    /// Not by the chunked coding.
    NotChunked,
}

/// A status code or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StatusText", into = "StatusText")]
pub enum StatusPattern {
    /// Exactly this code.
    Code(u16),
    /// Any code of the class, 1 to 5.
    Class(u8),
}

/// What is true of the connection after the responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It is open and in step: a `GET /plaintext` sent on it is answered rightly. A server may end
    /// any connection that it says it ends (RFC 9112 section 9.6): then the request is answered on
    /// a new one.
    Open,
    /// The server ends it with a FIN after all bytes (RFC 9112 section 9.6), or has said that it
    /// does, answers nothing more, and lingers.
    Closed,
    /// The server ends it, by FIN or reset, or lingers after it has said that it does.
    Ended,
    /// Any of these, but never a response that answers bytes which were not a request.
    OpenOrEnded,
    /// The server speaks HTTP/2 on it.
    #[serde(rename = "http-2")]
    Http2,
    /// Not looked at.
    Any,
}

fn default_deadline() -> Span {
    Span(std::time::Duration::from_secs(5))
}

fn once() -> u32 {
    1
}

/// A status in YAML: a number, or a class in text.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a status code from 100 to 599, or one of 1xx, 2xx, 3xx, 4xx, 5xx"
)]
enum StatusText {
    Code(u16),
    Class(String),
}

impl TryFrom<StatusText> for StatusPattern {
    type Error = String;
    fn try_from(text: StatusText) -> Result<Self, String> {
        let allowed = "a status code from 100 to 599, or one of 1xx, 2xx, 3xx, 4xx, 5xx";
        match text {
            StatusText::Code(code @ 100..=599) => Ok(Self::Code(code)),
            StatusText::Code(code) => Err(format!("status `{code}` is not {allowed}")),
            StatusText::Class(class) => match class.as_bytes() {
                [digit @ b'1'..=b'5', b'x', b'x'] => Ok(Self::Class(digit - b'0')),
                _ => Err(format!("status `{class}` is not {allowed}")),
            },
        }
    }
}

impl From<StatusPattern> for StatusText {
    fn from(pattern: StatusPattern) -> Self {
        match pattern {
            StatusPattern::Code(code) => Self::Code(code),
            StatusPattern::Class(class) => Self::Class(format!("{class}xx")),
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => f.pad(&code.to_string()),
            Self::Class(class) => f.pad(&format!("{class}xx")),
        }
    }
}

impl From<StatusPattern> for String {
    fn from(pattern: StatusPattern) -> String {
        pattern.to_string()
    }
}

impl JsonSchema for StatusPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StatusPattern".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "oneOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^[1-5]xx$" },
            ]
        })
    }
}

impl StatusPattern {
    /// Whether `code` fits the pattern.
    #[must_use]
    pub fn matches(self, code: u16) -> bool {
        match self {
            Self::Code(wanted) => wanted == code,
            Self::Class(class) => code / 100 == u16::from(class),
        }
    }
}
