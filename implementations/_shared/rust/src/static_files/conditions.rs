//! The request fields that decide over a static file.

use std::borrow::Cow;

/// The fields of a request that [`decide`](super::decide()) looks at. A field
/// that comes more than once is one list (RFC 9110 section 5.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions<'r> {
    pub(super) if_match: Option<Cow<'r, [u8]>>,
    pub(super) if_none_match: Option<Cow<'r, [u8]>>,
    pub(super) if_modified_since: Option<Cow<'r, [u8]>>,
    pub(super) if_unmodified_since: Option<Cow<'r, [u8]>>,
    pub(super) if_range: Option<Cow<'r, [u8]>>,
    pub(super) range: Option<Cow<'r, [u8]>>,
    pub(super) accept_encoding: Option<Cow<'r, [u8]>>,
}

impl<'r> Conditions<'r> {
    /// Picks the fields that matter out of all fields of a request, in order.
    pub fn from_fields<'n>(fields: impl IntoIterator<Item = (&'n str, &'r [u8])>) -> Self {
        let mut conditions = Self::default();
        for (name, value) in fields {
            conditions.take(name, value);
        }
        conditions
    }

    /// Takes one field, if it matters; names are compared without case.
    pub fn take(&mut self, name: &str, value: &'r [u8]) {
        let Some(field) = self.field(name) else {
            return;
        };
        match field {
            None => *field = Some(Cow::Borrowed(value)),
            Some(list) => {
                let list = list.to_mut();
                list.extend_from_slice(b", ");
                list.extend_from_slice(value);
            }
        }
    }

    /// The same without `Range`, which a server may always ignore (RFC 9110
    /// section 14.2).
    #[must_use]
    pub fn without_range(self) -> Self {
        Self { range: None, ..self }
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<Cow<'r, [u8]>>> {
        let known = [
            ("range", &mut self.range),
            ("if-match", &mut self.if_match),
            ("if-range", &mut self.if_range),
            ("if-none-match", &mut self.if_none_match),
            ("accept-encoding", &mut self.accept_encoding),
            ("if-modified-since", &mut self.if_modified_since),
            ("if-unmodified-since", &mut self.if_unmodified_since),
        ];
        let mut known = known.into_iter();
        known.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_fields_are_one_list_and_names_have_no_case() {
        let fields: [(&str, &[u8]); 4] =
            [("IF-None-Match", b"\"a\""), ("Host", b"h"), ("if-none-match", b"\"b\""), ("x", b"")];
        let conditions = Conditions::from_fields(fields);
        assert_eq!(conditions.if_none_match.as_deref(), Some(&b"\"a\", \"b\""[..]));
        assert_eq!(Conditions { if_none_match: None, ..conditions }, Conditions::default());
        let range = Conditions::from_fields([("Range", &b"bytes=0-"[..])]);
        assert!(range.range.is_some());
        assert_eq!(range.without_range(), Conditions::default());
    }
}
