//! What a check expects, as text for people.

use httpdyno_spec::database::DatabaseRule;
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
    if let Some(rule) = check.database {
        text.push_str(&format!("; {}", describe_database(rule)));
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

fn describe_database(rule: DatabaseRule) -> String {
    let text = match rule {
        DatabaseRule::Stored => "all rows are those of the table",
        DatabaseRule::StoredOnce => "all rows are, or were, those of the table",
        DatabaseRule::Fresh => "all rows have the numbers that were changed just before",
        DatabaseRule::UniformIds => "all ids together are uniform over 1 to 10000",
        DatabaseRule::UniformNumbers => "all numbers together are uniform over 1 to 10000",
        DatabaseRule::ReadOneByOne => "a statement of its own reads each row",
        DatabaseRule::FromMemoryAfter(warm_up) => {
            return format!(
                "after {warm_up} exchanges, at most one statement for each ten rows answered"
            );
        }
        DatabaseRule::Written => "all rows are in the table afterwards, and no other has changed",
        DatabaseRule::Renumbered => "all rows have other numbers than before",
        DatabaseRule::Page => "the rows of the table and the one that is added",
        DatabaseRule::ChangedPage => "the rows as they were changed just before, text as it is",
        DatabaseRule::PageReadAtOnce => "one statement reads the table for each page",
        DatabaseRule::UnsortedRead => "no statement has ORDER BY",
        DatabaseRule::WithinPool => "DATABASE_POOL connections to the database",
    };
    text.to_owned()
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
