//! What quirks make of chunk sizes and lengths before they are read.

use crate::framing_quirk::FramingQuirk as Lenient;
use crate::quirk::Quirks;

/// A chunk size without what quirks overlook in it, the first one of its content or a `later` one.
pub(crate) fn size(digits: &[u8], later: bool, quirks: &Quirks) -> Vec<u8> {
    let mut digits = digits.to_vec();
    let cut = |digits: &mut Vec<u8>, ends: &[u8]| {
        let end = digits.iter().position(|byte| ends.contains(byte));
        digits.truncate(end.unwrap_or(digits.len()));
    };
    let strip = |digits: &mut Vec<u8>, leading: &[u8]| {
        let start = digits.iter().position(|byte| !leading.contains(byte));
        digits.drain(..start.unwrap_or(0));
    };
    if quirks.has(Lenient::SizeMayHavePlus) {
        strip(&mut digits, b"+");
    }
    if later && quirks.has(Lenient::LaterSizeMayHavePlus) {
        strip(&mut digits, b"+");
    }
    if later && quirks.has(Lenient::LaterSizeMayHavePrefix) && digits.starts_with(b"0x") {
        digits.drain(..2);
    }
    if quirks.has(Lenient::SizeEndsAtNul) {
        cut(&mut digits, b"\0");
    }
    if quirks.has(Lenient::NumbersMayBeLong) && digits.ends_with(b"L") {
        digits.pop();
    }
    if quirks.has(Lenient::UnquotesSize) {
        digits.retain(|&byte| byte != b'"');
    }
    if quirks.has(Lenient::SizeMayHaveMinus) {
        strip(&mut digits, b"-");
    }
    if quirks.has(Lenient::SizeEndsAtSpace) {
        cut(&mut digits, b" ");
    }
    if quirks.has(Lenient::SizeMayBeginWithSpace) {
        strip(&mut digits, b" \t");
    }
    if quirks.has(Lenient::SizeMayHaveControls) {
        digits.retain(|byte| !b"\x0b\x0c".contains(byte));
    }
    if quirks.has(Lenient::SizeMayBeDecimal) {
        cut(&mut digits, b".,");
    }
    if quirks.has(Lenient::ZeroBeginsLastChunk) && digits.starts_with(b"0") {
        digits.truncate(1);
    }
    in_ascii(&String::from_utf8_lossy(&digits), quirks).into_bytes()
}

/// A length without what quirks overlook in it.
pub(crate) fn length(text: &str, quirks: &Quirks) -> String {
    if let Some(octal) =
        text.strip_prefix("0o").filter(|_| quirks.has(Lenient::OctalPrefixOfLength))
    {
        return u64::from_str_radix(octal, 8).map_or(text.to_owned(), |length| length.to_string());
    }
    if quirks.has(Lenient::LengthMayHaveTabs) {
        return text.replace('\t', "");
    }
    if quirks.has(Lenient::NumbersMayBeLong) && text.ends_with('L') {
        return text.trim_end_matches('L').to_owned();
    }
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    match inside.filter(|_| quirks.has(Lenient::UnquotesLength)) {
        Some(inside) => inside.to_owned(),
        None => in_ascii(text, quirks),
    }
}

fn in_ascii(text: &str, quirks: &Quirks) -> String {
    let arabic = |c: char| match c {
        '\u{660}'..='\u{669}' => char::from_digit(u32::from(c) - 0x660, 10).unwrap_or(c),
        other => other,
    };
    let underscores = quirks.has(Lenient::NumbersMayHaveUnderscores);
    let kept = text.chars().filter(|&c| !(underscores && c == '_'));
    match quirks.has(Lenient::ReadsOtherDigits) {
        true => kept.map(arabic).collect(),
        false => kept.collect(),
    }
}

/// What a 32-bit or a signed 64-bit counter makes of a chunk size.
pub(crate) fn counted_size(size: u64, quirks: &Quirks) -> u64 {
    if quirks.has(Lenient::SizeModulo32) {
        return size & u64::from(u32::MAX);
    }
    if quirks.has(Lenient::NegativeSizeIsLast) && i64::try_from(size).is_err() {
        return 0;
    }
    size
}

/// What a 32-bit or a signed 64-bit counter makes of a length.
pub(crate) fn counted_length(length: u64, quirks: &Quirks) -> Option<u64> {
    if quirks.has(Lenient::LengthModulo32) {
        return Some(length & u64::from(u32::MAX));
    }
    let negative = i64::try_from(length).is_err();
    (!negative || !quirks.has(Lenient::NegativeLengthIsNone)).then_some(length)
}
