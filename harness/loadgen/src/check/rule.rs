//! What a body must be, in the form that is compared.

use httpdyno_wire::{Part, SlotValue, Template};

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
}

/// JSON that must be equal to this.
#[derive(Debug)]
pub(crate) struct JsonRule {
    pub(super) expected: Template,
    /// The same, if nothing in it varies.
    pub(super) literal: Option<Vec<u8>>,
}

impl BodyRule {
    /// These bytes; without slots the cheaper form.
    pub(crate) fn exact(template: Template) -> Self {
        match template.as_literal() {
            Some(bytes) => Self::Exact(bytes),
            None => Self::Template(template),
        }
    }

    /// JSON; refused when it is none with some value in every slot.
    pub(crate) fn json(template: Template, values: usize) -> Result<Self, String> {
        let mut sample = Vec::new();
        template.render(&vec![SlotValue::decimal(1); values], &mut sample);
        json::check_syntax(&sample)?;
        let literal = template.as_literal();
        Ok(Self::Json(JsonRule { expected: template, literal }))
    }

    /// The length every right body has, if it does not vary.
    pub(crate) fn exact_length(&self) -> Option<u64> {
        match self {
            Self::Length(bytes) => Some(*bytes),
            Self::Exact(bytes) => Some(bytes.len() as u64),
            Self::Any | Self::Template(_) | Self::Json(_) | Self::Records(_) => None,
        }
    }

    /// About how long a right body is.
    pub(crate) fn size_hint(&self) -> u64 {
        match self {
            Self::Any => 0,
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
