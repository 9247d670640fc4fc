//! Of an OpenAPI document (3, or Swagger 2): each operation once, with the values that it gives as examples,
//! or made up by its schemas.

mod example;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Asked, Body, Found};
use example::Examples;

const METHODS: [&str; 8] = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];
const NO_BODY: &str = "take a body that is not JSON";

pub(super) fn read(bytes: &[u8]) -> Result<Found, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("it is no text: {error}"))?;
    let text = text.trim_start_matches('\u{feff}');
    let document: Value = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?,
        false => serde_yaml::from_str(text).map_err(|error| {
            let error = error.to_string();
            format!("it is no YAML: {}", error.lines().next().unwrap_or_default())
        })?,
    };
    if !document["openapi"].is_string() && !document["swagger"].is_string() {
        return Err(
            "it has no `openapi: 3...` (nor `swagger: \"2.0\"`), so it is no such document"
                .to_owned(),
        );
    }
    let paths = document["paths"].as_object().ok_or("it has no `paths`")?;
    let examples = Examples::of(&document);
    let prefix = prefix(&document);
    let mut found = Found::default();
    for (path, item) in paths {
        let item = examples.resolved(item);
        for method in METHODS {
            let operation = examples.resolved(&item[method]);
            if !operation.is_object() {
                continue;
            }
            let made = Operation { document: &document, examples: &examples, item, operation };
            match made.asked(&prefix, path, method) {
                Ok(asked) => found.asked.push(asked),
                Err(why) => found.leave_out(why),
            }
        }
    }
    Ok(found)
}

/// The path in front of all paths.
fn prefix(document: &Value) -> String {
    let url = document["servers"][0]["url"].as_str().or(document["basePath"].as_str());
    let url = url.unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    let is_path = path.starts_with('/') && !path.contains(['{', '?', '#']);
    if is_path { path.trim_end_matches('/').to_owned() } else { String::new() }
}

struct Operation<'a> {
    document: &'a Value,
    examples: &'a Examples<'a>,
    item: &'a Value,
    operation: &'a Value,
}

impl Operation<'_> {
    fn asked(&self, prefix: &str, path: &str, method: &str) -> Result<Asked, &'static str> {
        let mut asked = Asked {
            method: method.to_uppercase(),
            path: format!("{prefix}{path}"),
            headers: BTreeMap::new(),
            body: None,
            status: self.status(),
            notes: Vec::new(),
        };
        let mut query = Vec::new();
        let mut in_body = None;
        for parameter in self.parameters() {
            let Some(name) = parameter["name"].as_str() else { continue };
            let place = parameter["in"].as_str().unwrap_or_default();
            let is_needed = ["path", "body"].contains(&place) || parameter["required"] == true;
            if !is_needed {
                continue;
            }
            let (value, is_given) = self.examples.of_parameter(parameter);
            let text = plain(&value);
            match place {
                "path" => asked.path = asked.path.replace(&format!("{{{name}}}"), &encoded(&text)),
                "query" => query.push(format!("{}={}", encoded(name), encoded(&text))),
                "header" => drop(asked.headers.insert(name.to_ascii_lowercase(), text)),
                "body" => in_body = Some(value),
                _ => continue,
            }
            if !is_given {
                asked.notes.push(format!("made up, since the document has no example: {name}"));
            }
        }
        if !query.is_empty() {
            asked.path = format!("{}?{}", asked.path, query.join("&"));
        }
        asked.body = match in_body {
            Some(value) => Some(Body::Json(value)),
            None => self.body(&mut asked.notes)?,
        };
        if asked.body.is_some() {
            asked.headers.insert("content-type".to_owned(), "application/json".to_owned());
        }
        if self.is_secured() {
            asked.notes.push("it asks for authorisation: put that into `headers`".to_owned());
        }
        Ok(asked)
    }

    /// Those of the path, then those of the operation, which stand for others of the same name.
    fn parameters(&self) -> Vec<&Value> {
        let mut list: Vec<&Value> = Vec::new();
        for owner in [self.item, self.operation] {
            for parameter in owner["parameters"].as_array().into_iter().flatten() {
                let parameter = self.examples.resolved(parameter);
                list.retain(|other| {
                    (&other["name"], &other["in"]) != (&parameter["name"], &parameter["in"])
                });
                list.push(parameter);
            }
        }
        list
    }

    fn body(&self, notes: &mut Vec<String>) -> Result<Option<Body>, &'static str> {
        let body = self.examples.resolved(&self.operation["requestBody"]);
        let Some(kinds) = body["content"].as_object().filter(|kinds| !kinds.is_empty()) else {
            return Ok(None);
        };
        let Some((_, media)) = kinds.iter().find(|(kind, _)| kind.contains("json")) else {
            return if body["required"] == true { Err(NO_BODY) } else { Ok(None) };
        };
        let (value, is_given) = self.examples.of_parameter(media);
        if !is_given {
            notes.push("the body is made up by its schema".to_owned());
        }
        Ok(Some(Body::Json(value)))
    }

    /// The first good status that it names.
    fn status(&self) -> u16 {
        let responses = self.operation["responses"].as_object().into_iter().flatten();
        let codes = responses.filter_map(|(code, _)| code.parse().ok());
        codes.filter(|code| (200..400).contains(code)).min().unwrap_or(200)
    }

    fn is_secured(&self) -> bool {
        let own = self.operation.get("security").or(self.document.get("security"));
        own.and_then(Value::as_array).is_some_and(|all| {
            !all.is_empty()
                && all.iter().all(|one| one.as_object().is_some_and(|it| !it.is_empty()))
        })
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Percent-encoded, whatever it is (RFC 3986 section 2.3).
fn encoded(text: &str) -> String {
    let letter = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(letter).collect()
}
