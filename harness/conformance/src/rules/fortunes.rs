//! The shape of the fortunes page: an HTML table of id and message, sorted and escaped.

/// The message that every request adds, as row 0.
pub(crate) const ADDED_MESSAGE: &str = "Additional fortune added at request time.";

/// Checks the page; the error says what is wrong, in one line.
pub(crate) fn check(body: &[u8]) -> Result<(), String> {
    let rows = rows(body)?;
    if !rows.iter().any(|(id, message)| *id == 0 && message == ADDED_MESSAGE) {
        return Err(format!("the row `0` `{ADDED_MESSAGE}` is missing"));
    }
    match rows.windows(2).find(|pair| pair[0].1 > pair[1].1) {
        Some(pair) => Err(format!("`{}` stands before `{}`", pair[0].1, pair[1].1)),
        None => Ok(()),
    }
}

/// Ids and messages of the page, in its order; the error says why it is no such page.
pub(crate) fn rows(body: &[u8]) -> Result<Vec<(u32, String)>, String> {
    let page = std::str::from_utf8(body).map_err(|e| format!("the page is not UTF-8: {e}"))?;
    if !page.trim_start().get(..15).is_some_and(|s| s.eq_ignore_ascii_case("<!doctype html>")) {
        return Err("the page does not begin with `<!DOCTYPE html>`".into());
    }
    let cells = cells(page)?;
    if !cells.len().is_multiple_of(2) {
        return Err(format!("there are {} cells, expected two in each row", cells.len()));
    }
    if cells.len() < 4 {
        return Err(format!("there are {} rows, expected those of the table", cells.len() / 2));
    }
    let row = |pair: &[&str]| match pair[0].trim().parse() {
        Ok(id) => Ok((id, unescape(pair[1]))),
        Err(_) => Err(format!("`{}` is no row number", pair[0].trim().escape_debug())),
    };
    cells.chunks_exact(2).map(row).collect()
}

/// The contents of all `<td>` cells.
fn cells(page: &str) -> Result<Vec<&str>, String> {
    let mut cells = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<td>") {
        let Some((cell, after)) = after.split_once("</td>") else {
            return Err("a `<td>` is not closed".into());
        };
        if cell.contains('<') || cell.contains('>') {
            return Err(format!("a cell holds unescaped markup: `{}`", cell.escape_debug()));
        }
        cells.push(cell);
        rest = after;
    }
    Ok(cells)
}

/// Replaces the character references of a page, in one go: `&amp;lt;` is `&lt;`, not `<`.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').unwrap_or(0);
        match character(rest.get(1..end).unwrap_or_default()) {
            Some(character) => {
                plain.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain + rest
}

/// The character of `lt`, `#60` or `#x3c`; the named ones are those that escaping needs.
fn character(reference: &str) -> Option<char> {
    let code = match reference.strip_prefix('#') {
        None => {
            let named = [("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("amp", '&')];
            return named.iter().find(|(name, _)| *name == reference).map(|(_, c)| *c);
        }
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        },
    };
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[(&str, &str)]) -> String {
        let rows: String = rows
            .iter()
            .map(|(id, text)| format!("<tr><td>{id}</td><td>{text}</td></tr>"))
            .collect();
        format!("<!DOCTYPE html><html><body><table>{rows}</table></body></html>")
    }

    #[test]
    fn references_are_replaced_once() {
        for (text, plain) in [
            ("&#38;amp; &amp;lt; &lt;", "&amp; &lt; <"),
            ("&#x27;&#39;&apos;&#62;", "'''>"),
            ("a & b; &; &nonsense; &#x; 50 &", "a & b; &; &nonsense; &#x; 50 &"),
        ] {
            assert_eq!(unescape(text), plain);
        }
    }

    #[test]
    fn a_sorted_and_escaped_table_fits() {
        let script = "&lt;script&gt;alert(&quot;x&quot;);&lt;/script&gt;";
        let rows = [("11", script), ("0", ADDED_MESSAGE), ("12", "フレームワークのベンチマーク")];
        assert_eq!(check(page(&rows).as_bytes()), Ok(()));
    }

    #[test]
    fn what_is_unsorted_unescaped_or_incomplete_does_not() {
        let bad = [
            page(&[("1", "b"), ("0", ADDED_MESSAGE)]),
            page(&[("0", ADDED_MESSAGE), ("1", "<script>x</script>")]),
            page(&[("1", "A"), ("2", "B")]),
            page(&[("x", "A"), ("0", ADDED_MESSAGE)]),
            page(&[("0", ADDED_MESSAGE)]),
            format!("{}<td>", page(&[("0", ADDED_MESSAGE), ("1", "B")])),
            "no page".into(),
        ];
        for page in bad {
            assert!(check(page.as_bytes()).is_err(), "{page}");
        }
        assert!(check(b"<!DOCTYPE html>\xff").is_err());
    }
}
