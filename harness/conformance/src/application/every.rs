//! Rules that hold for every response that any check receives.

use std::sync::{Mutex, PoisonError};

use httpdyno_spec::case::Framed;
use httpdyno_spec::endpoint::{Invariant, InvariantRule};

use super::client::Exchange;
use crate::answer::Answer;
use crate::excerpt::{Excerpt, Transcript};
use crate::finding::Finding;
use crate::rules::check_fields;

/// Sees every exchange, and keeps for each rule the first violation.
pub(crate) struct EveryResponse {
    rules: Vec<Invariant>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    responses: u64,
    /// In the order of the rules; the lowest case position wins, so that reports repeat.
    violations: Vec<Option<Violation>>,
}

struct Violation {
    position: usize,
    why: String,
    sent: Transcript,
    received: Transcript,
}

impl EveryResponse {
    pub(crate) fn new(rules: Vec<Invariant>) -> Self {
        let violations = rules.iter().map(|_| None).collect();
        let seen = Mutex::new(Seen { responses: 0, violations });
        Self { rules, seen }
    }

    /// Takes note of an exchange made by the case at that position.
    pub(crate) fn note(&self, position: usize, exchange: &Exchange) {
        let Ok(answer) = &exchange.answer else {
            return;
        };
        let broken: Vec<(usize, String)> = self
            .rules
            .iter()
            .enumerate()
            .filter_map(|(at, rule)| Some((at, check(&rule.holds, answer).err()?)))
            .collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.responses += 1;
        for (at, why) in broken {
            let slot = &mut seen.violations[at];
            if slot.as_ref().is_none_or(|violation| position < violation.position) {
                let request = &exchange.request;
                let why = format!("{} {}: {why}", request.method.as_str(), request.path);
                let (sent, received) = (exchange.sent.clone(), exchange.received.clone());
                *slot = Some(Violation { position, why, sent, received });
            }
        }
    }

    /// What was found for each rule.
    pub(crate) fn findings(&self) -> Vec<(&Invariant, Finding)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = self.rules.iter().zip(&seen.violations);
        rules.map(|(rule, violation)| (rule, finding(violation.as_ref(), seen.responses))).collect()
    }
}

fn finding(violation: Option<&Violation>, responses: u64) -> Finding {
    let mut finding = Finding {
        held: violation.is_none() && responses > 0,
        observed: "on every response".into(),
        not_here: None,
        why: Vec::new(),
        sent: Excerpt::default(),
        received: Excerpt::default(),
    };
    if let Some(violation) = violation {
        finding.observed = "not on every response".into();
        finding.why = vec![violation.why.clone()];
        finding.sent = violation.sent.excerpt();
        finding.received = violation.received.excerpt();
    } else if responses == 0 {
        finding.observed = "no response".into();
        finding.why = vec!["no check received any response".into()];
    }
    finding
}

fn check(rule: &InvariantRule, answer: &Answer) -> Result<(), String> {
    match rule {
        InvariantRule::Fields(rules) => check_fields(rules, answer),
        InvariantRule::Framed if answer.framed == Some(Framed::Close) => {
            Err("there is neither `content-length` nor `transfer-encoding`".into())
        }
        InvariantRule::Typed
            if !answer.body.is_empty() && answer.field("content-type").is_none() =>
        {
            Err("there is content, but no `content-type`".into())
        }
        InvariantRule::Framed | InvariantRule::Typed => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(framed: Option<Framed>, fields: &[(&str, &str)], body: &str) -> Answer {
        let fields = fields.iter().map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec()));
        Answer {
            status: 200,
            fields: fields.collect(),
            body: body.into(),
            framed,
            spaceless: false,
        }
    }

    #[test]
    fn framing_and_type_are_asked_for_where_there_is_content() {
        let (framed, typed) = (InvariantRule::Framed, InvariantRule::Typed);
        assert!(check(&framed, &answer(Some(Framed::Length), &[], "")).is_ok());
        assert!(check(&framed, &answer(None, &[], "")).is_ok());
        assert!(check(&framed, &answer(Some(Framed::Close), &[], "")).is_err());
        assert!(check(&typed, &answer(None, &[], "")).is_ok());
        assert!(check(&typed, &answer(None, &[], "x")).is_err());
        assert!(check(&typed, &answer(None, &[("content-type", "text/plain")], "x")).is_ok());
    }

    #[test]
    fn a_rule_that_saw_no_response_does_not_hold() {
        assert!(!finding(None, 0).held && finding(None, 1).held);
    }
}
