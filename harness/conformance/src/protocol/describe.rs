//! The accepted outcomes of a protocol case as text for people.

use httpdyno_spec::case::{Case, ExpectedResponse, Outcome, Then};

use super::judge::{framed_text, statuses_text, then_text};
use crate::rules::{describe_body, describe_field};

/// One line per accepted outcome.
pub(crate) fn describe_outcomes(case: &Case) -> String {
    let lines: Vec<String> = case.accept.iter().map(describe_outcome).collect();
    lines.join("\nor ")
}

fn describe_outcome(outcome: &Outcome) -> String {
    let mut text = match outcome.responses.as_slice() {
        [] => "no response".to_owned(),
        responses => responses.iter().map(describe_response).collect::<Vec<_>>().join(", then "),
    };
    if let Some(count) = outcome.interim {
        let count = if count == 0 { "no".to_owned() } else { format!("at least {count}") };
        text.push_str(&format!("; {count} interim (1xx)"));
    }
    if outcome.then != Then::Any {
        text.push_str(&format!("; connection {}", then_text(outcome.then)));
    }
    text
}

fn describe_response(response: &ExpectedResponse) -> String {
    let mut text = statuses_text(response);
    if response.times > 1 {
        text.push_str(&format!(" ({} times)", response.times));
    }
    let mut details: Vec<String> =
        response.headers.iter().map(|(name, rule)| describe_field(name, rule)).collect();
    details.extend(response.framed.map(|f| format!("delimited by {}", framed_text(f))));
    details.extend(response.line.map(|_| "a space behind the status code".to_owned()));
    details.extend(describe_body(&response.body));
    if !details.is_empty() {
        text.push_str(&format!(" with {}", details.join(" and ")));
    }
    text
}
