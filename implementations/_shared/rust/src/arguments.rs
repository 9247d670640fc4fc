//! Arguments read from the path and the query of a request target.

use std::borrow::Cow;

use crate::payload::SearchAnswer;
use crate::query;

/// The largest id that `/users/{id}` knows: 2^53-1, the largest integer that
/// every JSON reader holds exactly (RFC 8259 section 6).
pub const MAX_USER_ID: u64 = 9_007_199_254_740_991;
/// The longest hold of `/delay/{ms}`, in milliseconds.
pub const MAX_DELAY_MS: u32 = 10_000;

/// The most rows that one request reads.
pub const MAX_QUERIES: u32 = 500;

/// Splits a request target in origin-form into its path and its query.
#[must_use]
pub fn split_target(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

/// The id that the last segment of `/users/{id}` names; `None` calls for 400.
#[must_use]
pub fn user_id(segment: &str) -> Option<u64> {
    digits(segment).filter(|id| (1..=MAX_USER_ID).contains(id))
}

/// The hold in milliseconds that `/delay/{ms}` names; `None` calls for 400.
#[must_use]
pub fn delay_ms(segment: &str) -> Option<u32> {
    let ms = u32::try_from(digits(segment)?).ok()?;
    (ms <= MAX_DELAY_MS).then_some(ms)
}

/// The answer of `/search` to this query; `None` calls for 400 (`q` is missing,
/// empty or not UTF-8).
#[must_use]
pub fn search(query: &str) -> Option<SearchAnswer<'_>> {
    let term = parameter(query, "q").filter(|term| !term.is_empty())?;
    Some(SearchAnswer { query: term, limit: count(query, "limit", 10, 100) })
}

/// How many rows a query asks for: `queries` is 1 where it is missing or not an integer, and
/// otherwise clamped to 1..=500.
#[must_use]
pub fn queries(query: &str) -> usize {
    count(query, "queries", 1, MAX_QUERIES) as usize
}

/// The first parameter called `name`, decoded; `None` when it is missing or not
/// UTF-8.
#[must_use]
pub fn parameter<'q>(query: &'q str, name: &str) -> Option<Cow<'q, str>> {
    query::decode(query::first(query, name)?)
}

/// The integer parameter called `name`: `default` when it is missing or not an
/// integer, else clamped to `1..=max`.
#[must_use]
pub fn count(query: &str, name: &str, default: u32, max: u32) -> u32 {
    let value = parameter(query, name);
    value.and_then(|text| clamped(&text, max)).unwrap_or(default)
}

/// Integers of any length are integers: one that overflows is beyond the bound.
fn clamped(text: &str, max: u32) -> Option<u32> {
    let (negative, number) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = digits(number)?;
    let bounded = if negative { 1 } else { value.clamp(1, u64::from(max)) };
    u32::try_from(bounded).ok()
}

/// Decimal digits and nothing else (no sign, no space), saturating.
fn digits(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(value.saturating_mul(10).saturating_add(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_split_at_the_first_question_mark() {
        assert_eq!(split_target("/a?b?c"), ("/a", "b?c"));
        assert_eq!(split_target("/a"), ("/a", ""));
    }

    #[test]
    fn user_ids_are_decimal_and_exact_in_json() {
        assert_eq!(user_id("1"), Some(1));
        assert_eq!(user_id("9007199254740991"), Some(MAX_USER_ID));
        for bad in ["", "0", "-1", "+1", "1.0", "1e3", "abc", " 1", "9007199254740992"] {
            assert_eq!(user_id(bad), None, "{bad:?}");
        }
        assert_eq!(user_id("99999999999999999999999999"), None);
        assert_eq!(user_id("18446744073709551617"), None, "2^64+1 is not 1");
    }

    #[test]
    fn delays_end_at_ten_seconds() {
        assert_eq!(delay_ms("0"), Some(0));
        assert_eq!(delay_ms("10000"), Some(10_000));
        for bad in ["", "10001", "-1", "1.5", "4294967296", "x"] {
            assert_eq!(delay_ms(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn search_needs_a_query() {
        for bad in ["", "q=", "limit=3", "q=&q=x", "q=%FF"] {
            assert_eq!(search(bad), None, "{bad:?}");
        }
        let answer = search("x=1&q=a+b%26c&limit=3&q=z").unwrap();
        assert_eq!((&*answer.query, answer.limit), ("a b&c", 3));
    }

    #[test]
    fn limits_are_clamped() {
        let limit = |query: &str| search(query).unwrap().limit;
        assert_eq!(limit("q=x"), 10);
        for (text, expected) in [
            ("", 10),
            ("abc", 10),
            ("5.5", 10),
            ("-", 10),
            ("0", 1),
            ("-5", 1),
            ("1", 1),
            ("100", 100),
            ("101", 100),
            ("99999999999999999999999", 100),
            ("-99999999999999999999999", 1),
            ("2&limit=50", 2),
        ] {
            assert_eq!(limit(&format!("q=x&limit={text}")), expected, "{text:?}");
        }
    }

    #[test]
    fn rows_asked_for_are_clamped() {
        for (query, expected) in [
            ("", 1),
            ("queries", 1),
            ("queries=", 1),
            ("queries=foo", 1),
            ("queries=1.5", 1),
            ("queries=0", 1),
            ("queries=-1", 1),
            ("queries=20", 20),
            ("x=3&queries=+7", 1),
            ("queries=%2B7", 7),
            ("queries=500", 500),
            ("queries=501", 500),
            ("queries=1e9", 1),
            ("queries=1000000000000000000000", 500),
            ("queries=2&queries=9", 2),
            ("queries=foo&queries=9", 1),
        ] {
            assert_eq!(queries(query), expected, "{query:?}");
        }
    }
}
