//! What is kept of responses under load.

use std::collections::BTreeMap;
use std::time::Duration;

/// A response under load, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// Its place among the plan's routes; the canaries follow the routes.
    pub route: usize,
    /// The number of its request in the run.
    pub index: u64,
    /// The request as it was sent.
    pub request: Vec<u8>,
    /// The values of the plan for it, by name.
    pub values: BTreeMap<String, String>,
    /// The head of the response, to the empty line.
    pub head: Vec<u8>,
    /// The content, without chunked framing; nothing where it is too long to be kept.
    pub body: Option<Vec<u8>>,
    /// When the request was sent, since 1970.
    pub sent_at: Duration,
    /// When the response was complete, since 1970.
    pub done_at: Duration,
}
