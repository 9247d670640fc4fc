//! JSON objects whose values differ from response to response: their shape and ranges.
//!
//! Every response under load is judged, so this reads the bytes once and keeps nothing. What the
//! quick reader does not know (escapes in names, say) is left to a full parser, which decides.

use httpdyno_wire::escape_bounded;
use serde_json::Value;

use super::EXCERPT_BYTES;
use crate::plan::{IntegerMember, RecordsCheck};

/// Whether `found` is what `rule` asks for; the error says what is not, in one line.
pub(super) fn check(rule: &RecordsCheck, found: &[u8]) -> Result<(), String> {
    if (Reader { bytes: found, at: 0 }).is_document(rule) {
        return Ok(());
    }
    check_parsed(rule, found)
}

/// About how long a right body is, in bytes.
pub(super) fn size_hint(rule: &RecordsCheck) -> u64 {
    let member = |member: &IntegerMember| member.name.len() as u64 + 10;
    u64::from(rule.count.unwrap_or(1)) * rule.members.iter().map(member).sum::<u64>()
}

/// Reads the JSON that servers write; gives up on anything unusual.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn is_document(&mut self, rule: &RecordsCheck) -> bool {
        let fits = match rule.count {
            None => self.is_record(&rule.members),
            Some(count) => self.is_array(count, &rule.members),
        };
        fits && self.peek().is_none()
    }

    fn is_array(&mut self, count: u32, members: &[IntegerMember]) -> bool {
        self.takes(b'[')
            && (0..count).all(|index| (index == 0 || self.takes(b',')) && self.is_record(members))
            && self.takes(b']')
    }

    fn is_record(&mut self, members: &[IntegerMember]) -> bool {
        if !self.takes(b'{') {
            return false;
        }
        // Names may stand in any order; each one takes its bit.
        let mut seen = 0_u64;
        for index in 0..members.len() {
            if index > 0 && !self.takes(b',') {
                return false;
            }
            let Some(place) = self.member_name(members) else { return false };
            if seen & (1 << place) != 0 || !self.takes(b':') {
                return false;
            }
            seen |= 1 << place;
            let (min, max) = (members[place].min, members[place].max);
            if !self.integer().is_some_and(|number| (min..=max).contains(&number)) {
                return false;
            }
        }
        self.takes(b'}')
    }

    /// The place of the member whose name comes next.
    fn member_name(&mut self, members: &[IntegerMember]) -> Option<usize> {
        if !self.takes(b'"') {
            return None;
        }
        let rest = &self.bytes[self.at..];
        let name = &rest[..rest.iter().position(|&byte| byte == b'"' || byte == b'\\')?];
        self.at += name.len();
        let place = members.iter().position(|member| member.name.as_bytes() == name)?;
        self.takes_here(b'"').then_some(place)
    }

    /// A number without fraction and exponent (RFC 8259 section 6).
    fn integer(&mut self) -> Option<i64> {
        self.peek();
        let negative = self.takes_here(b'-');
        let start = self.at;
        let mut number = 0_i64;
        while let Some(digit) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            number = number.checked_mul(10)?.checked_add(i64::from(digit - b'0'))?;
            self.at += 1;
        }
        let digits = &self.bytes[start..self.at];
        let lawful = !digits.is_empty() && (digits.len() == 1 || digits[0] != b'0');
        let goes_on = matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E'));
        (lawful && !goes_on).then_some(if negative { -number } else { number })
    }

    /// Takes `byte`, after any white space.
    fn takes(&mut self, byte: u8) -> bool {
        self.peek() == Some(byte) && self.takes_here(byte)
    }

    fn takes_here(&mut self, byte: u8) -> bool {
        let is_next = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }
}

#[cold]
fn check_parsed(rule: &RecordsCheck, found: &[u8]) -> Result<(), String> {
    let shown = || escape_bounded(found, EXCERPT_BYTES);
    let value: Value = serde_json::from_slice(found)
        .map_err(|error| format!("not JSON ({error}): `{}`", shown()))?;
    match (rule.count, &value) {
        (None, _) => check_record(&rule.members, &value),
        (Some(count), Value::Array(records)) if records.len() == count as usize => {
            records.iter().try_for_each(|record| check_record(&rule.members, record))
        }
        (Some(count), Value::Array(records)) => {
            Err(format!("an array of {} objects, expected {count}", records.len()))
        }
        (Some(count), _) => Err(format!("`{}`, expected an array of {count} objects", shown())),
    }
}

