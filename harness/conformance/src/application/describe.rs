//! What a check expects, as text for people.

use httpdyno_spec::endpoint::{Check, InvariantRule, Repeat};

use crate::rules::{describe_field, describe_rule};

/// What the check expects, in one line for each exchange.
pub(crate) fn describe_check(check: &Check) -> String {
    let mut text = describe_rule(&check.expect);
    match &check.repeat {
        Some(Repeat::Sequential(times)) => text.push_str(&format!(" ({times} times)")),
        Some(Repeat::Concurrent(times)) => {
            text.push_str(&format!(" ({times} times at the same time)"));
        }
        Some(Repeat::DateTicks(span)) => {
            text.push_str(&format!(" (twice, {span} apart, with different dates)"));
        }
        None => {}
    }
    if let Some(bounds) = &check.elapsed {
        text.push_str(&format!("; not before {}, not after {}", bounds.at_least, bounds.at_most));
    }
    if let Some(then) = &check.then {
        let (method, path) = (then.request.method.as_str(), &then.request.path);
        text.push_str(&format!("\nthen {method} {path}: {}", describe_rule(&then.expect)));
    }
    text
}

/// What a rule for every response expects.
pub(crate) fn describe_invariant(rule: &InvariantRule) -> String {
    let what = match rule {
        InvariantRule::Fields(rules) => {
            let fields: Vec<String> =
                rules.iter().map(|(name, rule)| describe_field(name, rule)).collect();
            fields.join("; ")
        }
        InvariantRule::Framed => "content delimited by Content-Length or the chunked coding".into(),
        InvariantRule::Typed => "content-type: any value, where there is content".into(),
    };
    format!("on every response: {what}")
}
