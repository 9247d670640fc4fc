//! A response as the rules see it, whichever engine received it.

use httpdyno_spec::case::Framed;

/// A complete response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Lower-case names and values, in the order received.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content, without transfer coding.
    pub body: Vec<u8>,
    /// How the content was delimited; `None` where there can be none (HEAD, 1xx, 204, 304).
    pub framed: Option<Framed>,
}

impl Answer {
    /// The values of a field (by lower-case name) joined with `, ` (RFC 9110 section 5.3).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
        let mut joined = values.next()?.clone();
        for value in values {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(joined)
    }
}
