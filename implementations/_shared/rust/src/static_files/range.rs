//! A single `bytes` range (RFC 9110 section 14).

use std::ops::Range;

/// What a `Range` field asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing that is understood or offered: the field is ignored.
    Ignored,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes that are not there.
    Unsatisfiable,
}

/// Reads a `Range` field against a representation of `length` bytes.
pub(super) fn parse(field: &[u8], length: usize) -> Asked {
    read(field, length).unwrap_or(Asked::Ignored)
}

fn read(field: &[u8], length: usize) -> Option<Asked> {
    let (unit, set) = field.trim_ascii().split_at_checked(6)?;
    let set = set.trim_ascii();
    if !unit.eq_ignore_ascii_case(b"bytes=") || set.contains(&b',') {
        return None;
    }
    let dash = set.iter().position(|byte| *byte == b'-')?;
    let (first, last) = (&set[..dash], &set[dash + 1..]);
    let (start, end) = match (first, last) {
        (b"", suffix) => (length.saturating_sub(position(suffix)?), length),
        (first, b"") => (position(first)?, length),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(length))
        }
    };
    Some(if start < length { Asked::Part(start..end) } else { Asked::Unsatisfiable })
}

/// Digits and nothing else, saturating: a position beyond any file is still one.
fn position(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_usize, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
        Some(value.saturating_mul(10).saturating_add(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_a_part() {
        for (field, expected) in [
            ("bytes=0-4", 0..5),
            ("bytes=4-4", 4..5),
            ("bytes=9-", 9..10),
            ("bytes=-3", 7..10),
            ("bytes=-99", 0..10),
            ("bytes=5-99", 5..10),
            ("bytes=5-99999999999999999999999999", 5..10),
            ("BYTES=0-0", 0..1),
            (" bytes= 0-0 ", 0..1),
        ] {
            assert_eq!(parse(field.as_bytes(), 10), Asked::Part(expected), "{field:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_there_can_not_be_served() {
        for field in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(parse(field.as_bytes(), 10), Asked::Unsatisfiable, "{field:?}");
        }
        for field in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
            assert_eq!(parse(field.as_bytes(), 0), Asked::Unsatisfiable, "{field:?}");
        }
    }

    #[test]
    fn what_is_malformed_or_several_or_another_unit_is_ignored() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-4",
            "bytes=a-b",
            "bytes=1",
            "bytes=1-2-3",
            "bytes=0-1,3-4",
            "bytes=0-1,",
            "items=0-1",
            "bytes =0-1",
            "bytes=+1-2",
            "bytes=0 - 1",
        ] {
            assert_eq!(parse(field.as_bytes(), 10), Asked::Ignored, "{field:?}");
        }
    }
}
