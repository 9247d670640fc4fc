//! What a body must be, in the form that is compared.

use httpdyno_wire::{Part, SlotValue, Slots, Template};

use super::{json, records};
use crate::plan::RecordsCheck;

/// A [`BodyCheck`](crate::BodyCheck) with echoes resolved and templates parsed.
#[derive(Debug)]
pub(crate) enum BodyRule {
    Any,
    Length(u64),
    Exact(Vec<u8>),
    Template(Template),
    Json(JsonRule),
    Records(RecordsCheck),
    Receipt(Receipt),
}

/// `{"bytes":N,"crc32":"xxxxxxxx"}` of content with values in it.
#[derive(Debug)]
pub(crate) struct Receipt {
    /// Of all that comes before the first value, which is nearly all of the content.
    before: crc32fast::Hasher,
    before_bytes: usize,
    rest: Vec<Part>,
}

impl Receipt {
    fn new(content: &Template) -> Self {
        let (mut before, mut before_bytes) = (crc32fast::Hasher::new(), 0);
        let mut parts = content.parts().iter().peekable();
        while let Some(Part::Literal(bytes)) = parts.next_if(|it| matches!(it, Part::Literal(_))) {
            before.update(bytes);
            before_bytes += bytes.len();
        }
        Self { before, before_bytes, rest: parts.cloned().collect() }
    }

    /// Of the content with these values.
    pub(super) fn of(&self, slots: &Slots) -> Vec<u8> {
        let (mut sum, mut length) = (self.before.clone(), self.before_bytes);
        for part in &self.rest {
            let bytes = match part {
                Part::Literal(bytes) => bytes,
                Part::Slot(slot) => slots[*slot].as_bytes(),
            };
            sum.update(bytes);
            length += bytes.len();
        }
        format!(r#"{{"bytes":{length},"crc32":"{:08x}"}}"#, sum.finalize()).into_bytes()
    }
}

/// JSON that must be equal to this.
#[derive(Debug)]
pub(crate) struct JsonRule {
    pub(super) expected: Template,
    /// The same, if nothing in it varies.
    pub(super) literal: Option<Vec<u8>>,
    /// The slots in it.
    pub(super) used: Vec<usize>,
}

impl BodyRule {
    /// These bytes; without slots the cheaper form.
    pub(crate) fn exact(template: Template) -> Self {
        match template.as_literal() {
            Some(bytes) => Self::Exact(bytes),
            None => Self::Template(template),
        }
    }

    /// What `/upload` answers to this content.
    pub(crate) fn receipt(content: &Template) -> Self {
        Self::Receipt(Receipt::new(content))
    }

    /// JSON; refused when it is none with some value in every slot.
    pub(crate) fn json(template: Template, values: usize) -> Result<Self, String> {
        let mut sample = Vec::new();
        template.render(&vec![SlotValue::decimal(1); values], &mut sample);
        json::check_syntax(&sample)?;
        let literal = template.as_literal();
        let slot = |part: &Part| if let Part::Slot(slot) = part { Some(*slot) } else { None };
        let used = template.parts().iter().filter_map(slot).collect();
        Ok(Self::Json(JsonRule { expected: template, literal, used }))
    }

    /// The length every right body has, if it does not vary.
    pub(crate) fn exact_length(&self) -> Option<u64> {
        match self {
            Self::Length(bytes) => Some(*bytes),
            Self::Exact(bytes) => Some(bytes.len() as u64),
            Self::Any | Self::Template(_) | Self::Json(_) | Self::Records(_) | Self::Receipt(_) => {
                None
            }
        }
    }

    /// About how long a right body is.
    pub(crate) fn size_hint(&self) -> u64 {
        match self {
            Self::Any => 0,
            Self::Receipt(_) => 40,
            Self::Length(bytes) => *bytes,
            Self::Exact(bytes) => bytes.len() as u64,
            Self::Records(rule) => records::size_hint(rule),
            Self::Template(template) | Self::Json(JsonRule { expected: template, .. }) => {
                template.parts().iter().map(part_size).sum()
            }
        }
    }
}

fn part_size(part: &Part) -> u64 {
    match part {
        Part::Literal(bytes) => bytes.len() as u64,
        Part::Slot(_) => 8,
    }
}
