//! From a file and a request's fields to the status, fields and bytes to send.

use std::borrow::Cow;
use std::ops::Range;

use super::catalogue::{Representation, StaticFile};
use super::coding;
use super::conditions::Conditions;
use super::field_line::FieldLine;
use super::range::{self, Asked};
use super::validators::{self, Verdict};

/// The methods that a static file answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaticMethod {
    /// `GET`.
    Get,
    /// `HEAD`: as `GET`, without a body; ranges do not apply (RFC 9110 section 14.2).
    Head,
}

/// The status of an answer about a static file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaticStatus {
    /// 200 OK
    Ok,
    /// 206 Partial Content
    PartialContent,
    /// 304 Not Modified
    NotModified,
    /// 412 Precondition Failed
    PreconditionFailed,
    /// 416 Range Not Satisfiable
    RangeNotSatisfiable,
}

impl StaticStatus {
    /// The status code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::PartialContent => 206,
            Self::NotModified => 304,
            Self::PreconditionFailed => 412,
            Self::RangeNotSatisfiable => 416,
        }
    }

    /// The reason phrase of RFC 9110 section 15.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::PartialContent => "Partial Content",
            Self::NotModified => "Not Modified",
            Self::PreconditionFailed => "Precondition Failed",
            Self::RangeNotSatisfiable => "Range Not Satisfiable",
        }
    }
}

/// What to answer. `Date`, `Server` and the framing are the entry's own.
#[derive(Debug, Clone)]
pub struct StaticDecision<'f> {
    /// The status.
    pub status: StaticStatus,
    /// The bytes to send; empty for `HEAD` and for answers without content.
    pub body: &'f [u8],
    /// `Content-Length` in bytes, for `HEAD` that of `GET`; `None` for 304, which
    /// has no content by definition and sends no length.
    pub content_length: Option<usize>,
    part: Option<Range<usize>>,
    file: &'f StaticFile,
    chosen: &'f Representation,
}

/// Decides over one request for `file`: preconditions in the order of RFC 9110
/// section 13.2.2, the content coding, one range.
#[must_use]
pub fn decide<'f>(
    file: &'f StaticFile,
    method: StaticMethod,
    conditions: &Conditions<'_>,
) -> StaticDecision<'f> {
    let chosen = coding::choose(file, conditions.accept_encoding.as_deref());
    let (status, part) = match validators::evaluate(file, chosen, conditions) {
        Verdict::Failed => (StaticStatus::PreconditionFailed, None),
        Verdict::NotModified => (StaticStatus::NotModified, None),
        Verdict::Proceed => partial(file, chosen, method, conditions),
    };
    let content = match (status, &part) {
        (StaticStatus::Ok, _) => &chosen.bytes[..],
        (StaticStatus::PartialContent, Some(part)) => &chosen.bytes[part.clone()],
        _ => &[],
    };
    StaticDecision {
        status,
        body: if method == StaticMethod::Head { &[] } else { content },
        content_length: (status != StaticStatus::NotModified).then_some(content.len()),
        part,
        file,
        chosen,
    }
}

fn partial(
    file: &StaticFile,
    chosen: &Representation,
    method: StaticMethod,
    conditions: &Conditions<'_>,
) -> (StaticStatus, Option<Range<usize>>) {
    let asked = match (&conditions.range, method) {
        (Some(range), StaticMethod::Get) => range::parse(range, chosen.bytes.len()),
        _ => Asked::Ignored,
    };
    if asked == Asked::Ignored
        || !validators::range_holds(file, chosen, conditions.if_range.as_deref())
    {
        return (StaticStatus::Ok, None);
    }
    match asked {
        Asked::Part(part) => (StaticStatus::PartialContent, Some(part)),
        _ => (StaticStatus::RangeNotSatisfiable, None),
    }
}

impl<'f> StaticDecision<'f> {
    /// The response fields that follow from the decision, as names in lower case
    /// and values. Only `Content-Range` is not borrowed from the file.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Cow<'f, str>)> + use<'f> {
        let range = self.content_range().map(|range| ("content-range", Cow::Owned(range)));
        let fixed = self.fixed_fields().into_iter().flatten();
        fixed.map(|field| (field.name(), Cow::Borrowed(field.value()))).chain(range)
    }

    /// The same fields as whole lines, without their ends.
    pub fn lines(&self) -> impl Iterator<Item = Cow<'f, str>> + use<'f> {
        let range = self.content_range().map(|range| format!("content-range: {range}"));
        let fixed = self.fixed_fields().into_iter().flatten();
        fixed.map(|field| Cow::Borrowed(field.line())).chain(range.map(Cow::Owned))
    }

    fn fixed_fields(&self) -> [Option<&'f FieldLine>; 6] {
        use StaticStatus::{NotModified, Ok, PartialContent};
        let content = matches!(self.status, Ok | PartialContent);
        let validators = content || self.status == NotModified;
        [
            content.then_some(&self.file.content_type),
            self.chosen.content_encoding.as_ref().filter(|_| content),
            validators.then_some(&self.chosen.etag),
            validators.then_some(&self.file.last_modified),
            (self.status != NotModified).then_some(&self.file.accept_ranges),
            self.file.vary.as_ref(),
        ]
    }

    fn content_range(&self) -> Option<String> {
        let length = self.chosen.bytes.len();
        match (self.status, &self.part) {
            (StaticStatus::RangeNotSatisfiable, _) => Some(format!("bytes */{length}")),
            (_, Some(part)) => Some(format!("bytes {}-{}/{length}", part.start, part.end - 1)),
            _ => None,
        }
    }
}
