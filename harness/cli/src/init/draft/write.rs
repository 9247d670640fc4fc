//! A draft as the YAML of a workload.

use std::fmt::Write as _;

use httpdyno_report::legible::one_line;
use httpdyno_spec::quote::quoted;
use serde_json::Value;

use super::{Asked, Body};
use crate::ab::name_of;

/// The heaviest weight that a route may have.
const MOST_WEIGHT: u64 = 1_000_000;
/// An id is no longer, so that tables stay legible.
const LONGEST_ID: usize = 48;

/// The whole file.
pub(super) fn workload(
    id: &str,
    file: &str,
    what: &str,
    routes: &[(Asked, u64)],
    left_out: &[String],
) -> String {
    let mut text = String::from("# yaml-language-server: $schema=../schema/workload.schema.json\n");
    let _ = writeln!(text, "# A draft, made of {what} ({file}). Look at each request, at what");
    text.push_str("# must be answered, and at the weights, which are shares of all requests.\n");
    for line in left_out {
        let _ = writeln!(text, "# {line}");
    }
    let _ = writeln!(text, "version: 1\nid: {id}");
    let _ = writeln!(text, "summary: {}", quoted(&format!("What {file} has.")));
    text.push_str("routes:\n");
    let heaviest = routes.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let mut ids: Vec<String> = Vec::new();
    for (asked, count) in routes {
        let id = id_of(asked, &ids);
        for note in &asked.notes {
            let _ = writeln!(text, "  # {}", one_line(note));
        }
        let _ = writeln!(text, "  - id: {id}");
        ids.push(id);
        let weight = match heaviest > MOST_WEIGHT {
            true => (count * MOST_WEIGHT / heaviest).max(1),
            false => *count,
        };
        if heaviest > 1 {
            let _ = writeln!(text, "    weight: {weight}");
        }
        route(&mut text, asked);
    }
    text
}

fn route(text: &mut String, asked: &Asked) {
    let _ = writeln!(text, "    request:");
    if asked.method != "GET" {
        let _ = writeln!(text, "      method: {}", asked.method);
    }
    let _ = writeln!(text, "      path: {}", quoted(&asked.path));
    if !asked.headers.is_empty() {
        text.push_str("      headers:\n");
        for (name, value) in &asked.headers {
            let _ = writeln!(text, "        {}: {}", quoted(name), quoted(value));
        }
    }
    match &asked.body {
        Some(Body::Json(value)) => {
            let _ = writeln!(text, "      body:\n        json: {}", flow(value));
        }
        Some(Body::Text(body)) => {
            let _ = writeln!(text, "      body:\n        text: {}", quoted(body));
        }
        None => {}
    }
    let _ = writeln!(text, "    expect:\n      status: [{}]", asked.status);
}

/// JSON as YAML has it on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| format!("{}: {}", quoted(name), flow(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Method and path as an id that no other route has.
fn id_of(asked: &Asked, taken: &[String]) -> String {
    let mut name = name_of(&asked.path);
    if asked.method != "GET" {
        name = format!("{}-{name}", asked.method.to_lowercase());
    }
    name.truncate(LONGEST_ID);
    let name = name.trim_end_matches('-').to_owned();
    (1..)
        .map(|number| if number == 1 { name.clone() } else { format!("{name}-{number}") })
        .find(|id| !taken.contains(id))
        .unwrap_or(name.clone())
}
