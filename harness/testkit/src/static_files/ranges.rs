//! `Range` (RFC 9110 section 14).

/// What part of a representation is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    /// All of it: no range, several, a malformed one, or another unit.
    Whole,
    /// First and last byte, both included.
    Part(usize, usize),
    /// No byte of it.
    Unsatisfiable,
}

/// Reads a `Range` for a representation of `total` bytes.
pub(super) fn parse(value: Option<&str>, total: usize) -> Range {
    let one = value.and_then(|value| value.split_once('='));
    let Some((unit, spec)) = one else {
        return Range::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") || spec.contains(',') {
        return Range::Whole;
    }
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Range::Whole;
    };
    match (position(first), position(last)) {
        (Some(None), Some(Some(0))) => Range::Unsatisfiable,
        (Some(None), Some(Some(suffix))) if total > 0 => {
            Range::Part(total - suffix.min(total), total - 1)
        }
        (Some(None), Some(Some(_))) => Range::Unsatisfiable,
        (Some(Some(first)), Some(Some(last))) if last < first => Range::Whole,
        (Some(Some(first)), Some(_)) if first >= total => Range::Unsatisfiable,
        (Some(Some(first)), Some(last)) => {
            Range::Part(first, last.unwrap_or(usize::MAX).min(total - 1))
        }
        _ => Range::Whole,
    }
}

/// A position: `None` is malformed, `Some(None)` empty. One too large for the type is cut down.
fn position(text: &str) -> Option<Option<usize>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Some(text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_a_part_and_anything_odd_is_the_whole() {
        let parsed = |text| parse(Some(text), 10);
        assert_eq!(parsed("bytes=2-4"), Range::Part(2, 4));
        assert_eq!(parsed("bytes=2-"), Range::Part(2, 9));
        assert_eq!(parsed("bytes=-3"), Range::Part(7, 9));
        assert_eq!(parsed("bytes=-30"), Range::Part(0, 9));
        assert_eq!(parsed("bytes=2-99999999999999999999999"), Range::Part(2, 9));
        assert_eq!(parsed("bytes=10-"), Range::Unsatisfiable);
        assert_eq!(parsed("bytes=-0"), Range::Unsatisfiable);
        for odd in ["bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=x-1", "bytes=-", "bytes"] {
            assert_eq!(parsed(odd), Range::Whole, "{odd}");
        }
    }
}
