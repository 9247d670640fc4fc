//! How cheats distort right answers.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::Cheat;
use crate::head::Head;
use crate::quirk::Quirks;
use crate::response::Response;
use crate::target::query_parameter;

/// Which paths and methods there are.
pub(super) fn paths(response: &mut Response, head: &Head, quirks: &Quirks) {
    let path = head.target.path.as_str();
    let parametric = ["/users/", "/delay/", "/static/"].iter().any(|p| path.starts_with(p));
    if quirks.has(Cheat::CatchAll) && response.status == 404 && !parametric {
        *response = Response::text(200, "welcome");
    }
    if quirks.has(Cheat::AnythingIsAnId) && path.starts_with("/users/") {
        response.status = 200;
    }
    if quirks.has(Cheat::AnythingIsADelay) && path.starts_with("/delay/") {
        response.status = 200;
    }
    if quirks.has(Cheat::OptionsWithoutAllow) && head.method == "OPTIONS" {
        *response = Response::new(204);
    }
    if quirks.has(Cheat::RefusesHead) && head.method == "HEAD" {
        *response = Response::text(405, "no").with("Allow", "GET");
    }
    let chunked = head.fields.value("transfer-encoding").is_some();
    if quirks.has(Cheat::RefusesChunked) && chunked {
        *response = Response::text(411, "how long is it?");
    }
}

/// What is answered.
pub(super) fn values(response: &mut Response, head: &Head, quirks: &Quirks) {
    let path = head.target.path.as_str();
    let read = head.method == "GET" && response.status == 200;
    let posted = head.method == "POST" && response.status == 200;
    if path == "/plaintext" && read && quirks.has(Cheat::OtherText) {
        response.content = b"Hello World".to_vec();
    }
    if path == "/json" && read && quirks.has(Cheat::OtherMessage) {
        response.content = br#"{"message":"Hello"}"#.to_vec();
    }
    if path.starts_with("/users/") && read && quirks.has(Cheat::OneUser) {
        response.content = br#"{"id":1,"name":"user-1"}"#.to_vec();
    }
    let large = path.strip_prefix("/users/").and_then(|id| id.parse::<u64>().ok());
    if large.is_some_and(|id| id > u64::from(u32::MAX)) && quirks.has(Cheat::Users32Bit) {
        *response = Response::text(404, "no such user");
    }
    if path.starts_with("/delay/") && read && quirks.has(Cheat::NeverHolds) {
        let ms: Value = path.trim_start_matches("/delay/").parse().unwrap_or(json!(0));
        response.content = json!({ "delayed_ms": ms }).to_string().into_bytes();
    }
    if path.starts_with("/delay/") && read && quirks.has(Cheat::OtherDelayAnswer) {
        response.content = br#"{"delayed":true}"#.to_vec();
    }
    if path == "/search" && head.method == "GET" {
        search(response, head, quirks);
    }
    if path == "/upload" && posted {
        receipt(response, quirks);
    }
}

fn search(response: &mut Response, head: &Head, quirks: &Quirks) {
    let query = head.target.query.as_deref();
    if quirks.has(Cheat::OneSearch) && response.status == 200 {
        *response = Response::json(&json!({ "query": "rust", "limit": 10 }));
    }
    let names = query.unwrap_or_default().split('&').map(|p| p.split('=').next().unwrap_or(p));
    let mut unknown = names.filter(|name| !["q", "limit", ""].contains(name));
    if quirks.has(Cheat::StrictParameters) && unknown.next().is_some() {
        *response = Response::text(400, "unknown parameter");
    }
    let limit = query_parameter(query, "limit");
    let integer = limit.as_deref().map(str::parse::<i64>);
    let set = |response: &mut Response, limit: Value| {
        let answer: Option<Value> = serde_json::from_slice(&response.content).ok();
        if let Some(mut answer) = answer.filter(|_| response.status == 200) {
            answer["limit"] = limit;
            response.content = answer.to_string().into_bytes();
        }
    };
    match integer {
        Some(Ok(limit)) if quirks.has(Cheat::UnclampedLimit) => set(response, json!(limit)),
        Some(Err(_)) | None if quirks.has(Cheat::OtherDefaultLimit) => set(response, json!(20)),
        Some(Err(_)) if quirks.has(Cheat::Limit64Bit) => set(response, json!(10)),
        Some(Err(_)) if quirks.has(Cheat::StrictLimit) => {
            *response = Response::text(400, "the limit is not an integer");
        }
        _ => {}
    }
    if quirks.has(Cheat::UnescapedAnswer) && response.status == 200 {
        let text = query_parameter(query, "q").unwrap_or_default();
        if text.contains(['"', '\\', '\n', '\t']) {
            response.content = format!("{{\"query\":\"{text}\",\"limit\":5}}").into_bytes();
        }
    }
}

fn receipt(response: &mut Response, quirks: &Quirks) {
    let answer: Option<Value> = serde_json::from_slice(&response.content).ok();
    let Some(mut answer) = answer else {
        return;
    };
    let bytes = answer["bytes"].as_u64().unwrap_or_default();
    let checksum = answer["crc32"].as_str().unwrap_or_default().to_owned();
    if quirks.has(Cheat::OneReceipt) {
        answer = json!({ "bytes": 9, "crc32": "cbf43926" });
    }
    if quirks.has(Cheat::UnpaddedChecksum) {
        let digits = checksum.trim_start_matches('0');
        answer["crc32"] = json!(if digits.is_empty() { "0" } else { digits });
    }
    if quirks.has(Cheat::OtherChecksum) {
        answer["crc32"] = json!(checksum.chars().rev().collect::<String>() + "0");
    }
    response.content = answer.to_string().into_bytes();
    if quirks.has(Cheat::UploadLimit) && bytes > 1 << 20 {
        *response = Response::text(413, "too large");
    }
}

/// Fields that every response has.
pub(super) fn fields(response: &mut Response, head: &Head, quirks: &Quirks) {
    let mut leave_out = |name: &str| response.fields.retain(|(n, _)| *n != name);
    if quirks.has(Cheat::HeadWithoutType) && head.method == "HEAD" {
        leave_out("Content-Type");
    }
    if quirks.has(Cheat::UntypedErrors) && response.status >= 400 {
        leave_out("Content-Type");
    }
    let retype = |response: &mut Response, from: &str, to: &str| {
        for (name, value) in &mut response.fields {
            if *name == "Content-Type" && value.starts_with(from) {
                to.clone_into(value);
            }
        }
    };
    let on_file = head.target.path.starts_with("/static/");
    if quirks.has(Cheat::JsonAsText) && !on_file {
        retype(response, "application/json", "text/plain");
    }
    if quirks.has(Cheat::TextAsHtml) && head.target.path == "/plaintext" {
        retype(response, "text/plain", "text/html");
    }
    if quirks.has(Cheat::TextTypedTwice) && head.target.path == "/plaintext" {
        response.fields.push(("Content-Type", "text/plain".to_owned()));
    }
    if quirks.has(Cheat::FrozenDate) {
        response.date = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    }
    response.anonymous = quirks.has(Cheat::Anonymous);
    response.until_close = quirks.has(Cheat::ClosesAfterErrors) && response.status == 404;
}
