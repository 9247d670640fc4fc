//! What the page is made of, all of it within the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Observable Plot and what it builds on, as published; see `assets/vendor/README.md`.
pub(super) const LIBRARIES: [&str; 2] = [
    include_str!("../../assets/vendor/d3.min.js"),
    include_str!("../../assets/vendor/plot.umd.min.js"),
];

/// The page's own script, in the order in which its parts build on each other.
const PARTS: [&str; 9] = [
    include_str!("../../assets/page/data.js"),
    include_str!("../../assets/page/dom.js"),
    include_str!("../../assets/page/marks.js"),
    include_str!("../../assets/page/ranking.js"),
    include_str!("../../assets/page/curves.js"),
    include_str!("../../assets/page/trials.js"),
    include_str!("../../assets/page/matrix.js"),
    include_str!("../../assets/page/filters.js"),
    include_str!("../../assets/page/main.js"),
];

pub(super) const STYLE: &str = include_str!("../../assets/page/style.css");

/// The page's own script as one.
pub(super) fn script() -> String {
    format!("\"use strict\";\n(() => {{\n{}}})();\n", PARTS.join("\n"))
}

/// The policy of a page that holds exactly these scripts and styles: nothing else runs, nothing is
/// fetched, nothing is sent (Content Security Policy Level 3, section 6).
pub(super) fn policy(scripts: &[&str], style: &str) -> String {
    let hashes: Vec<String> = scripts.iter().map(|script| hash(script)).collect();
    let scripts = if hashes.is_empty() { "'none'".to_owned() } else { hashes.join(" ") };
    format!(
        "default-src 'none'; script-src {scripts}; style-src {}; base-uri 'none'; \
         form-action 'none'",
        hash(style)
    )
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
