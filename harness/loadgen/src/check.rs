//! Is this response the right one? Streams over the body; keeps nothing but JSON that came in
//! pieces.

mod form;
mod json;
mod keeper;
mod records;
mod rule;

pub(crate) use json::JsonMemo;
pub(crate) use keeper::Keeper;
pub(crate) use rule::{BodyRule, JsonRule};

use httpdyno_wire::{Completed, Framing, Head, RequestKind, SlotValue, Visitor, escape_bounded};

use crate::mix::{Stream, below, random};
use crate::plan::{LoadPlan, StatusCheck};
use crate::redirect::Redirect;
use crate::report::MismatchCause;
use crate::values::Values;

/// How much of expected and found bytes an example shows.
const EXCERPT_BYTES: usize = 80;

/// The first thing wrong with a response.
#[derive(Debug, Clone)]
pub(crate) struct Wrong {
    pub(crate) cause: MismatchCause,
    pub(crate) detail: String,
}

/// What the response of a route must be.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) status: StatusCheck,
    pub(crate) body: BodyRule,
}

/// What a complete response is.
#[derive(Debug)]
pub(crate) enum Verdict {
    Right,
    Wrong(Box<Wrong>),
    /// The answer is to be had elsewhere.
    Elsewhere(Box<Redirect>),
}

/// The check of one response under way; one per connection.
#[derive(Debug, Default)]
pub(crate) struct CheckState {
    seen: u64,
    skip_body: bool,
    /// The declared length, if there is one.
    declared: Option<u64>,
    /// JSON that came in pieces.
    held: Vec<u8>,
    wrong: Option<Box<Wrong>>,
    redirect: Option<Box<Redirect>>,
    /// Of a response that is kept whole.
    pub(crate) keeper: Keeper,
}

impl CheckState {
    pub(crate) fn reset(&mut self) {
        self.seen = 0;
        self.skip_body = false;
        self.declared = None;
        self.held.clear();
        self.wrong = None;
        self.redirect = None;
    }
}

/// What checks of one worker share: memory to render into.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) slots: Vec<SlotValue>,
    pub(crate) expected: Vec<u8>,
}

/// Looks at one response while it is decoded.
pub(crate) struct Check<'a> {
    pub(crate) plan: &'a LoadPlan,
    pub(crate) values: &'a Values,
    pub(crate) expected: &'a Expected,
    pub(crate) index: u64,
    /// Of the request.
    pub(crate) kind: RequestKind,
    pub(crate) state: &'a mut CheckState,
    pub(crate) scratch: &'a mut Scratch,
    /// Of this route.
    pub(crate) json: &'a mut JsonMemo,
}

impl Visitor for Check<'_> {
    #[inline]
    fn head(&mut self, head: &Head, raw: &[u8]) {
        if head.is_interim() {
            return;
        }
        if self.state.keeper.is_on {
            self.state.keeper.head(raw);
        }
        let status = head.status;
        if self.plan.redirects > 0
            && let Some(redirect) = Redirect::of(status, raw)
        {
            self.state.redirect = Some(Box::new(redirect));
            self.state.skip_body = true;
            return;
        }
        let right = match self.expected.status {
            StatusCheck::Is(expected) => status == expected,
            StatusCheck::Success => (200..400).contains(&status),
            StatusCheck::Any => true,
        };
        if !right {
            let expected = match self.expected.status {
                StatusCheck::Is(expected) => expected.to_string(),
                _ => "200 to 399".into(),
            };
            self.fail(MismatchCause::Status, format!("status {status}, expected {expected}"));
            return;
        }
        if let Framing::Length(found) = head.framing {
            self.state.declared = Some(found);
            if let Some(expected) = self.expected.body.exact_length().filter(|e| *e != found) {
                self.fail(MismatchCause::Length, format!("{found} bytes, expected {expected}"));
            }
        }
        self.state.skip_body = self.is_unsampled();
    }

    #[inline]
    fn body(&mut self, piece: &[u8]) {
        let at = self.state.seen;
        self.state.seen += piece.len() as u64;
        if self.state.keeper.is_on {
            self.state.keeper.body(piece);
        }
        if self.state.skip_body || self.state.wrong.is_some() {
            return;
        }
        match &self.expected.body {
            BodyRule::Any | BodyRule::Length(_) => {}
            BodyRule::Exact(expected) => {
                if let Err(wrong) = compare(expected, at, piece) {
                    self.state.wrong = Some(wrong);
                }
            }
            BodyRule::Template(_) => {
                self.render();
                if let Err(wrong) = compare(&self.scratch.expected, at, piece) {
                    self.state.wrong = Some(wrong);
                }
            }
            // Usually it is here as a whole and need not be kept.
            BodyRule::Json(_) | BodyRule::Records(_) | BodyRule::Receipt(_)
                if self.state.declared == Some(piece.len() as u64) =>
            {
                self.judge_json(piece);
            }
            BodyRule::Json(_) | BodyRule::Records(_) | BodyRule::Receipt(_) => self.hold(piece),
        }
    }
}