fn check_record(members: &[IntegerMember], record: &Value) -> Result<(), String> {
    let shown = || escape_bounded(record.to_string().as_bytes(), EXCERPT_BYTES);
    let object = record.as_object().ok_or_else(|| format!("`{}` is no JSON object", shown()))?;
    if object.len() != members.len() {
        return Err(format!(
            "`{}` has {} members, expected {}",
            shown(),
            object.len(),
            members.len()
        ));
    }
    for IntegerMember { name, min, max } in members {
        let number = object.get(name).and_then(Value::as_i64);
        if !number.is_some_and(|number| (min..=max).contains(&&number)) {
            return Err(format!(
                "`{}`, expected `{name}` to be an integer {min} to {max}",
                shown()
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Reader, check};
    use crate::plan::{IntegerMember, RecordsCheck};

    fn rule(count: Option<u32>) -> RecordsCheck {
        let member = |name: &str| IntegerMember { name: name.into(), min: 1, max: 10_000 };
        RecordsCheck { count, members: vec![member("id"), member("randomNumber")] }
    }

    fn quick(count: Option<u32>, body: &str) -> bool {
        (Reader { bytes: body.as_bytes(), at: 0 }).is_document(&rule(count))
    }

    #[test]
    fn what_servers_write_is_read_quickly_in_any_order_and_spacing() {
        assert!(quick(None, r#"{"id":1,"randomNumber":10000}"#));
        assert!(quick(None, "\t{ \"randomNumber\" : 7 ,\r\n\"id\":10000 } "));
        assert!(quick(Some(2), r#"[{"id":1,"randomNumber":2}, {"randomNumber":3,"id":4}]"#));
        assert!(quick(Some(0), "[ ]"));
    }

    #[test]
    fn unusual_but_right_bodies_are_right() {
        for body in [r#"{"\u0069d":1,"randomNumber":2}"#, r#"{"id":5,"id":1,"randomNumber":2}"#] {
            assert!(!quick(None, body), "{body}");
            assert_eq!(check(&rule(None), body.as_bytes()), Ok(()), "{body}");
        }
    }

    #[test]
    fn wrong_ones_are_told_what_is_wrong() {
        let row = r#"{"id":1,"randomNumber":2}"#;
        for (count, body, wrong) in [
            (None, "", "not JSON"),
            (None, "[]", "no JSON object"),
            (None, r#"{"id":1}"#, "has 1 members"),
            (None, r#"{"id":1,"randomNumber":2,"x":3}"#, "has 3 members"),
            (None, r#"{"id":1,"randomnumber":2}"#, "expected `randomNumber`"),
            (None, r#"{"id":0,"randomNumber":2}"#, "expected `id` to be an integer 1 to 10000"),
            (None, r#"{"id":10001,"randomNumber":2}"#, "expected `id`"),
            (None, r#"{"id":-1,"randomNumber":2}"#, "expected `id`"),
            (None, r#"{"id":1.0,"randomNumber":2}"#, "expected `id`"),
            (None, r#"{"id":1e1,"randomNumber":2}"#, "expected `id`"),
            (None, r#"{"id":"1","randomNumber":2}"#, "expected `id`"),
            (None, r#"{"id":01,"randomNumber":2}"#, "not JSON"),
            (None, r#"{"id":99999999999999999999,"randomNumber":2}"#, "expected `id`"),
            (None, r#"{"id":1,"randomNumber":2}x"#, "not JSON"),
            (None, r#"{"id":1,"randomNumber":2"#, "not JSON"),
            (Some(1), row, "expected an array of 1 objects"),
            (Some(2), "[]", "an array of 0 objects, expected 2"),
            (Some(1), r#"[{"id":1,"randomNumber":2},]"#, "not JSON"),
            (Some(1), r#"[{"id":1,"randomNumber":2},{"id":1,"randomNumber":2}]"#, "expected 1"),
        ] {
            let error = check(&rule(count), body.as_bytes()).expect_err(body);
            assert!(error.contains(wrong), "{body}: {error}");
        }
    }
}
