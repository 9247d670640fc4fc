//! Bytes with holes: what differs from request to request.

use crate::escape::excerpt;

/// The longest value a slot can hold, in bytes.
const SLOT_BYTES: usize = 32;

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Literal(Vec<u8>),
    /// The value of this slot.
    Slot(usize),
}

/// Literal bytes with numbered slots between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    parts: Vec<Part>,
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without `}}`.
    #[error("`{{{{` at byte {at} has no `}}}}`")]
    Unclosed {
        /// Where it stands.
        at: usize,
    },
    /// A name that no value has.
    #[error("`{{{{{name}}}}}` names no value, {}", expected_names(known))]
    UnknownName {
        /// What was found, escaped: the bytes of a file are not for a terminal.
        name: String,
        /// What may stand there.
        known: String,
    },
}

fn expected_names(known: &str) -> String {
    if known.is_empty() {
        "and none is defined".to_owned()
    } else {
        format!("expected one of: {known}")
    }
}

/// The text of one slot, up to 32 bytes.
#[derive(Debug, Clone, Copy)]
pub struct SlotValue {
    bytes: [u8; SLOT_BYTES],
    length: u8,
}

impl SlotValue {
    /// A decimal number.
    #[must_use]
    pub fn decimal(value: u64) -> Self {
        Self::text(itoa::Buffer::new().format(value).as_bytes())
    }

    /// The first 32 bytes of `text`.
    #[must_use]
    pub fn text(text: &[u8]) -> Self {
        let n = text.len().min(SLOT_BYTES);
        let mut bytes = [0; SLOT_BYTES];
        bytes[..n].copy_from_slice(&text[..n]);
        // At most 32.
        #[allow(clippy::cast_possible_truncation)]
        Self { bytes, length: n as u8 }
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// The values of all slots for one request.
pub type Slots = [SlotValue];

impl Template {
    /// Without any slot.
    #[must_use]
    pub fn literal(bytes: impl Into<Vec<u8>>) -> Self {
        Self { parts: vec![Part::Literal(bytes.into())] }
    }

    /// From parts.
    #[must_use]
    pub fn new(parts: Vec<Part>) -> Self {
        Self { parts }
    }

    /// Reads `text` with `{{name}}` for slots; the slot number is the index in `names`.
    /// Single braces stand for themselves, so that JSON needs no escaping; `{{{{}}` stands for
    /// `{{` itself.
    ///
    /// # Errors
    /// An unclosed slot, or a name that is not in `names`.
    pub fn parse(text: &[u8], names: &[&str]) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = memchr::memmem::find(rest, b"{{") {
            let at = text.len() - rest.len() + open;
            let close =
                memchr::memmem::find(&rest[open..], b"}}").ok_or(TemplateError::Unclosed { at })?;
            let name = &rest[open + 2..open + close];
            if open != 0 {
                parts.push(Part::Literal(rest[..open].to_vec()));
            }
            parts.push(match names.iter().position(|known| known.as_bytes() == name) {
                Some(slot) => Part::Slot(slot),
                None if name == b"{{" => Part::Literal(name.to_vec()),
                None => {
                    let (name, known) = (excerpt(name), names.join(", "));
                    return Err(TemplateError::UnknownName { name, known });
                }
            });
            rest = &rest[open + close + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_vec()));
        }
        Ok(Self { parts })
    }

    /// The text that [`parse`](Self::parse) reads as exactly these bytes.
    #[must_use]
    pub fn escape(bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(open) = memchr::memmem::find(rest, b"{{") {
            text.extend_from_slice(&rest[..open]);
            text.extend_from_slice(b"{{{{}}");
            rest = &rest[open + 2..];
        }
        text.extend_from_slice(rest);
        text
    }

    /// The pieces, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The bytes, if there is no slot in them.
    #[must_use]
    pub fn as_literal(&self) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(bytes) => out.extend_from_slice(bytes),
                Part::Slot(_) => return None,
            }
        }
        Some(out)
    }

    /// The highest slot number used.
    #[must_use]
    pub fn max_slot(&self) -> Option<usize> {
        self.parts
            .iter()
            .filter_map(|part| if let Part::Slot(n) = part { Some(*n) } else { None })
            .max()
    }

    /// Appends the bytes with the slots filled in.
    ///
    /// # Panics
    /// If `slots` has no value for a slot number in use; see [`max_slot`](Self::max_slot).
    pub fn render(&self, slots: &Slots, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Literal(bytes) => out.extend_from_slice(bytes),
                Part::Slot(n) => out.extend_from_slice(slots[*n].as_bytes()),
            }
        }
    }

    /// The length that [`render`](Self::render) would append, in bytes.
    #[must_use]
    pub fn rendered_bytes(&self, slots: &Slots) -> usize {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(bytes) => bytes.len(),
                Part::Slot(n) => slots[*n].as_bytes().len(),
            })
            .sum()
    }
}
