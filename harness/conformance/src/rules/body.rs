//! Rules for response content.

use std::path::Path;

use httpdyno_spec::exchange::{BodyRule, FileRange};
use httpdyno_wire::escape_bounded;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{fortunes, json};

/// What a rule may refer to beside the response itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyContext<'a> {
    /// The content that was sent (empty when none was).
    pub(crate) sent: &'a [u8],
    /// The folder `spec/payloads`.
    pub(crate) payloads: &'a Path,
}

/// Whether the content fits the rule; the error says what does not, in one line.
pub(crate) fn check_body(
    rule: &BodyRule,
    body: &[u8],
    context: &BodyContext<'_>,
) -> Result<(), String> {
    match rule {
        BodyRule::Any => Ok(()),
        BodyRule::Empty => match body.len() {
            0 => Ok(()),
            _ => Err(format!("there is content, expected none: `{}`", shown(body))),
        },
        BodyRule::Text(wanted) => same_bytes(wanted.as_bytes(), body),
        BodyRule::Json(wanted) => same_json(wanted, body),
        // Equal bytes are equal JSON, and most servers write as compactly as we do.
        BodyRule::EchoJson if body == context.sent && !body.is_empty() => parse_any(body),
        BodyRule::EchoJson => {
            let wanted = serde_json::from_slice(context.sent)
                .map_err(|e| format!("the content that was sent is not JSON ({e})"))?;
            same_json(&wanted, body)
        }
        BodyRule::UploadReceipt => same_json(&receipt(context.sent), body),
        BodyRule::File(name) => same_bytes(&read(context.payloads, name)?, body),
        BodyRule::FileRange(range) => same_bytes(&read_range(context.payloads, range)?, body),
        BodyRule::World => check_world(&parse(body)?),
        BodyRule::Worlds(count) => check_worlds(&parse(body)?, *count),
        BodyRule::Fortunes => fortunes::check(body),
    }
}

/// The answer that `/upload` owes for this content.
pub(crate) fn receipt(content: &[u8]) -> Value {
    let crc32 = format!("{:08x}", crc32fast::hash(content));
    json!({ "bytes": content.len(), "crc32": crc32 })
}

fn shown(bytes: &[u8]) -> String {
    escape_bounded(bytes, 120)
}

fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body)
        .map_err(|e| format!("content is not JSON ({e}): `{}`", shown(body)))
}

/// Whether it is JSON at all, without keeping it.
fn parse_any(body: &[u8]) -> Result<(), String> {
    let parsed = serde_json::from_slice::<IgnoredAny>(body);
    parsed.map(|_| ()).map_err(|e| format!("content is not JSON ({e}): `{}`", shown(body)))
}

fn same_json(wanted: &Value, body: &[u8]) -> Result<(), String> {
    match json::first_difference(wanted, &parse(body)?) {
        Some(difference) => Err(format!("content is not the JSON expected: {difference}")),
        None => Ok(()),
    }
}

fn same_bytes(wanted: &[u8], body: &[u8]) -> Result<(), String> {
    if wanted == body {
        return Ok(());
    }
    let same = wanted.iter().zip(body).take_while(|(a, b)| a == b).count();
    let from = |bytes: &[u8]| shown(&bytes[same..]);
    Err(format!(
        "content has {} bytes, expected {}; they differ from byte {same}: `{}`, expected `{}`",
        body.len(),
        wanted.len(),
        from(body),
        from(wanted)
    ))
}

fn read(payloads: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = payloads.join(name);
    std::fs::read(&path).map_err(|e| format!("can not read the payload {}: {e}", path.display()))
}

fn read_range(payloads: &Path, range: &FileRange) -> Result<Vec<u8>, String> {
    let bytes = read(payloads, &range.file)?;
    let positions = usize::try_from(range.first).ok().zip(usize::try_from(range.last).ok());
    let part = positions.and_then(|(first, last)| bytes.get(first..=last));
    part.map(<[u8]>::to_vec).ok_or_else(|| {
        let (length, FileRange { file, first, last }) = (bytes.len(), range);
        format!("the rule asks for bytes {first} to {last} of {file}, which has {length}")
    })
}

