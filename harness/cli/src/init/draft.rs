//! A first draft of a workload: from an OpenAPI document, a HAR file or an access log. What cannot be part of
//! a workload is left out and said; nothing of it is sent anywhere.

mod har;
mod log;
mod openapi;
mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use httpdyno_report::legible::one_line;
use httpdyno_spec::template;
use serde_json::Value;

use crate::exit::Failure;

#[derive(Args)]
#[group(multiple = false)]
pub(super) struct DraftOption {
    /// Draft a workload of the operations of this OpenAPI (or Swagger 2) document, in JSON or YAML
    #[arg(long, value_name = "FILE")]
    from_openapi: Option<PathBuf>,
    /// Draft a workload of what a browser recorded in this HAR file
    #[arg(long, value_name = "FILE")]
    from_har: Option<PathBuf>,
    /// Draft a workload of this access log, the most frequent requests as often as they are in it
    #[arg(long, value_name = "FILE")]
    from_log: Option<PathBuf>,
}

/// A larger file is refused.
const MOST_BYTES: u64 = 64 << 20;

/// So many kinds of requests are taken, the most frequent first.
const MOST_ROUTES: usize = 50;

/// A workload in its making.
pub(super) struct Draft {
    /// Its id, and the name of its file.
    pub(super) id: &'static str,
    /// The content of the file.
    pub(super) text: String,
    /// What is to be said of it.
    pub(super) said: String,
}

impl DraftOption {
    /// What was asked for, read; nothing where nothing was.
    pub(super) fn draft(&self) -> Result<Option<Draft>, Failure> {
        type Read = fn(&[u8]) -> Result<Found, String>;
        let kinds: [(&Option<PathBuf>, &'static str, &str, Read); 3] = [
            (&self.from_openapi, "openapi", "an OpenAPI document", openapi::read),
            (&self.from_har, "har", "a HAR file", har::read),
            (&self.from_log, "log", "an access log", log::read),
        ];
        for (path, id, what, read) in kinds {
            let Some(path) = path else { continue };
            let wrong = |why: String| {
                Failure::new(format!("no workload can be made of {}: {why}", path.display()))
            };
            let found = read(&bytes_of(path)?).map_err(wrong)?;
            let routes = found.routes();
            if routes.0.is_empty() {
                let none = "it has no request that can be part of a workload".to_owned();
                return Err(wrong(
                    [none].into_iter().chain(said(&routes.1)).collect::<Vec<_>>().join("; "),
                ));
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = write::workload(id, &one_line(&name), what, &routes.0, &said(&routes.1));
            let count = routes.0.len();
            let kinds = if count == 1 { "kind of request" } else { "kinds of requests" };
            let mut lines =
                vec![format!("workloads/{id}.yaml: {count} {kinds} of {what}, as a draft")];
            lines.extend(said(&routes.1));
            return Ok(Some(Draft { id, text, said: lines.join("\n  ") }));
        }
        Ok(None)
    }
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |why: String| Failure::new(format!("cannot read {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| wrong(error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(wrong(format!(
            "it has more than {} MiB; cut a part out of it",
            MOST_BYTES >> 20
        )));
    }
    Ok(bytes)
}

/// JSON content stays JSON.
#[derive(Clone, Debug, PartialEq)]
enum Body {
    Json(Value),
    Text(String),
}

/// One request of a source.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    method: String,
    /// Path and query.
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<Body>,
    status: u16,
    /// What somebody should look at.
    notes: Vec<String>,
}

/// What a source has.
#[derive(Debug, Default)]
struct Found {
    asked: Vec<Asked>,
    left_out: BTreeMap<&'static str, u64>,
}

/// Why something is left out, and how often.
type LeftOut = BTreeMap<&'static str, u64>;

const DELETES: &str = "delete something, which works once";
const METHOD: &str = "have a method that no workload has";
const TARGET: &str = "have a path that cannot be sent";
const BRACES: &str = "have a word in braces, which would stand for a variable";
const FIELD: &str = "have a field that cannot be sent";
const SELDOM: &str = "are kinds beyond the 50 most frequent ones";
const FAILED: &str = "were answered with an error, or with nothing";

impl Found {
    fn leave_out(&mut self, why: &'static str) {
        *self.left_out.entry(why).or_default() += 1;
    }

    /// The kinds of requests with how often each is there, the most frequent first.
    fn routes(self) -> (Vec<(Asked, u64)>, LeftOut) {
        let mut left_out = self.left_out;
        let mut routes: Vec<(Asked, u64)> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for asked in self.asked {
            if let Some(why) = asked.lack() {
                *left_out.entry(why).or_default() += 1;
                continue;
            }
            let Asked { method, path, headers, body, status, .. } = &asked;
            let key = format!("{method} {path} {status} {headers:?} {body:?}");
            let place = *places.entry(key).or_insert(routes.len());
            match routes.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => routes.push((asked, 1)),
            }
        }
        routes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let seldom = routes.split_off(routes.len().min(MOST_ROUTES)).len() as u64;
        if seldom > 0 {
            left_out.insert(SELDOM, seldom);
        }
        (routes, left_out)
    }
}

impl Asked {
    /// Why it can be no part of a workload.
    fn lack(&self) -> Option<&'static str> {
        let is_target =
            |letter: char| letter.is_ascii_graphic() && !"{}#\"<>\\^`|".contains(letter);
        let has_name = |text: &str| template::variables(text).next().is_some();
        let is_token = |name: &str| {
            let symbol = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || symbol(byte))
        };
        let mut fields = self.headers.iter();
        match self.method.as_str() {
            "DELETE" => return Some(DELETES),
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "OPTIONS" => {}
            _ => return Some(METHOD),
        }
        if !self.path.starts_with('/') || !self.path.chars().all(is_target) {
            Some(TARGET)
        } else if fields.any(|(name, value)| !is_token(name) || value.chars().any(char::is_control))
        {
            Some(FIELD)
        } else if self.body.as_ref().is_some_and(|body| body.has(&has_name))
            || self.headers.values().any(|value| has_name(value))
        {
            Some(BRACES)
        } else {
            None
        }
    }
}

impl Body {
    /// Whether a text in it is so.
    fn has(&self, is_so: &dyn Fn(&str) -> bool) -> bool {
        fn any(value: &Value, is_so: &dyn Fn(&str) -> bool) -> bool {
            match value {
                Value::String(text) => is_so(text),
                Value::Array(items) => items.iter().any(|item| any(item, is_so)),
                Value::Object(members) => members.values().any(|member| any(member, is_so)),
                _ => false,
            }
        }
        match self {
            Self::Text(text) => is_so(text),
            Self::Json(value) => any(value, is_so),
        }
    }
}

fn said(left_out: &LeftOut) -> Vec<String> {
    left_out.iter().map(|(why, count)| format!("left out: {count}, which {why}")).collect()
}

#[cfg(test)]
mod tests;
