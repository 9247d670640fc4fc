//! Of an access log: what was asked and answered well, as often as it stands there.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Asked, FAILED, Found, TARGET};
use crate::load::logged;

const BODY: &str = "had a body, which no log keeps";
const NO_REQUEST: &str = "are lines without a request";

pub(super) fn read(bytes: &[u8]) -> Result<Found, String> {
    let mut found = Found::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((method, url)) = logged(line) else {
            found.leave_out(NO_REQUEST);
            continue;
        };
        let whole = url.split_once("://").filter(|_| !url.starts_with('/'));
        let path = whole.map(|(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]).to_owned());
        let path = path.unwrap_or(url);
        match (status(line), method.as_str()) {
            (_, "POST" | "PUT" | "PATCH") => found.leave_out(BODY),
            (Some(200..=399), _) if path.contains('\u{fffd}') => found.leave_out(TARGET),
            (Some(status @ 200..=399), _) => found.asked.push(Asked {
                method,
                path,
                headers: BTreeMap::new(),
                body: None,
                // Whoever had it already is answered so.
                status: if status == 304 { 200 } else { status },
                notes: Vec::new(),
            }),
            _ => found.leave_out(FAILED),
        }
    }
    Ok(found)
}

/// The first number behind the request; in a log of JSON objects, their `status`.
fn status(line: &str) -> Option<u16> {
    if line.starts_with('{') {
        let value: Value = serde_json::from_str(line).ok()?;
        return u16::try_from(value["status"].as_u64()?).ok();
    }
    let (_, behind) = line.split_once(" HTTP/")?;
    let (_, behind) = behind.split_once('"')?;
    behind.split_whitespace().next()?.parse().ok()
}
