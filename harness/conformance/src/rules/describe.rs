//! Rules as text for people.

use httpdyno_spec::exchange::{BodyRule, EntityTagRule, FieldRule, ResponseRule};

/// The whole rule in one line, e.g. `200, content-type: media type text/plain, content ...`.
pub(crate) fn describe_rule(rule: &ResponseRule) -> String {
    let status = rule.status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    let mut parts = vec![status];
    parts.extend(rule.headers.iter().map(|(name, rule)| describe_field(name, rule)));
    parts.extend(describe_body(&rule.body));
    parts.join("; ")
}

/// One field's rule, e.g. `etag: any value`.
pub(crate) fn describe_field(name: &str, rule: &FieldRule) -> String {
    match rule {
        FieldRule::Present => format!("{name}: any value"),
        FieldRule::Absent => format!("no {name}"),
        FieldRule::Equals(value) => format!("{name}: {value}"),
        FieldRule::OneOf(values) => format!("{name}: {}", values.join(" or ")),
        FieldRule::MediaType(media_type) => format!("{name}: the media type {media_type}"),
        FieldRule::ListHas(members) => format!("{name}: a list with {}", members.join(" and ")),
        FieldRule::HttpDate => format!("{name}: an IMF-fixdate"),
        FieldRule::CurrentDate => format!("{name}: an IMF-fixdate that is now"),
        FieldRule::AbsentOr(value) => format!("no {name}, or {name}: {value}"),
        FieldRule::EntityTag(EntityTagRule::Strong) => format!("{name}: a strong entity tag"),
        FieldRule::EntityTag(EntityTagRule::Any) => format!("{name}: an entity tag"),
    }
}

/// The content's rule; `None` when anything will do.
pub(crate) fn describe_body(rule: &BodyRule) -> Option<String> {
    Some(match rule {
        BodyRule::Any => return None,
        BodyRule::Empty => "no content".into(),
        BodyRule::Text(text) => format!("content `{}`", brief(text)),
        BodyRule::Json(value) => format!("content equal to the JSON {}", brief(&value.to_string())),
        BodyRule::EchoJson => "content equal to the JSON that was sent".into(),
        BodyRule::UploadReceipt => "count and CRC-32 of the content that was sent".into(),
        BodyRule::File(name) => format!("the bytes of {name}"),
        BodyRule::FileRange(range) => {
            format!("bytes {} to {} of {}", range.first, range.last, range.file)
        }
        BodyRule::World => "one row of the world table as JSON".into(),
        BodyRule::Worlds(count) => format!("an array of {count} rows of the world table"),
        BodyRule::Fortunes => "the fortunes page, sorted and escaped".into(),
    })
}

fn brief(text: &str) -> String {
    httpdyno_wire::escape_bounded(text.as_bytes(), 120)
}
