//! `{name}` in the texts of requests and expectations.
//!
//! A placeholder is a lower-case name in braces; braces around anything else are plain text (so
//! JSON may stand in a text).

/// A part of a text with placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text to be taken as it stands.
    Text(&'a str),
    /// The name of the variable whose value belongs here.
    Variable(&'a str),
}

/// Whether `name` may be the name of a variable: a lower-case letter, then lower-case letters,
/// digits, `-` and `_`.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

/// The parts of `text`, in order; put together again they are `text`.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, tail) = match next_placeholder(rest) {
            Some((0, name)) => (Piece::Variable(name), &rest[name.len() + 2..]),
            Some((start, _)) => (Piece::Text(&rest[..start]), &rest[start..]),
            None => (Piece::Text(rest), ""),
        };
        rest = tail;
        Some(piece)
    })
}

/// The names of the variables in `text`, in order of appearance.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// The variable's name when `text` is one placeholder and nothing else: then the variable's typed
/// value is meant (a number stays a number in JSON).
#[must_use]
pub fn whole_variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    is_variable_name(name).then_some(name)
}

/// Where the first placeholder begins, and its name.
fn next_placeholder(text: &str) -> Option<(usize, &str)> {
    text.match_indices('{').find_map(|(start, _)| {
        let inner = &text[start + 1..];
        let name = &inner[..inner.find('}')?];
        is_variable_name(name).then_some((start, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_text() {
        let parts: Vec<_> = pieces("/users/{id}?q={q}#").collect();
        let expected = [
            Piece::Text("/users/"),
            Piece::Variable("id"),
            Piece::Text("?q="),
            Piece::Variable("q"),
            Piece::Text("#"),
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn json_in_text_is_text() {
        let text = r#"{"a":{"b":1}} {} {A} {1} {open"#;
        assert_eq!(pieces(text).collect::<Vec<_>>(), [Piece::Text(text)]);
        assert_eq!(variables(r#"{"a":{x}}"#).collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn only_a_lone_placeholder_is_the_typed_value() {
        assert_eq!(whole_variable("{id}"), Some("id"));
        assert_eq!(whole_variable("user-{id}"), None);
        assert_eq!(whole_variable("{id}{id}"), None);
    }
}
