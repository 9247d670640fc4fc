//! How the content of a request is delimited (RFC 9112 section 6.3).

use crate::conversation_quirk::ConversationQuirk;
use crate::fault::{Fault, bad};
use crate::framing_quirk::FramingQuirk;
use crate::head::{Head, NOWHERE};
use crate::lawful::Lawful;
use crate::numbers;
use crate::quirk::Quirks;
use crate::request_line::Version;
use crate::wire_quirk::WireQuirk;

/// How the content ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After so many bytes; a request without any framing has none.
    Length(u64),
    /// With a chunk of size zero.
    Chunked,
    /// With the connection: no request may be so, only quirks read one so.
    UntilEnd,
}

/// Decides how the content of a request with this head ends.
pub(crate) fn decide(head: &Head, quirks: &Quirks) -> Result<Framing, Fault> {
    let ignored = match head.method.as_str() {
        "GET" => quirks.has(WireQuirk::IgnoresContentOfGet),
        "HEAD" => {
            let lost = head.target.path == NOWHERE;
            let of_lost = lost && quirks.has(ConversationQuirk::IgnoresContentOfLostHead);
            of_lost || quirks.has(ConversationQuirk::IgnoresContentOfHead)
        }
        "PUT" => quirks.has(ConversationQuirk::IgnoresContentOfPut),
        "PATCH" => quirks.has(ConversationQuirk::IgnoresContentOfPatch),
        "OPTIONS" => quirks.has(ConversationQuirk::IgnoresContentOfOptions),
        "DELETE" => quirks.has(ConversationQuirk::IgnoresContentOfDelete),
        _ => false,
    };
    let coded = head.fields.value("transfer-encoding").is_some();
    let old = head.version == Version::Http10 && !coded;
    if ignored || (old && quirks.has(ConversationQuirk::IgnoresContentInHttp10)) {
        return Ok(Framing::Length(0));
    }
    let length = content_length(head, quirks)?;
    if coded
        && !overlooked(head, quirks)
        && let Some(framing) = transfer_encoding(head, length, quirks)?
    {
        return Ok(framing);
    }
    let until_end = quirks.has(WireQuirk::ReadsContentUntilEnd) && head.method == "POST";
    match length.unwrap_or(0) {
        0 if until_end => Ok(Framing::UntilEnd),
        length => Ok(Framing::Length(length)),
    }
}

/// Whether a quirk does not see the transfer codings that there are.
fn overlooked(head: &Head, quirks: &Quirks) -> bool {
    let lines = head.fields.all("transfer-encoding");
    let codings = head.fields.list("transfer-encoding");
    let members = lines.iter().map(|line| 1 + line.iter().filter(|&&b| b == b',').count());
    let empty_member = members.sum::<usize>() > codings.len();
    let first_unknown = lines.len() > 1 && lines[0] != b"chunked";
    (codings.is_empty() && quirks.has(FramingQuirk::EmptyCodingIsNone))
        || (empty_member && !codings.is_empty() && quirks.has(FramingQuirk::EmptyMemberIsNoCoding))
        || (first_unknown && quirks.has(FramingQuirk::FirstCodingLineDecides))
}

/// The codings that there are, as quirks see them.
fn codings(head: &Head, quirks: &Quirks) -> Vec<String> {
    let mut codings = head.fields.list("transfer-encoding");
    if quirks.has(FramingQuirk::FirstCodingLineDecides) {
        codings.truncate(1);
    }
    if quirks.has(FramingQuirk::IgnoresCodingParameters) {
        let name = |coding: &String| coding.split(';').next().unwrap_or_default().to_owned();
        codings = codings.iter().map(name).collect();
    }
    if quirks.has(FramingQuirk::UnquotesCodings) {
        codings = codings.iter().map(|coding| coding.trim_matches('\'').to_owned()).collect();
    }
    if quirks.has(FramingQuirk::CodingEndsAtEquals) {
        let name = |coding: &String| coding.split('=').next().unwrap_or_default().to_owned();
        codings = codings.iter().map(name).collect();
    }
    if quirks.has(FramingQuirk::CountsChunkedOnce) {
        codings.dedup();
    }
    codings
}

