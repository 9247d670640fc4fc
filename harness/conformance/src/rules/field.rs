//! Rules for one response field.

use std::time::{Duration, SystemTime};

use httpdate::fmt_http_date;
use httpdyno_spec::exchange::{EntityTagRule, FieldRule};
use httpdyno_wire::escape_bounded;

/// Whether `value` (all lines of the field joined; `None` when there is none) fits. The error
/// continues a sentence that begins with the field's name.
pub(crate) fn check_field(rule: &FieldRule, value: Option<&[u8]>) -> Result<(), String> {
    let value = match (rule, value) {
        (FieldRule::Absent | FieldRule::AbsentOr(_), None) => return Ok(()),
        (_, None) => return Err("is missing".into()),
        (FieldRule::Present, Some(_)) => return Ok(()),
        (FieldRule::Absent, Some(value)) => {
            return Err(format!("is `{}`, expected none", shown(value)));
        }
        (_, Some(value)) => value,
    };
    let text = String::from_utf8_lossy(value);
    let expected = match rule {
        FieldRule::Present | FieldRule::Absent => return Ok(()),
        FieldRule::Equals(wanted) | FieldRule::AbsentOr(wanted) => {
            (text == *wanted).then_some(()).ok_or_else(|| format!("`{wanted}`"))
        }
        FieldRule::OneOf(allowed) => allowed
            .iter()
            .any(|a| text == *a)
            .then_some(())
            .ok_or_else(|| format!("one of `{}`", allowed.join("`, `"))),
        FieldRule::MediaType(wanted) => media_type(&text)
            .filter(|media_type| media_type.eq_ignore_ascii_case(wanted))
            .map(drop)
            .ok_or_else(|| format!("the media type `{wanted}`")),
        FieldRule::ListHas(wanted) => match wanted.iter().find(|w| !list_has(&text, w)) {
            Some(missing) => Err(format!("a list with the member `{missing}`")),
            None => Ok(()),
        },
        FieldRule::HttpDate => is_imf_fixdate(&text)
            .then_some(())
            .ok_or_else(|| "an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`".into()),
        FieldRule::CurrentDate => is_now(&text)
            .then_some(())
            .ok_or_else(|| format!("an IMF-fixdate near {}", fmt_http_date(SystemTime::now()))),
        FieldRule::EntityTag(strength) => check_entity_tag(value, *strength),
    };
    expected.map_err(|expected| format!("is `{}`, expected {expected}", shown(value)))
}

fn shown(value: &[u8]) -> String {
    escape_bounded(value, 200)
}

/// Type and subtype without parameters; nothing where the whole is no media type, as of two fields for
/// one (RFC 9110 section 8.3.1).
fn media_type(value: &str) -> Option<&str> {
    let mut parts = outside_quotes(value, b';').map(|part| part.trim_matches([' ', '\t']));
    let essence = parts.next()?;
    let (kind, subtype) = essence.split_once('/')?;
    let is_parameter = |part: &str| {
        let Some((name, value)) = part.split_once('=') else { return part.is_empty() };
        is_token(name) && (is_token(value) || is_quoted(value))
    };
    (is_token(kind) && is_token(subtype) && parts.all(is_parameter)).then_some(essence)
}

/// The parts of `value` between separators that stand in no quoted string.
fn outside_quotes(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |char: char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        match char {
            _ if was_escaped => false,
            '\\' if is_quoted => {
                is_escaped = true;
                false
            }
            '"' => {
                is_quoted = !is_quoted;
                false
            }
            char => !is_quoted && char == char::from(separator),
        }
    })
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_one)
}

/// RFC 9110 section 5.6.4.
fn is_quoted(text: &str) -> bool {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let mut is_escaped = false;
    let ends_open = |byte: u8| {
        let was_escaped = std::mem::take(&mut is_escaped);
        is_escaped = byte == b'\\' && !was_escaped;
        byte == b'"' && !was_escaped
    };
    inner.is_some_and(|inner| !inner.bytes().any(ends_open)) && !is_escaped
}

fn list_has(list: &str, wanted: &str) -> bool {
    list.split(',').any(|member| member.trim().eq_ignore_ascii_case(wanted))
}

/// RFC 9110 section 5.6.7; the two obsolete formats may be read but not sent.
pub(crate) fn is_imf_fixdate(text: &str) -> bool {
    match httpdate::parse_http_date(text) {
        // Writing it again also checks the name of the day.
        Ok(time) => httpdate::fmt_http_date(time) == text,
        Err(_) => false,
    }
}

