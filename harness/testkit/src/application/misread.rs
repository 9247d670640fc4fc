//! How cheats misread requests.

use super::Cheat;
use crate::head::Head;
use crate::quirk::Quirks;
use crate::target::{Target, percent_decode};

/// Method and path.
pub(super) fn request(head: &mut Head, quirks: &Quirks) {
    let path = head.target.path.clone();
    let has_content = path == "/echo" || path == "/upload";
    if quirks.has(Cheat::AnyMethodIsGet) && !has_content && head.method != "HEAD" {
        head.method = "GET".into();
    }
    if quirks.has(Cheat::HidesPostPaths) && has_content && head.method == "GET" {
        head.target.path = "/nowhere".into();
    }
    if quirks.has(Cheat::CaseInsensitivePaths) && !path.starts_with("/static/") {
        head.target.path = path.to_ascii_lowercase();
    }
    if quirks.has(Cheat::IgnoresTrailingSlash) && path.len() > 1 && path.ends_with('/') {
        head.target.path.pop();
    }
    if quirks.has(Cheat::MatchesPrefixes) && path.starts_with("/plaintext") {
        head.target.path = "/plaintext".into();
    }
    if quirks.has(Cheat::RootIsPlaintext) && path == "/" {
        head.target.path = "/plaintext".into();
    }
    if quirks.has(Cheat::QueryIsPath) && path != "/search" && head.target.query.is_some() {
        head.target.path.push('?');
    }
    let delay = path.strip_prefix("/delay/").and_then(|ms| ms.parse::<u16>().ok());
    if quirks.has(Cheat::NeverHolds) && delay.is_some_and(|ms| (1000..=10_000).contains(&ms)) {
        head.target.path = "/delay/0".into();
    }
}

/// The query of `/search`.
pub(super) fn search(target: &mut Target, quirks: &Quirks) {
    if target.path != "/search" {
        return;
    }
    let query = target.query.clone().unwrap_or_default();
    let mut parameters: Vec<String> = query.split('&').map(str::to_owned).collect();
    if quirks.has(Cheat::LastParameterWins) {
        parameters.reverse();
    }
    if quirks.has(Cheat::PositionalParameters) {
        let value = |p: &String| p.split_once('=').map_or(p.clone(), |(_, v)| v.to_owned());
        let names = ["q", "limit"].iter();
        parameters = names.zip(&parameters).map(|(n, p)| format!("{n}={}", value(p))).collect();
    }
    let mut query = parameters.join("&");
    if quirks.has(Cheat::KeepsPlus) {
        query = query.replace('+', "%2B");
    }
    if quirks.has(Cheat::UndecodedQuery) {
        query = query.replace('%', "%25");
    }
    if quirks.has(Cheat::UpperCaseHexOnly) {
        query = hide_lower_case_hex(&query);
    }
    if quirks.has(Cheat::SearchesForEverything) && !has_text(&query) {
        query = format!("q=everything&{query}");
    }
    target.query = Some(query);
}

fn has_text(query: &str) -> bool {
    query.split('&').any(|p| p.strip_prefix("q=").is_some_and(|text| !text.is_empty()))
}

/// `%e4` becomes text that is not decoded.
fn hide_lower_case_hex(query: &str) -> String {
    let mut pieces = query.split('%');
    let mut result = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let lower = piece.bytes().take(2).any(|b| b.is_ascii_lowercase());
        result.push_str(if lower { "%25" } else { "%" });
        result.push_str(piece);
    }
    result
}

/// The decoded last segment of a path.
pub(super) fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(text)).into_owned()
}