impl Check<'_> {
    /// The verdict after the last byte; the state is ready for the next response.
    #[inline]
    pub(crate) fn finish(&mut self, response: &Completed) -> Verdict {
        if let Some(redirect) = self.state.redirect.take() {
            self.state.reset();
            return Verdict::Elsewhere(redirect);
        }
        if self.state.wrong.is_none() && self.expects_body() {
            self.finish_body(response);
        }
        let wrong = self.state.wrong.take();
        self.state.reset();
        wrong.map_or(Verdict::Right, Verdict::Wrong)
    }

    /// A HEAD response has no body, whatever a GET would have.
    fn expects_body(&self) -> bool {
        self.kind == RequestKind::Normal
    }

    fn finish_body(&mut self, response: &Completed) {
        let found = response.body_bytes;
        let expected = match &self.expected.body {
            BodyRule::Any => return,
            BodyRule::Length(expected) => *expected,
            BodyRule::Exact(expected) => expected.len() as u64,
            BodyRule::Template(template) => {
                self.values.fill(self.index, &mut self.scratch.slots);
                template.rendered_bytes(&self.scratch.slots) as u64
            }
            BodyRule::Json(_) | BodyRule::Records(_) | BodyRule::Receipt(_) => {
                return self.finish_json();
            }
        };
        if found != expected {
            self.fail(MismatchCause::Length, format!("{found} bytes, expected {expected}"));
        }
    }

    fn render(&mut self) {
        let (BodyRule::Template(template) | BodyRule::Json(JsonRule { expected: template, .. })) =
            &self.expected.body
        else {
            return;
        };
        self.values.fill(self.index, &mut self.scratch.slots);
        self.scratch.expected.clear();
        template.render(&self.scratch.slots, &mut self.scratch.expected);
    }

    fn hold(&mut self, piece: &[u8]) {
        // White space is free, but not without bound.
        let expected = usize::try_from(self.expected.body.size_hint()).unwrap_or(usize::MAX);
        let room = expected.saturating_mul(8).saturating_add(64 * 1024);
        if self.state.held.len() + piece.len() > room {
            let detail = format!("JSON of more than {room} bytes");
            return self.fail(MismatchCause::Length, detail);
        }
        self.state.held.extend_from_slice(piece);
    }

    fn finish_json(&mut self) {
        if self.state.skip_body || (self.state.held.is_empty() && self.state.seen > 0) {
            // Not in the sample, or judged when it came.
            return;
        }
        let held = std::mem::take(&mut self.state.held);
        self.judge_json(&held);
        self.state.held = held;
    }

    #[inline]
    fn judge_json(&mut self, found: &[u8]) {
        let rule = match &self.expected.body {
            BodyRule::Json(rule) => rule,
            BodyRule::Records(rule) => {
                if let Err(detail) = records::check(rule, found) {
                    self.fail(MismatchCause::Body, detail);
                }
                return;
            }
            BodyRule::Receipt(receipt) => {
                self.values.fill(self.index, &mut self.scratch.slots);
                let expected = receipt.of(&self.scratch.slots);
                if expected != found && !self.json.equal(&expected, found) {
                    let (cause, detail) = json::explain(&expected, found);
                    self.fail(cause, detail);
                }
                return;
            }
            _ => return,
        };
        if let Some(literal) = &rule.literal {
            if literal != found && !self.json.equal(literal, found) {
                let (cause, detail) = json::explain(literal, found);
                self.fail(cause, detail);
            }
            return;
        }
        self.values.fill(self.index, &mut self.scratch.slots);
        if self.json.fits_form(found, &self.scratch.slots) {
            return;
        }
        self.render();
        let (slots, expected) = (&self.scratch.slots, &self.scratch.expected);
        if !self.json.equal_with(expected, found, slots, &rule.used) {
            let (cause, detail) = json::explain(expected, found);
            self.fail(cause, detail);
        }
    }

    /// A large body that is not in the sample: only its length is checked.
    fn is_unsampled(&self) -> bool {
        let sample = self.plan.body_sample;
        !self.state.keeper.is_on
            && self.expected.body.size_hint() > sample.large_above
            && below(random(self.plan.seed, Stream::Sample, self.index), 1000)
                >= u64::from(sample.large_per_mille)
    }

    #[cold]
    fn fail(&mut self, cause: MismatchCause, detail: String) {
        self.state.wrong.get_or_insert_with(|| Box::new(Wrong { cause, detail }));
    }
}

#[inline]
fn compare(expected: &[u8], at: u64, piece: &[u8]) -> Result<(), Box<Wrong>> {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let wanted = expected.get(at..).and_then(|rest| rest.get(..piece.len()));
    if wanted == Some(piece) {
        return Ok(());
    }
    Err(difference(expected, at, piece))
}

#[cold]
fn difference(expected: &[u8], at: usize, piece: &[u8]) -> Box<Wrong> {
    let rest = expected.get(at..).unwrap_or_default();
    let same = rest.iter().zip(piece).take_while(|(a, b)| a == b).count();
    let place = at + same;
    if same == rest.len() {
        let detail = format!("more than {} bytes expected", expected.len());
        return Box::new(Wrong { cause: MismatchCause::Length, detail });
    }
    let detail = format!(
        "differs at byte {place}: found `{}`, expected `{}`",
        escape_bounded(&piece[same..], EXCERPT_BYTES),
        escape_bounded(&rest[same..], EXCERPT_BYTES),
    );
    Box::new(Wrong { cause: MismatchCause::Body, detail })
}
