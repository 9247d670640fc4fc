//! Whether a response is what a rule asks for. Pure: no sockets, no clocks.

mod body;
mod describe;
mod field;
mod fortunes;
mod json;

pub(crate) use body::{BodyContext, check_body};
pub use body::{WorldRow, world_rows};
pub(crate) use describe::{describe_body, describe_field, describe_rule};
pub(crate) use field::check_field;
pub(crate) use fortunes::{ADDED_MESSAGE as ADDED_FORTUNE, rows as page_rows};

use std::collections::BTreeMap;

use httpdyno_spec::exchange::{FieldRule, ResponseRule};

use crate::answer::Answer;

/// What does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The same for every such mismatch: it goes into labels.
    pub(crate) label: String,
    /// With the values found and expected.
    pub(crate) text: String,
}

/// Checks status, fields and content; gives the first part that does not hold.
pub(crate) fn check_response(
    rule: &ResponseRule,
    answer: &Answer,
    context: &BodyContext<'_>,
) -> Result<(), Mismatch> {
    let status = answer.status;
    if !rule.status.contains(&status) {
        let allowed = rule.status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
        let text = format!("status is {status}, expected {allowed}");
        return Err(Mismatch { label: status.to_string(), text });
    }
    for (name, rule) in &rule.headers {
        check_field(rule, answer.field(name).as_deref()).map_err(|why| Mismatch {
            label: format!("{status}, {name} differs"),
            text: format!("field `{name}` {why}"),
        })?;
    }
    check_body(&rule.body, &answer.body, context)
        .map_err(|text| Mismatch { label: format!("{status}, content differs"), text })
}

/// Whether a response is what the rule asks for, where that needs no payload; the error says what
/// does not hold.
///
/// # Errors
/// When it does not.
pub fn fits(rule: &ResponseRule, answer: &Answer) -> Result<(), String> {
    let context = BodyContext { sent: &[], payloads: std::path::Path::new("") };
    check_response(rule, answer, &context).map_err(|mismatch| mismatch.text)
}

/// Checks every named field; gives the first that does not fit, as text.
pub(crate) fn check_fields(
    rules: &BTreeMap<String, FieldRule>,
    answer: &Answer,
) -> Result<(), String> {
    rules.iter().try_for_each(|(name, rule)| {
        let value = answer.field(name);
        check_field(rule, value.as_deref()).map_err(|why| format!("field `{name}` {why}"))
    })
}
