//! What the page is made of, all of it within the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Observable Plot and what it builds on, as published; see `assets/vendor/README.md`.
pub(crate) const LIBRARIES: [&str; 2] = [
    include_str!("../../assets/vendor/d3.min.js"),
    include_str!("../../assets/vendor/plot.umd.min.js"),
];

/// The page's own script, in the order in which its parts build on each other.
const PARTS: [&str; 13] = [
    include_str!("../../assets/page/data.js"),
    include_str!("../../assets/page/dom.js"),
    include_str!("../../assets/page/marks.js"),
    include_str!("../../assets/page/ranking.js"),
    include_str!("../../assets/page/composite.js"),
    include_str!("../../assets/page/curves.js"),
    include_str!("../../assets/page/routes.js"),
    include_str!("../../assets/page/load.js"),
    include_str!("../../assets/page/trials.js"),
    include_str!("../../assets/page/database.js"),
    include_str!("../../assets/page/matrix.js"),
    include_str!("../../assets/page/filters.js"),
    include_str!("../../assets/page/main.js"),
];

pub(crate) const STYLE: &str = include_str!("../../assets/page/style.css");

/// The page's own script as one.
pub(crate) fn script() -> String {
    enclosed(&PARTS.join("\n"))
}

/// The script of the page that compares two records.
pub(crate) fn compare_script() -> String {
    enclosed(include_str!("../../assets/page/compare.js"))
}

/// Names of a script are its own.
fn enclosed(script: &str) -> String {
    format!("\"use strict\";\n(() => {{\n{script}}})();\n")
}

/// The policy of a page that holds exactly these scripts and styles: nothing else runs, nothing is
/// fetched, nothing is sent (Content Security Policy Level 3, section 6).
pub(crate) fn policy(scripts: &[&str], style: &str) -> String {
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
