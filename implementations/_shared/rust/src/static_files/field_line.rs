//! A response field that is written the same way every time.

/// A field rendered as `name: value`, without the line's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldLine {
    name: &'static str,
    line: String,
}

impl FieldLine {
    /// `name` is in lower case, as every HTTP version takes it.
    pub(super) fn new(name: &'static str, value: &str) -> Self {
        Self { name, line: format!("{name}: {value}") }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn value(&self) -> &str {
        &self.line[self.name.len() + 2..]
    }

    pub(super) fn line(&self) -> &str {
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use super::FieldLine;

    #[test]
    fn a_line_has_its_parts() {
        let field = FieldLine::new("etag", "\"a: b\"");
        assert_eq!((field.name(), field.value()), ("etag", "\"a: b\""));
        assert_eq!(field.line(), "etag: \"a: b\"");
    }
}
