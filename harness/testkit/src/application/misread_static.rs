//! How cheats misread requests for files.

use super::FileCheat;
use super::misread::decoded;
use crate::fields::Fields;
use crate::head::Head;
use crate::quirk::Quirks;
use crate::target::Target;

const OLD: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// The name of the file.
pub(super) fn name(target: &mut Target, quirks: &Quirks) {
    let Some(name) = target.path.strip_prefix("/static/").map(str::to_owned) else {
        return;
    };
    let plain = decoded(&name);
    if quirks.has(FileCheat::RawNames) {
        target.path = format!("/static/{}", name.replace('%', "%25"));
    }
    if quirks.has(FileCheat::CaseInsensitiveNames) {
        target.path = format!("/static/{}", name.to_ascii_lowercase());
    }
    if quirks.has(FileCheat::CutsNamesAtNul) && plain.contains('\0') {
        target.path = "/static/hello.txt".into();
    }
}

/// The fields of RFC 9110 section 13, but for If-Range.
pub(super) fn conditions(head: &mut Head, quirks: &Quirks) {
    let to_head = head.method == "HEAD";
    let fields = &mut head.fields;
    let value = |fields: &Fields, name: &str| fields.value(name).unwrap_or_default();
    let (none_match, matches) = (value(fields, "if-none-match"), value(fields, "if-match"));
    let has_range = fields.value("range").is_some();
    let has_since = fields.value("if-modified-since").is_some();
    let ignores_none_match = quirks.has(FileCheat::IgnoresIfNoneMatch)
        || (quirks.has(FileCheat::StrongIfNoneMatch) && none_match.starts_with("W/"))
        || (quirks.has(FileCheat::OneTagIfNoneMatch) && none_match.contains(", "))
        || (quirks.has(FileCheat::NoStarIfNoneMatch) && none_match == "*")
        || (quirks.has(FileCheat::UnconditionalHead) && to_head)
        || (quirks.has(FileCheat::RangeBeforeConditions) && has_range)
        || (quirks.has(FileCheat::SinceBeforeNoneMatch) && has_since);
    if ignores_none_match {
        fields.remove("if-none-match");
    } else if quirks.has(FileCheat::AnyIfNoneMatch) && !none_match.is_empty() {
        fields.set("if-none-match", "*");
    }
    let ignores_match = quirks.has(FileCheat::IgnoresIfMatch)
        || (quirks.has(FileCheat::NoneMatchBeforeMatch) && !none_match.is_empty())
        || (quirks.has(FileCheat::SinceBeforeMatch)
            && fields.value("if-unmodified-since").is_some());
    let fails_match = quirks.has(FileCheat::AnyIfMatchFails)
        || (quirks.has(FileCheat::OneTagIfMatch) && matches.contains(", "))
        || (quirks.has(FileCheat::NoStarIfMatch) && matches == "*");
    if ignores_match {
        fields.remove("if-match");
    } else if fails_match && !matches.is_empty() {
        fields.set("if-match", "\"none\"");
    } else if quirks.has(FileCheat::WeakIfMatch) {
        forget_weakness(fields, "if-match");
    }
    if quirks.has(FileCheat::IgnoresIfModifiedSince) {
        fields.remove("if-modified-since");
    }
    if quirks.has(FileCheat::IgnoresIfUnmodifiedSince) {
        fields.remove("if-unmodified-since");
    }
    let fails = quirks.has(FileCheat::AnyIfUnmodifiedSinceFails);
    if fails && fields.value("if-unmodified-since").is_some() {
        fields.set("if-unmodified-since", OLD);
    }
    tags(fields, quirks);
}

