//! Observation and accepted outcomes in, judgement out. Pure.

use std::path::Path;

use httpdyno_spec::case::{
    Case, ExpectedResponse, Framed, Outcome, StatusLine, StatusPattern, Then,
};

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
    /// The case needs more of the connection than the server said that it would give, or more
    /// time than there was.
    pub(crate) excused: Option<String>,
    /// That, as a label.
    pub(crate) excused_label: &'static str,
    /// An outcome held but for the announced end of a connection that could have stayed open.
    pub(crate) closed_as_announced: bool,
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
    let outcome = accepted.map(|at| &case.accept[at]);
    let label = label(seen, outcome);
    let excused = match accepted {
        Some(_) => None,
        None => excuse(case, seen, payloads),
    };
    let closed_as_announced =
        outcome.is_some_and(|outcome| outcome.then == Then::Open) && seen.ended_as_announced();
    let excused_label = if seen.out_of_time { "out of time" } else { "close announced" };
    Judgement { accepted, label, why, excused, excused_label, closed_as_announced }
}

/// Why the rest of an accepted outcome can not be seen: a server may end a connection after any
/// response, when it says so in that (RFC 9112 section 9.6).
fn excuse(case: &Case, seen: &Observation, payloads: &Path) -> Option<String> {
    let in_step = seen.out_of_time && seen.end == End::Open;
    if !in_step && !seen.ended_as_announced() {
        return None;
    }
    let missing = case.accept.iter().filter_map(|outcome| {
        responses_missing(outcome, &seen.answers, payloads).ok().filter(|&missing| missing > 0)
    });
    let came = seen.answers.len();
    missing.min().map(|missing| {
        if in_step {
            return format!(
                "{} of {} came in the time for them, all as they should be, and the connection is \
                 open and in step: the server is slow, which is no fault",
                came,
                responses(came + missing),
            );
        }
        format!(
            "the server ends the connection after {} of {}, as it announces (`Connection: \
             close`), which it may; twice asked, the rest can not be seen",
            came,
            responses(came + missing),
        )
    })
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
                    Then::Closed | Then::Ended | Then::Http2 => outlook.may_be_ended = true,
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
    check_interim(outcome.interim, seen.interim)?;
    let fits = match outcome.then {
        Then::Open => seen.end == End::Open || seen.ended_as_announced(),
        Then::Closed => matches!(seen.end, End::Closed | End::Lingering),
        Then::Ended => seen.end.is_an_end(),
        Then::OpenOrEnded => seen.end == End::Open || seen.end.is_an_end(),
        Then::Http2 => seen.end == End::Http2,
        Then::Any => true,
    };
    if fits {
        return Ok(());
    }
    Err(format!("the connection {}, expected: {}", seen.end.sentence(), then_text(outcome.then)))
}

/// More than one 100 (Continue) is as good as one; where there must be none, one is too many.
fn check_interim(wanted: Option<u32>, came: u32) -> Result<(), String> {
    let expected = match wanted {
        Some(0) if came > 0 => "none".to_owned(),
        Some(least) if came < least => format!("{least} or more"),
        _ => return Ok(()),
    };
    Err(format!("{came} interim responses came, expected {expected}"))
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
    let among =
        |patterns: &[StatusPattern]| patterns.iter().any(|pattern| pattern.matches(answer.status));
    if !among(&rule.status) || among(&rule.except) {
        return Err(format!("status is {}, expected {}", answer.status, statuses_text(rule)));
    }
    check_fields(&rule.headers, answer)?;
    if let Some(wanted) = rule.framed {
        check_framing(wanted, answer.framed)?;
    }
    if rule.line == Some(StatusLine::WellFormed) && answer.spaceless {
        return Err("the status line has no space behind the status code".into());
    }
    check_body(&rule.body, &answer.body, &BodyContext { sent: b"", payloads })
}

/// The allowed status codes as text.
pub(super) fn statuses_text(rule: &ExpectedResponse) -> String {
    let names = |patterns: &[StatusPattern]| {
        patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    };
    match rule.except.as_slice() {
        [] => names(&rule.status),
        except => format!("{} but not {}", names(&rule.status), names(except)),
    }
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
        Then::Open => "open and in step (a follow-up request is answered), or closed as announced",
        Then::Closed => "closed with a FIN",
        Then::Http2 => "turned to HTTP/2",
        Then::Ended => "closed or reset",
        Then::OpenOrEnded => "open and in step, or closed, or reset",
        Then::Any => "anything",
    }
}

/// Statuses in order and the end. Where the accepted outcome leaves the end to chance, the label
/// says what is accepted and not what chance brought.
fn label(seen: &Observation, accepted: Option<&Outcome>) -> String {
    let end = match accepted.map(|outcome| outcome.then) {
        Some(Then::Open) if seen.end.is_an_end() => Some("close announced".into()),
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
