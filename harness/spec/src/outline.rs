//! Where each value of a YAML file stands, for errors that are found after reading it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Location, Spanned};

use crate::error::Position;

/// A value of a YAML file, reduced to its place and its parts.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) position: Option<Position>,
    parts: Parts,
}

#[derive(Clone, Debug)]
enum Parts {
    None,
    Items(Vec<Node>),
    /// Name, place of the name, value.
    Fields(Vec<(String, Option<Position>, Node)>),
}

impl Node {
    /// A file whose places are not known.
    pub(crate) fn unknown() -> Self {
        Self { position: None, parts: Parts::None }
    }

    /// The value of the field `name` of this mapping.
    pub(crate) fn field(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// The place of the name of that field.
    pub(crate) fn name_position(&self, name: &str) -> Option<Position> {
        self.entry(name).and_then(|(position, _)| position)
    }

    /// The item of this sequence, counted from 0.
    pub(crate) fn item(&self, index: usize) -> Option<&Node> {
        match &self.parts {
            Parts::Items(items) => items.get(index),
            _ => None,
        }
    }

    /// Where the mapping begins that has the name of a field at `inside`.
    pub(crate) fn mapping_of(&self, inside: Position) -> Option<Position> {
        match &self.parts {
            Parts::None => None,
            Parts::Items(items) => items.iter().find_map(|item| item.mapping_of(inside)),
            Parts::Fields(fields) => {
                if fields.iter().any(|(_, name, _)| *name == Some(inside)) {
                    return self.position;
                }
                fields.iter().find_map(|(.., node)| node.mapping_of(inside))
            }
        }
    }

    fn entry(&self, name: &str) -> Option<(Option<Position>, &Node)> {
        match &self.parts {
            Parts::Fields(fields) => fields
                .iter()
                .find(|(field, ..)| field == name)
                .map(|(_, position, node)| (*position, node)),
            _ => None,
        }
    }
}

/// The position of a location, unless it is unknown.
pub(crate) fn position(location: Location) -> Option<Position> {
    let line = u32::try_from(location.line()).ok().filter(|line| *line > 0)?;
    let column = u32::try_from(location.column()).ok()?.max(1);
    Some(Position { line, column })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Parts>::deserialize(deserializer)?;
        Ok(Self { position: position(spanned.referenced), parts: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Parts, E> {
        Ok(Parts::None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Parts, E> {
        Ok(Parts::None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Parts, E> {
        Ok(Parts::None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Parts, E> {
        Ok(Parts::None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Parts, E> {
        Ok(Parts::None)
    }

    fn visit_unit<E>(self) -> Result<Parts, E> {
        Ok(Parts::None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Parts, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Parts::Items(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Parts, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, node)) = access.next_entry::<Spanned<String>, Node>()? {
            fields.push((name.value, position(name.referenced), node));
        }
        Ok(Parts::Fields(fields))
    }
}