/// The tags that the server's own cheats have changed, changed back.
fn tags(fields: &mut Fields, quirks: &Quirks) {
    for name in ["if-match", "if-range"] {
        if quirks.has(FileCheat::WeakTags) {
            forget_weakness(fields, name);
        }
    }
    for name in ["if-match", "if-none-match", "if-range"] {
        let Some(value) = fields.value(name) else {
            continue;
        };
        if quirks.has(FileCheat::RestlessTags) {
            let tags = value.split(',').map(|tag| match tag.split_once('~') {
                Some((start, _)) => format!("{start}\""),
                None => tag.to_owned(),
            });
            fields.set(name, &tags.collect::<Vec<_>>().join(","));
        }
        if quirks.has(FileCheat::SharedTag) {
            match name {
                _ if !value.contains("\"shared\"") => {}
                "if-none-match" => fields.set(name, "*"),
                "if-match" if !value.contains("W/") => fields.set(name, "*"),
                "if-range" if !value.contains("W/") => fields.remove(name),
                _ => {}
            }
        }
    }
}

/// Range and If-Range.
pub(super) fn ranges(head: &mut Head, quirks: &Quirks) {
    let fields = &mut head.fields;
    if quirks.has(FileCheat::IgnoresIfRange) {
        fields.remove("if-range");
    }
    if quirks.has(FileCheat::WeakIfRange) {
        forget_weakness(fields, "if-range");
    }
    let Some(range) = fields.value("range") else {
        return;
    };
    let ignored = quirks.has(FileCheat::IgnoresRange)
        || (quirks.has(FileCheat::NoSuffixRanges) && range.starts_with("bytes=-"))
        || (quirks.has(FileCheat::NoOpenRanges) && range.ends_with('-'))
        || (quirks.has(FileCheat::IfRangeNeverHolds) && fields.value("if-range").is_some());
    if ignored {
        return fields.remove("range");
    }
    if quirks.has(FileCheat::AnyRangeUnit) {
        fields.set("range", &range.replace("lines=", "bytes="));
    }
    if quirks.has(FileCheat::FirstOfRanges) {
        fields.set("range", range.split(',').next().unwrap_or_default());
    }
    if quirks.has(FileCheat::StrictRangeEnd) && range.starts_with("bytes=65000-") {
        fields.set("range", "bytes=65536-");
    }
    if quirks.has(FileCheat::RangesOnHead) && head.method == "HEAD" {
        head.method = "GET".into();
    }
    if quirks.has(FileCheat::RangesOfIdentity) {
        head.fields.remove("accept-encoding");
    }
}

/// Accept-Encoding.
pub(super) fn codings(fields: &mut Fields, quirks: &Quirks) {
    if quirks.has(FileCheat::AlwaysBrotli) {
        return fields.set("accept-encoding", "br");
    }
    let Some(accepted) = fields.value("accept-encoding") else {
        return;
    };
    if quirks.has(FileCheat::IgnoresAcceptEncoding) {
        return fields.remove("accept-encoding");
    }
    if quirks.has(FileCheat::IgnoresQuality) {
        let names = accepted.split(',').map(|m| m.split(';').next().unwrap_or_default());
        fields.set("accept-encoding", &names.collect::<Vec<_>>().join(","));
    }
    let both = accepted.contains("gzip") && accepted.contains("br");
    let equal = !accepted.contains("q=") || accepted == "gzip;q=0.5,br;q=0.5";
    if quirks.has(FileCheat::PrefersGzip) && both && equal && !accepted.contains("xbr") {
        fields.set("accept-encoding", "gzip");
    }
    if quirks.has(FileCheat::FindsCodingsAnywhere) && accepted.contains("xbr") {
        fields.set("accept-encoding", "br");
    }
    if quirks.has(FileCheat::NoStarCoding) {
        fields.set("accept-encoding", &accepted.replace('*', "none"));
    }
    if quirks.has(FileCheat::CaseSensitiveCodings)
        && accepted.bytes().any(|b| b.is_ascii_uppercase())
    {
        fields.remove("accept-encoding");
    }
}

fn forget_weakness(fields: &mut Fields, name: &str) {
    if let Some(value) = fields.value(name) {
        fields.set(name, value.strip_prefix("W/").unwrap_or(&value));
    }
}
