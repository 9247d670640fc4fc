//! What the server itself wrote while it was asked: what a client sees of an error within it is a 5xx or
//! the end of a connection, and the cause stands in its log.

/// So many lines are shown of its beginning and of its end: an exception is named in the first lines by
/// some languages, in the last ones by others.
const FIRST_LINES: usize = 2;
const LAST_LINES: usize = 5;
/// So many characters of a line.
const MOST_LETTERS: usize = 140;

/// What stands in the label of an answer that did not come, or was the last on its connection.
const ENDED: [&str; 5] = ["closed", "reset", "no answer", "no connection", "no complete response"];

/// Whether the server's own words may explain this: what was observed, in a few words, is a 5xx or a
/// connection that ended, or a 5xx is what was received (escaped, as in an excerpt).
#[must_use]
pub fn may_explain(observed: &str, received: &str) -> bool {
    let is_error = |word: &str| word.len() == 3 && word.starts_with('5') && is_number(word);
    let mut words = observed.split(|letter: char| !letter.is_ascii_alphanumeric());
    let of_status_line = |line: &str| {
        line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).is_some_and(is_error)
    };
    words.any(is_error)
        || ENDED.iter().any(|end| observed.contains(end))
        || received.lines().any(|line| of_status_line(line.trim_start()))
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words, bounded; nothing where there are none.
#[must_use]
pub fn bounded(words: &str) -> Option<String> {
    let lines: Vec<&str> = words.lines().filter(|line| !line.trim().is_empty()).collect();
    let short = |line: &&str| match line.char_indices().nth(MOST_LETTERS) {
        Some((at, _)) => format!("{} ...", &line[..at]),
        None => (*line).to_owned(),
    };
    let shown: Vec<String> = if lines.len() <= FIRST_LINES + LAST_LINES {
        lines.iter().map(short).collect()
    } else {
        let left_out = format!("... ({} more lines)", lines.len() - FIRST_LINES - LAST_LINES);
        let (first, last) = (&lines[..FIRST_LINES], &lines[lines.len() - LAST_LINES..]);
        first.iter().map(short).chain([left_out]).chain(last.iter().map(short)).collect()
    };
    (!shown.is_empty()).then(|| shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::{bounded, may_explain};

    #[test]
    fn a_server_error_and_the_end_of_a_connection_may_be_explained() {
        for (observed, received) in [
            ("500", ""),
            ("200 503", ""),
            ("400, closed", ""),
            ("no answer", ""),
            ("200, malformed (closed-in-body)", ""),
            ("reset", ""),
            ("wrong content", "HTTP/1.1 502 Bad Gateway\\r\\n"),
            ("wrong", "HTTP/1.1 200 OK\\r\\n\n\\r\\n\nHTTP/1.0 500 Oops\\r\\n"),
        ] {
            assert!(may_explain(observed, received), "{observed} {received}");
        }
        for (observed, received) in [
            ("404", "HTTP/1.1 404 Not Found\\r\\nx: 500\\r\\n"),
            ("200, open", ""),
            ("5000 rows", ""),
            ("silent", ""),
            ("", ""),
        ] {
            assert!(!may_explain(observed, received), "{observed} {received}");
        }
    }

    #[test]
    fn words_are_bounded_with_their_beginning_and_their_end() {
        assert_eq!(bounded(" \n\n"), None);
        assert_eq!(bounded("one\n\ntwo\n").as_deref(), Some("one\ntwo"));
        let long: String = (0..100).map(|at| format!("line {at}\n")).collect();
        let kept = bounded(&long).expect("words");
        assert!(kept.starts_with("line 0\nline 1\n... (93 more lines)\nline 95\n"), "{kept}");
        assert!(kept.ends_with("line 99"), "{kept}");
        let wide = bounded(&"\u{e9}".repeat(10_000)).expect("words");
        assert_eq!(wide, format!("{} ...", "\u{e9}".repeat(140)));
    }
}
