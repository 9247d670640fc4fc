//! Observation and accepted outcomes in, judgement out. Pure.

use std::path::Path;

use httpdyno_spec::case::{Case, ExpectedResponse, Framed, Outcome, Then};

use super::observation::{End, Observation};
use crate::answer::Answer;
use crate::rules::{BodyContext, check_body, check_fields};

/// Whether an observation is one of the accepted outcomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The first outcome that held, by its index.
    pub(crate) accepted: Option<usize>,
    /// The stable label.
    pub(crate) label: String,
    /// For each outcome, what did not hold; empty when one did.
    pub(crate) why: Vec<String>,
}

/// What the responses so far leave open, for each accepted outcome they fit as a beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outlook {
    /// Some outcome has all its responses.
    pub(crate) complete: bool,
    /// Some outcome still waits for responses.
    pub(crate) waiting: bool,
    /// What complete outcomes want to be known about the connection.
    pub(crate) may_be_open: bool,
    /// See [`Outlook::may_be_open`].
    pub(crate) may_be_ended: bool,
    /// A complete outcome asks nothing about the connection.
    pub(crate) indifferent: bool,
}

/// Judges what was seen on one connection.
pub(crate) fn judge(case: &Case, seen: &Observation, payloads: &Path) -> Judgement {
    let reasons: Vec<Result<(), String>> =
        case.accept.iter().map(|outcome| holds(outcome, seen, payloads)).collect();
    let accepted = reasons.iter().position(Result::is_ok);
    let why = match accepted {
        Some(_) => Vec::new(),
        None => reasons.into_iter().filter_map(Result::err).collect(),
    };
    let label = label(seen, accepted.map(|at| &case.accept[at]));
    Judgement { accepted, label, why }
}

/// What may still happen, for the engine to know what to wait for.
pub(crate) fn outlook(case: &Case, answers: &[Answer], payloads: &Path) -> Outlook {
    let mut outlook = Outlook::default();
    for outcome in &case.accept {
        match responses_missing(outcome, answers, payloads) {
            Err(_) => {}
            Ok(0) => {
                outlook.complete = true;
                match outcome.then {
                    Then::Open => outlook.may_be_open = true,
                    Then::Closed | Then::Ended => outlook.may_be_ended = true,
                    Then::OpenOrEnded => {
                        (outlook.may_be_open, outlook.may_be_ended) = (true, true);
                    }
                    Then::Any => outlook.indifferent = true,
                }
            }
            Ok(_) => outlook.waiting = true,
        }
    }
    outlook
}

fn holds(outcome: &Outcome, seen: &Observation, payloads: &Path) -> Result<(), String> {
    if let End::Unreachable(_) | End::Malformed(..) = seen.end {
        return Err(format!("the connection {}", seen.end.sentence()));
    }
    match responses_missing(outcome, &seen.answers, payloads)? {
        0 => {}
        missing => {
            return Err(format!(
                "{} came, {missing} more expected; the connection {}",
                responses(seen.answers.len()),
                seen.end.sentence()
            ));
        }
    }
    if let Some(wanted) = outcome.interim
        && wanted != seen.interim
    {
        return Err(format!("{} interim responses came, expected {wanted}", seen.interim));
    }
    let fits = match outcome.then {
        Then::Open => seen.end == End::Open,
        Then::Closed => seen.end == End::Closed,
        Then::Ended => matches!(seen.end, End::Closed | End::Reset),
        Then::OpenOrEnded => matches!(seen.end, End::Open | End::Closed | End::Reset),
        Then::Any => true,
    };
    if fits {
        return Ok(());
    }
    Err(format!("the connection {}, expected: {}", seen.end.sentence(), then_text(outcome.then)))
}

fn responses(count: usize) -> String {
    match count {
        0 => "no response".into(),
        1 => "1 response".into(),
        n => format!("{n} responses"),
    }
}

/// How many responses of the outcome have not come, when those that came fit.
fn responses_missing(
    outcome: &Outcome,
    answers: &[Answer],
    payloads: &Path,
) -> Result<usize, String> {
    let expected: usize = outcome.responses.iter().map(|r| r.times as usize).sum();
    let each = outcome.responses.iter().flat_map(|r| std::iter::repeat_n(r, r.times as usize));
    for (at, (rule, answer)) in each.zip(answers).enumerate() {
        check_answer(rule, answer, payloads).map_err(|why| match expected {
            1 => why,
            _ => format!("response {}: {why}", at + 1),
        })?;
    }
    expected
        .checked_sub(answers.len())
        .ok_or_else(|| format!("{} came, expected {expected}", responses(answers.len())))
}

fn check_answer(rule: &ExpectedResponse, answer: &Answer, payloads: &Path) -> Result<(), String> {
    if !rule.status.iter().any(|pattern| pattern.matches(answer.status)) {
        let allowed: Vec<String> = rule.status.iter().map(|&p| p.into()).collect();
        return Err(format!("status is {}, expected {}", answer.status, allowed.join(" or ")));
    }
    check_fields(&rule.headers, answer)?;
    if let Some(wanted) = rule.framed {
        check_framing(wanted, answer.framed)?;
    }
    check_body(&rule.body, &answer.body, &BodyContext { sent: b"", payloads })
}

fn check_framing(wanted: Framed, found: Option<Framed>) -> Result<(), String> {
    let fits = match wanted {
        Framed::NotChunked => found != Some(Framed::Chunked),
        other => found == Some(other),
    };
    if fits {
        return Ok(());
    }
    let name = |framed| match framed {
        Some(framed) => framed_text(framed),
        None => "nothing (there can be no content)",
    };
    Err(format!("content is delimited by {}, expected {}", name(found), framed_text(wanted)))
}

pub(super) fn framed_text(framed: Framed) -> &'static str {
    match framed {
        Framed::Length => "Content-Length",
        Framed::Chunked => "the chunked coding",
        Framed::Close => "the end of the connection",
        Framed::NotChunked => "anything but the chunked coding",
    }
}

pub(super) fn then_text(then: Then) -> &'static str {
    match then {
        Then::Open => "open and in step (a follow-up request is answered)",
        Then::Closed => "closed with a FIN",
        Then::Ended => "closed or reset",
        Then::OpenOrEnded => "open and in step, or closed, or reset",
        Then::Any => "anything",
    }
}

/// Statuses in order and the end. Where the accepted outcome leaves the end to chance, the label
/// says what is accepted and not what chance brought.
fn label(seen: &Observation, accepted: Option<&Outcome>) -> String {
    let end = match accepted.map(|outcome| outcome.then) {
        Some(Then::Ended) => Some("ended".into()),
        Some(Then::OpenOrEnded) if seen.end != End::Open => Some("ended".into()),
        Some(Then::Any) => None,
        _ => Some(seen.end.label()),
    };
    let statuses = statuses(&seen.answers);
    match end {
        Some(end) => format!("{statuses}, {end}"),
        None => statuses,
    }
}

fn statuses(answers: &[Answer]) -> String {
    if answers.is_empty() {
        return "no response".into();
    }
    let runs = answers.chunk_by(|a, b| a.status == b.status);
    let texts: Vec<String> = runs
        .map(|run| match run.len() {
            1 => run[0].status.to_string(),
            n => format!("{} x{n}", run[0].status),
        })
        .collect();
    texts.join(" ")
}
