//! Parsing is a pure function of the bytes, so equal bytes need not be parsed twice.

use crate::Head;
use crate::framing::RequestKind;

/// The longest head worth remembering, in bytes.
const MEMO_BYTES: usize = 1024;

/// The last head seen and what it meant. Servers repeat their heads byte for byte until the
/// date ticks; comparing is several times cheaper than parsing and exactly as strict.
#[derive(Debug, Clone, Default)]
pub struct HeadMemo {
    bytes: Vec<u8>,
    known: Option<(Head, RequestKind)>,
}

impl HeadMemo {
    /// An empty memo.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties the memo.
    pub fn forget(&mut self) {
        self.known = None;
    }

    /// The head at the start of `input`, if it is the remembered one.
    #[inline]
    pub(crate) fn recall(&self, input: &[u8], kind: RequestKind) -> Option<Head> {
        match self.known {
            Some((head, known_kind))
                if known_kind == kind && input.starts_with(self.bytes.as_slice()) =>
            {
                Some(head)
            }
            _ => None,
        }
    }

    pub(crate) fn remember(&mut self, head: Head, kind: RequestKind, bytes: &[u8]) {
        if bytes.len() <= MEMO_BYTES && !head.is_interim() {
            self.bytes.clear();
            self.bytes.extend_from_slice(bytes);
            self.known = Some((head, kind));
        }
    }
}
