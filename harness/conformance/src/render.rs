//! One verdict as text for people.

use std::fmt::Write as _;

use httpdyno_spec::exchange::Level;

use crate::excerpt::Excerpt;
use crate::verdict::Verdict;

/// Of each message so many lines are printed, and of each line so many characters; the verdict
/// itself has more.
const MOST_LINES: usize = 30;
const LONGEST_LINE: usize = 300;

/// Everything there is to know about a verdict: what is required and where, what was sent, what
/// came back byte for byte, and what did not hold. Ends with a line break.
#[must_use]
pub fn render_failure(verdict: &Verdict) -> String {
    let mut text = String::new();
    let level = match verdict.level {
        Level::Must => "MUST",
        Level::Should => "SHOULD",
        Level::May => "MAY",
    };
    let _ = writeln!(text, "{}: {}: {}", verdict.status, verdict.id, verdict.title);
    let _ = writeln!(text, "  required  {} ({level}): {}", verdict.source, verdict.requires);
    labelled(&mut text, "expected", verdict.expected.lines());
    labelled(&mut text, "observed", verdict.observed.lines());
    labelled(&mut text, "because", verdict.why.iter().map(String::as_str));
    labelled(&mut text, "reason", verdict.reason.iter().map(String::as_str));
    bytes(&mut text, "sent", &verdict.sent);
    bytes(&mut text, "received", &verdict.received);
    text
}

/// The first line stands beside the label, the others below it.
fn labelled<'a>(text: &mut String, label: &str, lines: impl Iterator<Item = &'a str>) {
    for (at, line) in lines.enumerate() {
        let label = if at == 0 { label } else { "" };
        let _ = writeln!(text, "  {label:8}  {line}");
    }
}

/// Escaped bytes, one line of the message per line of text.
fn bytes(text: &mut String, label: &str, excerpt: &Excerpt) {
    if excerpt.text.is_empty() {
        let _ = writeln!(text, "  {label:8}  (nothing)");
        return;
    }
    let shown = excerpt.to_string();
    let lines = message_lines(&shown);
    let mut brief: Vec<String> = lines.iter().take(MOST_LINES).map(|line| shorten(line)).collect();
    if lines.len() > MOST_LINES {
        let cut = lines[MOST_LINES..].iter().map(|line| line.len()).sum::<usize>();
        brief.push(format!("... ({} more lines, {cut} characters)", lines.len() - MOST_LINES));
    }
    labelled(text, label, brief.iter().map(String::as_str));
}

/// Escaped text is ASCII, so that it can be cut anywhere.
fn shorten(line: &str) -> String {
    match line.get(..LONGEST_LINE) {
        Some(start) if line.len() > LONGEST_LINE => {
            format!("{start}... ({} more characters)", line.len() - LONGEST_LINE)
        }
        _ => line.to_owned(),
    }
}

/// Splits escaped text behind each escaped line feed.
fn message_lines(escaped: &str) -> Vec<&str> {
    let bytes = escaped.as_bytes();
    let (mut lines, mut start, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        // An escape is a backslash and one more character (`\x41` goes on with plain ones).
        if bytes[at] == b'\\' {
            let line_feed = bytes.get(at + 1) == Some(&b'n');
            at += 2;
            if line_feed {
                lines.push(&escaped[start..at.min(escaped.len())]);
                start = at;
            }
        } else {
            at += 1;
        }
    }
    if start < escaped.len() {
        lines.push(&escaped[start..]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use httpdyno_spec::id::CaseId;

    use super::*;
    use crate::verdict::Status;

    #[test]
    fn a_failure_says_what_was_required_sent_and_received() {
        let verdict = Verdict {
            id: CaseId::new("h1/host/missing").expect("an id"),
            title: "a request without Host".into(),
            level: Level::Must,
            source: "RFC 9112 section 3.2".into(),
            requires: "a server answers 400".into(),
            status: Status::Fail,
            observed: "200, open".into(),
            expected: "400; connection closed\nor no response".into(),
            reason: None,
            why: vec!["status is 200, expected 400".into()],
            sent: Excerpt { text: r"GET / HTTP/1.1\r\n\r\n".into(), cut_bytes: 0 },
            received: Excerpt { text: r"HTTP/1.1 200 OK\r\na\\nb".into(), cut_bytes: 5 },
            duration_us: 1,
        };
        let text = render_failure(&verdict);
        let expected = "\
fail: h1/host/missing: a request without Host
  required  RFC 9112 section 3.2 (MUST): a server answers 400
  expected  400; connection closed
            or no response
  observed  200, open
  because   status is 200, expected 400
  sent      GET / HTTP/1.1\\r\\n
            \\r\\n
  received  HTTP/1.1 200 OK\\r\\n
            a\\\\nb... (5 more bytes)
";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_messages_are_cut_and_counted() {
        let mut text = String::new();
        let long = format!("{}\\n{}", "x".repeat(1000), "y\\n".repeat(40));
        bytes(&mut text, "sent", &Excerpt { text: long, cut_bytes: 0 });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert!(lines[0].ends_with("x... (702 more characters)"), "{}", lines[0]);
        assert!(lines[MOST_LINES].ends_with("... (11 more lines, 33 characters)"));
    }
}
