//! The page of `GET /fortunes`, from a template that is compiled and escapes what it is given.

use std::borrow::Cow;

use askama::Template;

/// The media type of the page.
pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// A row of `fortune`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fortune<'r> {
    /// From 1; 0 is the one that every request adds.
    pub id: i32,
    /// Any text.
    pub message: Cow<'r, str>,
}

#[derive(Template)]
#[template(path = "fortunes.html")]
struct Page<'f> {
    fortunes: &'f [Fortune<'f>],
}

/// The page of these rows and the additional one, sorted by message (by code points), in UTF-8.
///
/// # Panics
/// When the template can not be rendered: into memory it always can.
#[must_use]
pub fn page<'r>(rows: impl IntoIterator<Item = Fortune<'r>>) -> String {
    let added = "Additional fortune added at request time.";
    let mut fortunes = vec![Fortune { id: 0, message: Cow::Borrowed(added) }];
    fortunes.extend(rows);
    fortunes.sort_unstable_by(|one, other| one.message.cmp(&other.message));
    Page { fortunes: &fortunes }.render().expect("memory takes any page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_escaped_and_joined_by_one_more() {
        let rows = [(2, "B <b> & \"c\" 'd'"), (1, "速さ"), (3, "A")];
        let rows = rows.map(|(id, message)| Fortune { id, message: message.into() });
        let expected = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
            <title>Fortunes</title>\n</head>\n<body>\n<table>\n<tr><th>id</th><th>message</th></tr>\n\
            <tr><td>3</td><td>A</td></tr>\n\
            <tr><td>0</td><td>Additional fortune added at request time.</td></tr>\n\
            <tr><td>2</td><td>B &#60;b&#62; &#38; &#34;c&#34; &#39;d&#39;</td></tr>\n\
            <tr><td>1</td><td>速さ</td></tr>\n\
            </table>\n</body>\n</html>\n";
        assert_eq!(page(rows), expected);
    }
}
