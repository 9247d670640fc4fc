//! Texts of others in Markdown.

use crate::legible::one_line;

/// A text of others as a code span, in which nothing is markup: no mention, no link, no HTML
/// (CommonMark, section 6.1). A pipe is escaped, since a table's cell ends at it even here.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text).replace('|', r"\|");
    if text.is_empty() {
        return "-".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A text as a fenced block.
pub(crate) fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}sh\n{text}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{block, code};

    #[test]
    fn nothing_ends_a_code_span_or_a_cell() {
        assert_eq!(code("a|b"), r"`a\|b`");
        assert_eq!(code("`x``y"), "``` `x``y ```");
        assert_eq!(code(""), "-");
        assert_eq!(block("a ``` b"), "````sh\na ``` b\n````\n");
    }
}
