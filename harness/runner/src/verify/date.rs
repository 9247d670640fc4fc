//! `Date` ticks (RFC 9110 section 6.6.1): it may be cached for at most one second.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How far a right `Date` may be behind the sending of its request, in whole seconds: cached for one
/// second, and cut to whole ones.
const MOST_BEHIND_S: i64 = 2;

/// Whether `date` is of the time between the sending of the request and the end of the response.
///
/// # Errors
/// What is wrong with it.
pub(super) fn ticks(
    date: Option<&[u8]>,
    sent_at: Duration,
    done_at: Duration,
) -> Result<(), String> {
    let date = date.ok_or("there is no `Date`")?;
    let text = String::from_utf8_lossy(date);
    let found = seconds(&text).ok_or_else(|| format!("`Date: {text}` is no date (IMF-fixdate)"))?;
    let whole = |at: Duration| i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    let (sent, done) = (whole(sent_at), whole(done_at));
    if found + MOST_BEHIND_S < sent {
        return Err(format!("`Date: {text}` is {} s old: it does not tick", sent - found));
    }
    if found > done + 1 {
        return Err(format!("`Date: {text}` is {} s ahead", found - done));
    }
    Ok(())
}

/// Seconds since 1970 of an IMF-fixdate (RFC 9110 section 5.6.7).
fn seconds(text: &str) -> Option<i64> {
    let date = DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::{seconds, ticks};
    use std::time::Duration;

    const AT: Duration = Duration::from_millis(784_111_777_500);

    #[test]
    fn dates_are_read_as_they_stand_on_the_wire() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 +0000"), None);
    }

    #[test]
    fn a_date_that_stands_still_is_found_and_a_cached_one_is_right() {
        let at = |text: &str| ticks(Some(text.as_bytes()), AT, AT);
        assert_eq!(at("Sun, 06 Nov 1994 08:49:37 GMT"), Ok(()));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:35 GMT"), Ok(()));
        assert!(at("Sun, 06 Nov 1994 08:49:34 GMT").is_err_and(|why| why.contains("3 s old")));
        assert!(at("Sun, 06 Nov 1994 08:49:40 GMT").is_err_and(|why| why.contains("3 s ahead")));
        assert!(at("yesterday").is_err_and(|why| why.contains("no date")));
        assert!(ticks(None, AT, AT).is_err());
        // A response that took long has the date of any moment in between.
        let long = ticks(Some(b"Sun, 06 Nov 1994 08:49:45 GMT"), AT, AT + Duration::from_secs(9));
        assert_eq!(long, Ok(()));
    }
}
