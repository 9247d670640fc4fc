//! The query of a request target, decoded as `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// The value of the first parameter called `name`, still encoded.
pub(crate) fn first<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let matches = key == name || decode(key).is_some_and(|key| key == name);
        matches.then_some(value)
    })
}

/// Undoes percent-encoding and `+`; `None` when the result is not UTF-8.
pub(crate) fn decode(encoded: &str) -> Option<Cow<'_, str>> {
    if !encoded.contains('+') {
        return percent_decode(encoded.as_bytes()).decode_utf8().ok();
    }
    let spaced = encoded.replace('+', " ");
    let decoded = percent_decode(spaced.as_bytes()).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_occurrence_counts() {
        assert_eq!(first("a=1&q=2&q=3", "q"), Some("2"));
        assert_eq!(first("q&q=3", "q"), Some(""));
        assert_eq!(first("qq=1&aq=2", "q"), None);
        assert_eq!(first("", "q"), None);
        assert_eq!(first("q=a=b", "q"), Some("a=b"));
    }

    #[test]
    fn names_are_decoded_too() {
        assert_eq!(first("%71=1", "q"), Some("1"));
    }

    #[test]
    fn decoding_knows_plus_percent_and_utf8() {
        assert_eq!(decode("a+b%20c%2Bd").unwrap(), "a b c+d");
        assert_eq!(decode("%C3%BC%e2%82%ac").unwrap(), "ü€");
        assert_eq!(decode("100%").unwrap(), "100%");
        assert_eq!(decode("%FF"), None);
        assert!(matches!(decode("plain"), Some(Cow::Borrowed("plain"))));
    }
}
