//! Sums up the exchanges of one check.

use std::collections::BTreeSet;

use super::client::Exchange;
use crate::excerpt::{Excerpt, Transcript};
use crate::finding::Finding;

/// The exchanges of one check so far.
pub(crate) struct Tally {
    /// In the order first seen.
    statuses: BTreeSet<u16>,
    last: Option<(Transcript, Transcript)>,
}

/// Why a check does not hold.
pub(crate) struct Trouble {
    label: String,
    why: String,
    exchange: Option<Box<Exchange>>,
}

impl Trouble {
    /// A response (or the lack of one) that is not what it must be. The label is stable, the text
    /// has the values.
    pub(crate) fn of(exchange: &Exchange, label: &str, why: &str) -> Self {
        Self { label: label.into(), why: why.into(), exchange: Some(Box::new(exchange.clone())) }
    }

    /// What all exchanges together show; the last one stands for them.
    pub(crate) fn over_all(label: &str, why: &str) -> Self {
        Self { label: label.into(), why: why.into(), exchange: None }
    }

    /// The harness itself could not do what the check asks.
    pub(crate) fn harness(why: &str) -> Self {
        Self { label: "unusable check".into(), why: why.into(), exchange: None }
    }
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self { statuses: BTreeSet::new(), last: None }
    }

    pub(crate) fn note(&mut self, exchange: &Exchange) {
        if let Ok(answer) = &exchange.answer {
            self.statuses.insert(answer.status);
        }
        self.last = Some((exchange.sent.clone(), exchange.received.clone()));
    }

    /// Every exchange held.
    pub(crate) fn into_finding(self) -> Finding {
        let (sent, received) = self.last.unwrap_or_default();
        let statuses: Vec<String> = self.statuses.iter().map(u16::to_string).collect();
        Finding {
            held: true,
            observed: statuses.join(" "),
            not_here: None,
            why: Vec::new(),
            sent: sent.excerpt(),
            received: received.excerpt(),
        }
    }

    /// One did not.
    pub(crate) fn into_failure(self, trouble: Trouble) -> Finding {
        let (sent, received) = match &trouble.exchange {
            Some(exchange) => (exchange.sent.clone(), exchange.received.clone()),
            None => self.last.unwrap_or_default(),
        };
        let request = trouble.exchange.map(|exchange| exchange.request);
        let why = match request {
            Some(request) => {
                let path = httpdyno_wire::escape_bounded(request.path.as_bytes(), 120);
                format!("{} {path}: {}", request.method.as_str(), trouble.why)
            }
            None => trouble.why,
        };
        Finding {
            held: false,
            observed: trouble.label,
            not_here: None,
            why: vec![why],
            sent: sent.excerpt(),
            received: received.excerpt(),
        }
    }

    /// The check can not be run at all.
    pub(crate) fn unusable(why: String) -> Finding {
        let trouble = Trouble::harness(&why);
        Finding {
            held: false,
            observed: trouble.label,
            not_here: None,
            why: vec![why],
            sent: Excerpt::default(),
            received: Excerpt::default(),
        }
    }
}
