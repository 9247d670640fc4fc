//! Bytes that were sent or received, kept within bounds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The start of some bytes as escaped text, and how many bytes were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excerpt {
    /// The first bytes, escaped (`\r \n \t \\ \xNN`).
    pub text: String,
    /// How many bytes came after those.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut_bytes: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match self.cut_bytes {
            0 => Ok(()),
            cut => write!(f, "... ({cut} more bytes)"),
        }
    }
}

/// Bytes as they went over the connection: the first [`Transcript::KEPT`] of them, and a count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transcript {
    kept: Vec<u8>,
    total: u64,
}

impl Transcript {
    /// How many bytes are kept.
    pub(crate) const KEPT: usize = 4096;

    #[cfg(test)]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut transcript = Self::default();
        transcript.push(bytes);
        transcript
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = (Self::KEPT - self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..room]);
        self.total += bytes.len() as u64;
    }

    /// The first bytes.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// How many bytes there were in all.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn excerpt(&self) -> Excerpt {
        Excerpt {
            text: httpdyno_wire::escape(&self.kept),
            cut_bytes: self.total - self.kept.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_keeps_the_start_and_counts_the_rest() {
        let mut transcript = Transcript::of(b"GET /\r\n");
        assert_eq!(transcript.excerpt().to_string(), r"GET /\r\n");
        transcript.push(&[b'x'; 10_000]);
        let excerpt = transcript.excerpt();
        assert_eq!(excerpt.cut_bytes, 7 + 10_000 - 4096);
        assert!(excerpt.to_string().ends_with("xx... (5911 more bytes)"));
        assert_eq!(transcript.total(), 10_007);
    }
}