/// Framing by the transfer codings; `None` when they are to count for nothing.
fn transfer_encoding(
    head: &Head,
    length: Option<u64>,
    quirks: &Quirks,
) -> Result<Option<Framing>, Fault> {
    if head.version == Version::Http10 {
        // RFC 9112 section 6.1: faulty framing, whatever Content-Length says.
        let keeps = quirks.has(WireQuirk::KeepsOpenAfterCodingIn10);
        let fault = bad("HTTP/1.0 has no Transfer-Encoding");
        return if keeps { Ok(Some(Framing::Chunked)) } else { Err(fault) };
    }
    if length.is_some() && quirks.has(WireQuirk::PrefersLengthOverChunked) {
        return Ok(None);
    }
    let keeps = quirks.has(WireQuirk::KeepsOpenAfterLengthAndCoding);
    if length.is_some() && !keeps {
        // RFC 9112 section 6.1 allows to refuse it, and requires to close.
        return Err(bad("Transfer-Encoding and Content-Length exclude each other"));
    }
    let codings = codings(head, quirks);
    let chunked = |coding: &String| {
        if quirks.has(WireQuirk::CaseSensitiveCoding) {
            coding == "chunked"
        } else if quirks.has(WireQuirk::FindsChunkedAnywhere) {
            coding.to_ascii_lowercase().contains("chunked")
        } else if quirks.has(FramingQuirk::CodingByPrefix) {
            coding.to_ascii_lowercase().starts_with("chunked")
        } else {
            coding.eq_ignore_ascii_case("chunked")
        }
    };
    let anywhere = quirks.has(WireQuirk::FindsChunkedAnywhere) && codings.iter().any(chunked);
    match codings.split_last() {
        _ if quirks.has(WireQuirk::IgnoresChunked) && codings == ["chunked"] => Ok(None),
        _ if anywhere => Ok(Some(Framing::Chunked)),
        Some((last, [])) if chunked(last) => Ok(Some(Framing::Chunked)),
        Some((last, _)) if chunked(last) => {
            let ignores = quirks.has(WireQuirk::IgnoresOtherCodings);
            let fault = Fault::Status(501, "only the chunked coding is known here");
            if ignores { Ok(Some(Framing::Chunked)) } else { Err(fault) }
        }
        _ if quirks.has(WireQuirk::UnknownCodingIsIdentity) => Ok(None),
        _ => Err(bad("chunked must be the last transfer coding")),
    }
}

/// The length that all values of all lines agree on (RFC 9112 section 6.3, item 5).
fn content_length(head: &Head, quirks: &Quirks) -> Result<Option<u64>, Fault> {
    let Some(value) = head.fields.value("content-length") else {
        return Ok(None);
    };
    let keeps = quirks.has(WireQuirk::KeepsTabsAroundValues);
    let trim = |one| if keeps { one } else { str::trim(one) };
    let members: Vec<&str> = value.split(',').map(trim).collect();
    let empty_member = members.len() > 1 && members.contains(&"");
    if empty_member && quirks.has(FramingQuirk::EmptyMemberIsNoLength) {
        return Ok(None);
    }
    let parsed: Vec<_> = members.iter().map(|one| parse_length(one, quirks)).collect();
    let skips = quirks.has(FramingQuirk::SkipsInvalidLengths) && parsed.iter().any(Result::is_ok);
    let parsed = parsed.into_iter().filter(|one| one.is_ok() || !skips);
    let lengths = parsed.collect::<Result<Vec<u64>, Fault>>()?;
    if lengths.len() > 1 && quirks.has(WireQuirk::RepeatedLengthIsNone) {
        return Ok(None);
    }
    let last = lengths.last().copied();
    let first = lengths.first().copied();
    let differ = match quirks.has(FramingQuirk::ComparesOuterLengths) {
        true => first != last,
        false => lengths.iter().any(|length| Some(*length) != last),
    };
    if differ && quirks.has(FramingQuirk::FirstLengthWins) {
        return Ok(first);
    }
    if differ && !quirks.has(WireQuirk::LastLengthWins) {
        return Err(bad("the values of Content-Length differ"));
    }
    Ok(last.and_then(|length| numbers::counted_length(length, quirks)))
}

fn parse_length(text: &str, quirks: &Quirks) -> Result<u64, Fault> {
    let lenient = numbers::length(text, quirks);
    let mut digits = lenient.as_str();
    if quirks.has(WireQuirk::LengthMayHaveSign) {
        digits = digits.trim_start_matches(['+', '-']);
    }
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if end > 0 && quirks.has(WireQuirk::LengthMayHaveGarbage) {
        digits = &digits[..end];
    }
    if digits.is_empty() && quirks.has(WireQuirk::EmptyLengthIsZero) {
        return Ok(0);
    }
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad("Content-Length must be decimal digits"));
    }
    if digits.starts_with('0') && quirks.has(WireQuirk::OctalLength) {
        return u64::from_str_radix(digits, 8).map_err(|_| bad("not octal"));
    }
    let wraps = quirks.has(WireQuirk::LengthWraps);
    digits.bytes().try_fold(0u64, |sum, digit| {
        let digit = u64::from(digit - b'0');
        if wraps {
            return Ok(sum.wrapping_mul(10).wrapping_add(digit));
        }
        let next = sum.checked_mul(10).and_then(|sum| sum.checked_add(digit));
        let next = next.or(quirks.has(Lawful::WaitsForHugeContent).then_some(u64::MAX));
        next.ok_or(bad("Content-Length is larger than any content"))
    })
}
