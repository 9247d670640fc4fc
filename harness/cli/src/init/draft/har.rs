//! Of a HAR file (HTTP Archive 1.2): what a browser asked the one host that it asked most.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Asked, Body, FAILED, Found};

const ELSEWHERE: &str = "went to another host than most";
const NO_URL: &str = "have no URL of HTTP";
const BINARY: &str = "had a body that the file does not have as text";

/// Fields of the connection, of the browser, or of a person: cookies and passwords belong into no file.
const NOT_KEPT: [&str; 21] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "keep-alive",
    "te",
    "upgrade",
    "proxy-connection",
    "user-agent",
    "cookie",
    "authorization",
    "proxy-authorization",
    "referer",
    "origin",
    "accept-encoding",
    "if-none-match",
    "if-modified-since",
    "cache-control",
    "pragma",
    "dnt",
    "priority",
];

/// Of these, what somebody must put back, if the service asks for it.
const SECRETS: [&str; 3] = ["cookie", "authorization", "proxy-authorization"];

pub(super) fn read(bytes: &[u8]) -> Result<Found, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
    let entries = value["log"]["entries"].as_array();
    let entries = entries.ok_or("it has no list `log.entries`, so it is no HAR file")?;
    let mut hosts: BTreeMap<&str, usize> = BTreeMap::new();
    let urls = entries.iter().map(|entry| entry["request"]["url"].as_str().and_then(parts));
    let urls: Vec<Option<(&str, &str)>> = urls.collect();
    urls.iter().flatten().for_each(|(host, _)| *hosts.entry(*host).or_default() += 1);
    // Of several that are asked as often, the first in the file.
    let most = hosts.values().max().copied().unwrap_or(0);
    let main = urls.iter().flatten().map(|(host, _)| *host).find(|host| hosts[host] == most);
    let mut found = Found::default();
    for (entry, url) in entries.iter().zip(urls) {
        match url {
            None => found.leave_out(NO_URL),
            Some((host, _)) if Some(host) != main => found.leave_out(ELSEWHERE),
            Some((_, path)) => match asked(entry, path) {
                Ok(asked) => found.asked.push(asked),
                Err(why) => found.leave_out(why),
            },
        }
    }
    Ok(found)
}

/// Host and port, path and query.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or(rest);
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    match path {
        "" => Some((host, "/")),
        path => Some((host, path)),
    }
}

fn asked(entry: &Value, path: &str) -> Result<Asked, &'static str> {
    let request = &entry["request"];
    let status = match entry["response"]["status"].as_u64() {
        Some(304) => 200,
        Some(status @ 200..=399) => status as u16,
        _ => return Err(FAILED),
    };
    let (mut headers, mut notes) = (BTreeMap::new(), Vec::new());
    for field in request["headers"].as_array().into_iter().flatten() {
        let (Some(name), Some(value)) = (field["name"].as_str(), field["value"].as_str()) else {
            continue;
        };
        let name = name.to_ascii_lowercase();
        if SECRETS.contains(&name.as_str()) {
            notes.push(format!("{name} was sent, and is not kept here; does it need one?"));
        } else if !name.starts_with([':'])
            && !name.starts_with("sec-")
            && !NOT_KEPT.contains(&name.as_str())
        {
            headers.insert(name, value.to_owned());
        }
    }
    let path = if path.starts_with('?') { format!("/{path}") } else { path.to_owned() };
    let method = request["method"].as_str().unwrap_or("GET").to_ascii_uppercase();
    let body = body(&request["postData"])?;
    Ok(Asked { method, path, headers, body, status, notes })
}

fn body(post: &Value) -> Result<Option<Body>, &'static str> {
    if !post.is_object() {
        return Ok(None);
    }
    let is_encoded = post["encoding"].as_str().is_some_and(|it| !it.is_empty());
    let Some(text) = post["text"].as_str().filter(|_| !is_encoded) else {
        let is_empty = post["params"].as_array().is_none_or(Vec::is_empty);
        return if is_empty && !is_encoded { Ok(None) } else { Err(BINARY) };
    };
    let is_json = post["mimeType"].as_str().is_some_and(|kind| kind.contains("json"));
    let json = is_json.then(|| serde_json::from_str(text).ok()).flatten();
    Ok(match json {
        Some(value) => Some(Body::Json(value)),
        None if text.is_empty() => None,
        None => Some(Body::Text(text.to_owned())),
    })
}