fn check_worlds(value: &Value, count: u32) -> Result<(), String> {
    let rows = value.as_array().ok_or("content is not a JSON array")?;
    if rows.len() != count as usize {
        return Err(format!("there are {} rows, expected {count}", rows.len()));
    }
    rows.iter().try_for_each(check_world)
}

fn check_world(row: &Value) -> Result<(), String> {
    let members = row.as_object().ok_or_else(|| format!("`{row}` is not a JSON object"))?;
    if members.len() != 2 {
        return Err(format!("a row has {} members, expected id and randomNumber", members.len()));
    }
    ["id", "randomNumber"].into_iter().try_for_each(|name| {
        match members.get(name).and_then(Value::as_u64) {
            Some(1..=10_000) => Ok(()),
            _ => Err(format!("`{name}` is not an integer from 1 to 10000")),
        }
    })
}

/// A row of `world`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldRow {
    /// 1 to 10000.
    pub id: u16,
    /// 1 to 10000.
    pub number: u16,
}

/// The rows of content that fits [`BodyRule::World`] or [`BodyRule::Worlds`]; none of other
/// content.
#[must_use]
pub fn world_rows(body: &[u8]) -> Vec<WorldRow> {
    let one = |row: &Value| {
        let member = |name: &str| row.get(name)?.as_u64()?.try_into().ok();
        Some(WorldRow { id: member("id")?, number: member("randomNumber")? })
    };
    match serde_json::from_slice(body) {
        Ok(Value::Array(rows)) => rows.iter().filter_map(one).collect(),
        Ok(row) => one(&row).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(rule: &BodyRule, body: &str, sent: &str) -> bool {
        let payloads = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/payloads"));
        let context = BodyContext { sent: sent.as_bytes(), payloads };
        check_body(rule, body.as_bytes(), &context).is_ok()
    }

    #[test]
    fn content_is_compared_with_what_was_sent() {
        assert!(fits(&BodyRule::EchoJson, r#"{"b":1.0,"a":2}"#, r#"{"a":2,"b":1}"#));
        assert!(!fits(&BodyRule::EchoJson, r#"{"a":2}"#, r#"{"a":3}"#));
        assert!(!fits(&BodyRule::EchoJson, "a", "1"));
        let receipt = r#"{"bytes":9,"crc32":"cbf43926"}"#;
        assert!(fits(&BodyRule::UploadReceipt, receipt, "123456789"));
        assert!(!fits(&BodyRule::UploadReceipt, receipt, "12345678"));
    }

    #[test]
    fn files_and_their_ranges_are_compared_byte_by_byte() {
        let file = |name: &str| BodyRule::File(name.into());
        let range = |first, last| {
            BodyRule::FileRange(FileRange { file: "static/hello.txt".into(), first, last })
        };
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../spec/payloads/static/hello.txt"
        ));
        let text = text.expect("the payload is there");
        assert!(fits(&file("static/hello.txt"), &text, "") && !fits(&file("none"), &text, ""));
        assert!(fits(&range(2, 4), &text[2..=4], "") && !fits(&range(2, 4), &text[2..=5], ""));
        assert!(!fits(&range(0, 1_000_000), &text, ""));
    }

    #[test]
    fn world_rows_have_the_shape_of_the_contract() {
        let row = r#"{"id":1,"randomNumber":10000}"#;
        assert!(fits(&BodyRule::World, row, ""));
        assert!(fits(&BodyRule::Worlds(2), &format!("[{row},{row}]"), ""));
        assert!(!fits(&BodyRule::Worlds(1), &format!("[{row},{row}]"), ""));
        for bad in [r#"{"id":0,"randomNumber":1}"#, r#"{"id":1}"#, "[]", r#"{"id":1,"random":1}"#] {
            assert!(!fits(&BodyRule::World, bad, ""), "{bad}");
        }
    }

    #[test]
    fn text_and_emptiness_are_exact() {
        assert!(fits(&BodyRule::Any, "x", "") && fits(&BodyRule::Empty, "", ""));
        assert!(!fits(&BodyRule::Empty, "x", ""));
        let text = BodyRule::Text("Hello".into());
        assert!(
            fits(&text, "Hello", "") && !fits(&text, "Hello\n", "") && !fits(&text, "Hell", "")
        );
        assert!(!fits(&BodyRule::Json(json!({"a":1})), "{\"a\":1", ""));
    }
}
