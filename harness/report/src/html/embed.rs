//! Data within a page.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

/// `value` as JSON that can stand in a `script` element: no text in it ends the element or begins
/// a comment, since no `<`, `>` or `&` is left (HTML, section 4.12.1.3).
pub(crate) fn json(value: &impl Serialize) -> String {
    plain(value)
        .replace('<', r"\u003c")
        .replace('>', r"\u003e")
        .replace('&', r"\u0026")
        .replace('\u{2028}', r"\u2028")
        .replace('\u{2029}', r"\u2029")
}

/// `value` as compressed JSON in base64. What repeats itself a thousand times - requests and
/// responses - takes a twentieth of the room, numbers of trials a third.
pub(crate) fn packed(value: &impl Serialize) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(plain(value).as_bytes()).and_then(|()| encoder.finish());
    STANDARD.encode(written.expect("writing to memory"))
}

fn plain(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the page's types have text keys")
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn no_text_ends_the_script_element() {
        let text = "</script><script>alert(1)</script><!--\u{2028}&amp;";
        let embedded = json(&text);
        assert!(!embedded.contains(['<', '>', '&', '\u{2028}']), "{embedded}");
        assert_eq!(serde_json::from_str::<String>(&embedded).expect("JSON"), text);
    }
}