/// How wrong a clock may be: two that nobody sets drift by minutes, and no time zone is nearer.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(600);

fn is_now(text: &str) -> bool {
    let Ok(date) = httpdate::parse_http_date(text) else {
        return false;
    };
    let now = SystemTime::now();
    let apart = now.duration_since(date).or_else(|_| date.duration_since(now));
    is_imf_fixdate(text) && apart.is_ok_and(|apart| apart <= CLOCK_TOLERANCE)
}

fn check_entity_tag(value: &[u8], strength: EntityTagRule) -> Result<(), String> {
    let (weak, opaque) = match value.strip_prefix(b"W/") {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let well_formed = match opaque {
        [b'"', inner @ .., b'"'] => {
            inner.iter().all(|b| matches!(b, 0x21 | 0x23..=0x7e | 0x80..=0xff))
        }
        _ => false,
    };
    match (well_formed, weak, strength) {
        (false, ..) => Err("an entity tag such as `\"abc\"`".into()),
        (true, true, EntityTagRule::Strong) => Err("a strong entity tag (no `W/`)".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(rule: &FieldRule, value: &str) -> bool {
        check_field(rule, Some(value.as_bytes())).is_ok()
    }

    #[test]
    fn presence_is_told_from_absence() {
        assert!(fits(&FieldRule::Present, "") && check_field(&FieldRule::Present, None).is_err());
        assert!(!fits(&FieldRule::Absent, "x") && check_field(&FieldRule::Absent, None).is_ok());
        let absent_or = FieldRule::AbsentOr("0".into());
        assert!(fits(&absent_or, "0") && !fits(&absent_or, "1"));
        assert!(check_field(&absent_or, None).is_ok());
    }

    #[test]
    fn values_lists_and_media_types_are_compared_as_the_rfc_says() {
        assert!(!fits(&FieldRule::Equals("a".into()), "A"));
        assert!(fits(&FieldRule::OneOf(vec!["a".into(), "b".into()]), "b"));
        let text = FieldRule::MediaType("text/plain".into());
        assert!(fits(&text, "Text/Plain; charset=utf-8") && !fits(&text, "text/plainer"));
        for parameters in [" ; charset=utf-8", ";a=b;;c=\"d;e, \\\"f\";", ";\tx=y"] {
            assert!(fits(&text, &format!("text/plain{parameters}")), "{parameters}");
        }
        // Two fields for one among them.
        for parameters in [
            ", text/plain",
            "; charset=utf-8, text/plain",
            "; charset=utf-8, text/html; charset=utf-8",
            "; charset",
            "; charset=\"utf-8",
            "; charset=utf-8 x",
            "; =utf-8",
            "; a=\"b\"c\"",
        ] {
            assert!(!fits(&text, &format!("text/plain{parameters}")), "{parameters}");
        }
        let allow = FieldRule::ListHas(vec!["GET".into(), "HEAD".into()]);
        assert!(fits(&allow, "head,  GET, OPTIONS") && !fits(&allow, "GET, HEADER"));
    }

    #[test]
    fn only_the_preferred_date_format_with_the_right_day_fits() {
        let date = FieldRule::HttpDate;
        assert!(fits(&date, "Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(!fits(&date, "Mon, 06 Nov 1994 08:49:37 GMT"));
        assert!(!fits(&date, "Sunday, 06-Nov-94 08:49:37 GMT") && !fits(&date, "now"));
    }

    #[test]
    fn a_date_of_another_day_year_or_time_zone_is_not_now() {
        let now = SystemTime::now();
        let fits_now = |time| fits(&FieldRule::CurrentDate, &fmt_http_date(time));
        let minutes = |n: u64| Duration::from_secs(60 * n);
        assert!(fits_now(now) && fits_now(now - minutes(5)) && fits_now(now + minutes(5)));
        for off in [minutes(30), minutes(60), minutes(24 * 60), minutes(365 * 24 * 60)] {
            assert!(!fits_now(now - off) && !fits_now(now + off), "{off:?}");
        }
        assert!(!fits(&FieldRule::CurrentDate, "now"));
    }

    #[test]
    fn entity_tags_are_quoted_and_strong_when_asked_for() {
        let (strong, any) =
            (FieldRule::EntityTag(EntityTagRule::Strong), FieldRule::EntityTag(EntityTagRule::Any));
        assert!(fits(&strong, "\"a-b\"") && fits(&any, "W/\"a\"") && !fits(&strong, "W/\"a\""));
        assert!(!fits(&any, "abc") && !fits(&any, "\"a b\"") && !fits(&any, "w/\"a\""));
    }
}
