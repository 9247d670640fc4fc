//! The values of one request: a pure function of seed and request number, so that nothing has
//! to be remembered until the response is checked.

use httpdyno_wire::{SlotValue, Template};

use crate::mix::{Stream, below, random};
use crate::plan::{ValueKind, ValueSpec};

const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The text of a template that stands for exactly these bytes, whatever braces are in them.
#[must_use]
pub fn verbatim(bytes: &[u8]) -> Vec<u8> {
    Template::escape(bytes)
}

/// Makes the values of a request.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    seed: u64,
    kinds: Vec<ValueKind>,
}

impl Values {
    pub(crate) fn new(seed: u64, specs: &[ValueSpec]) -> Self {
        Self { seed, kinds: specs.iter().map(|spec| spec.kind).collect() }
    }

    /// Puts the values of request `index` into `slots`.
    pub(crate) fn fill(&self, index: u64, slots: &mut Vec<SlotValue>) {
        slots.clear();
        let values = self.kinds.iter().enumerate();
        slots.extend(values.map(|(slot, kind)| self.value(*kind, slot as u64, index)));
    }

    fn value(&self, kind: ValueKind, slot: u64, index: u64) -> SlotValue {
        match kind {
            ValueKind::Sequential { first } => SlotValue::decimal(first.wrapping_add(index)),
            ValueKind::RandomInteger { min, max } => {
                let random = random(self.seed, Stream::Value(slot), index);
                let value = match (max - min).checked_add(1) {
                    Some(span) => min + below(random, span),
                    None => random,
                };
                SlotValue::decimal(value)
            }
            ValueKind::RandomText { length } => {
                let mut text = [0u8; 32];
                for (n, byte) in text[..length].iter_mut().enumerate() {
                    // A number of its own for every byte: 32 letters need 165 bits.
                    let number = index.wrapping_mul(32).wrapping_add(n as u64);
                    let random = random(self.seed, Stream::Value(slot), number);
                    *byte = ALPHABET[below(random, 36) as usize];
                }
                SlotValue::text(&text[..length])
            }
        }
    }
}
