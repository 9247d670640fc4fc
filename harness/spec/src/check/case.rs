//! Rules for `spec/cases/*.yaml`.

use super::{At, Check, exchange, in_range, not_blank, not_empty, positive, version};
use crate::case::{Action, Case, CasesFile, ExpectedResponse};
use crate::exchange::BodyRule;
use crate::suggest::unknown;
use crate::unescape::unescape;

impl Check for CasesFile {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        not_blank(at.field("group"), "the group", &self.group);
        not_empty(at.field("cases"), "the list of cases", &self.cases);
        let group = at.file().file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        for (index, case) in self.cases.iter().enumerate() {
            let at = at.field("cases").item(index);
            let prefix = format!("h1/{group}/");
            if !case.id.as_str().starts_with(&prefix) {
                at.field("id").say(format!(
                    "case `{}` stands in `{group}.yaml`; its id must begin with `{prefix}`",
                    case.id
                ));
            }
            one(at, case);
        }
    }
}

fn one(at: At<'_>, case: &Case) {
    not_blank(at.field("title"), "the title", &case.title);
    not_blank(at.field("source"), "the source", &case.source);
    not_blank(at.field("requires"), "what is required", &case.requires);
    not_empty(at.field("send"), "the list of actions", &case.send);
    not_empty(at.field("accept"), "the list of allowed outcomes", &case.accept);
    positive(at.field("deadline"), "the deadline", case.deadline);
    if let Some(endpoints) = at.known().endpoints {
        let names = || endpoints.iter().map(|endpoint| endpoint.id.as_str());
        for (index, id) in case.uses.iter().enumerate() {
            if !names().any(|name| name == id.as_str()) {
                let at = at.field("uses").item(index);
                at.say_unknown(unknown("endpoint", id.as_str(), names()));
            }
        }
    }
    for (index, step) in case.send.iter().enumerate() {
        action(at.field("send").item(index), step);
    }
    if let Some(control) = &case.control {
        let at = at.field("control");
        not_blank(at.field("without"), "the cause", &control.without);
        not_empty(at.field("send"), "the list of actions", &control.send);
        for (index, step) in control.send.iter().enumerate() {
            action(at.field("send").item(index), step);
        }
    }
    for (index, outcome) in case.accept.iter().enumerate() {
        let at = at.field("accept").item(index).field("responses");
        for (index, response) in outcome.responses.iter().enumerate() {
            expected(at.item(index), response);
        }
    }
}

fn action(at: At<'_>, action: &Action) {
    match action {
        Action::Bytes(text) => bytes(at.field("bytes"), text),
        Action::Repeat(repeated) | Action::Sequential(repeated) => {
            let name = if matches!(action, Action::Repeat(_)) { "repeat" } else { "sequential" };
            let at = at.field(name);
            bytes(at.field("bytes"), &repeated.bytes);
            in_range(at.field("times"), "the number of times", repeated.times.into(), 1..=u64::MAX);
        }
        Action::Drip(dripped) => {
            let at = at.field("drip");
            bytes(at.field("bytes"), &dripped.bytes);
            positive(at.field("every"), "the time between two bytes", dripped.every);
        }
        Action::Pause(span) => positive(at.field("pause"), "the pause", *span),
        Action::AwaitResponses(count) => in_range(
            at.field("await-responses"),
            "the number of responses",
            (*count).into(),
            1..=u64::MAX,
        ),
        Action::AwaitInterim(span) => positive(at.field("await-interim"), "the time", *span),
        Action::StopReading(span) => positive(at.field("stop-reading"), "the time", *span),
        Action::HalfClose => {}
    }
}

fn bytes(at: At<'_>, text: &str) {
    match unescape(text, "localhost") {
        Ok(bytes) if bytes.is_empty() => at.say("there are no bytes to send"),
        Ok(_) => {}
        Err(error) => at.say(error.to_string()),
    }
}

fn expected(at: At<'_>, response: &ExpectedResponse) {
    not_empty(at.field("status"), "the list of status codes", &response.status);
    in_range(at.field("times"), "the number of times", response.times.into(), 1..=u64::MAX);
    exchange::fields(at.field("headers"), response.headers.iter());
    exchange::body(at.field("body"), &response.body);
    if matches!(response.body, BodyRule::EchoJson | BodyRule::UploadReceipt) {
        at.field("body").say(
            "a protocol case has no request body of its own to compare with; write the expected \
             content out (`json` or `text`)",
        );
    }
}
