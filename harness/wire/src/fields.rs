//! The fields of a head that has been validated, in order, as they stand on the wire.

use crate::head::split_field;

/// One field line; the value without white space around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// As sent: upper and lower case are kept.
    pub name: &'a [u8],
    /// Without leading and trailing white space.
    pub value: &'a [u8],
}

/// Iterates over the fields of a head (or trailer section) that the parser has accepted.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// `head`: the bytes of a complete head, status line included.
    #[must_use]
    pub fn of_head(head: &'a [u8]) -> Self {
        let start = memchr::memchr(b'\n', head).map_or(head.len(), |at| at + 1);
        Self { rest: &head[start..] }
    }

    /// `section`: field lines only, as in a trailer section.
    #[must_use]
    pub fn of_section(section: &'a [u8]) -> Self {
        Self { rest: section }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let at = memchr::memchr(b'\n', self.rest)?;
        let line = self.rest[..at].strip_suffix(b"\r")?;
        self.rest = &self.rest[at + 1..];
        let (name, value) = split_field(line).ok()?;
        Some(Field { name, value })
    }
}
