//! The way in which a server writes JSON with values that differ from request to request: where they
//! stand in it, and what is around them.
//!
//! Parsing each response to compare it would cost the generator more than sending it. A response that
//! was found equal by parsing shows where the values stand in the server's own writing; as long as it
//! goes on writing so, comparing bytes is enough. Whatever differs is parsed again.

use httpdyno_wire::Slots;

/// Shorter values stand in a text by chance.
const SHORTEST: usize = 6;

#[derive(Debug)]
enum Piece {
    Literal(Vec<u8>),
    /// The value of this slot.
    Slot(usize),
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<Piece>);

impl Form {
    /// Learns it from `found`, which is right with these values in the slots `used`; nothing where a
    /// value is too short to be known, or is not there.
    pub(super) fn learn(found: &[u8], slots: &Slots, used: &[usize]) -> Option<Self> {
        if used.is_empty() || used.iter().any(|&slot| slots[slot].as_bytes().len() < SHORTEST) {
            return None;
        }
        let (mut pieces, mut literal, mut at) = (Vec::new(), Vec::new(), 0);
        while at < found.len() {
            let rest = &found[at..];
            let here = used.iter().filter(|&&slot| rest.starts_with(slots[slot].as_bytes()));
            match here.max_by_key(|&&slot| slots[slot].as_bytes().len()) {
                Some(&slot) => {
                    if !literal.is_empty() {
                        pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    }
                    pieces.push(Piece::Slot(slot));
                    at += slots[slot].as_bytes().len();
                }
                None => {
                    literal.push(rest[0]);
                    at += 1;
                }
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        let is_there =
            |slot: &usize| pieces.iter().any(|it| matches!(it, Piece::Slot(one) if one == slot));
        used.iter().all(is_there).then_some(Self(pieces))
    }

    /// Whether `found` is written in this way, with these values.
    #[inline]
    pub(super) fn fits(&self, mut found: &[u8], slots: &Slots) -> bool {
        for piece in &self.0 {
            let expected = match piece {
                Piece::Literal(bytes) => bytes,
                Piece::Slot(slot) => slots[*slot].as_bytes(),
            };
            match found.strip_prefix(expected) {
                Some(rest) => found = rest,
                None => return false,
            }
        }
        found.is_empty() && !self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Form;
    use httpdyno_wire::SlotValue;

    fn slots(values: [&str; 2]) -> Vec<SlotValue> {
        values.iter().map(|value| SlotValue::text(value.as_bytes())).collect()
    }

    #[test]
    fn a_way_of_writing_is_known_again_with_other_values_and_nothing_else_is() {
        let form = Form::learn(
            br#"{ "b": "abcdef", "a": 123456, "c": "x-abcdef" }"#,
            &slots(["123456", "abcdef"]),
            &[0, 1],
        )
        .expect("both are there");
        let next = slots(["654321", "ghijkl"]);
        assert!(form.fits(br#"{ "b": "ghijkl", "a": 654321, "c": "x-ghijkl" }"#, &next));
        for wrong in [
            r#"{ "b": "abcdef", "a": 123456, "c": "x-abcdef" }"#,
            r#"{ "b": "ghijkl", "a": 654321, "c": "x-ghijkl" } "#,
            r#"{ "b": "ghijkl", "a": 654321, "c": "x-ghijk" }"#,
            r#"{ "b": "ghijkl", "a": 654321, "c": "x-abcdef" }"#,
            "",
        ] {
            assert!(!form.fits(wrong.as_bytes(), &next), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_told_from_chance_is_not_learned() {
        let values = slots(["7", "abcdef"]);
        assert!(Form::learn(br#"{"a":7,"b":"abcdef"}"#, &values, &[0, 1]).is_none());
        assert!(Form::learn(br#"{"a":7}"#, &values, &[1]).is_none(), "it is not there");
        assert!(Form::learn(b"{}", &values, &[]).is_none());
        assert!(!Form::default().fits(b"", &values));
    }
}
