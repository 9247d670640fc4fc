//! Field lines and what is looked up in them (RFC 9110 section 5, RFC 9112 section 5).

use crate::fault::{Fault, bad};
use crate::framing_quirk::FramingQuirk;
use crate::quirk::Quirks;
use crate::wire_quirk::WireQuirk;

/// The names of framing fields as a gateway to environment variables may write them.
pub(crate) const FRAMING_WITH_UNDERSCORE: [&str; 2] = ["content_length", "transfer_encoding"];

/// The field lines of one section in the order received, names in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    lines: Vec<(String, Vec<u8>)>,
    only_first: bool,
    only_spaces: bool,
    ends_at_empty: bool,
}

impl Fields {
    pub(crate) fn new(quirks: &Quirks) -> Self {
        Self {
            lines: Vec::new(),
            only_first: quirks.has(WireQuirk::FirstOfRepeatedFields),
            only_spaces: quirks.has(WireQuirk::OnlySpacesInLists),
            ends_at_empty: quirks.has(WireQuirk::EmptyMemberEndsList),
        }
    }

    pub(crate) fn push(&mut self, name: String, value: Vec<u8>) {
        self.lines.push((name, value));
    }

    /// Puts a folded line behind the value of the line before it (RFC 9112 section 5.2).
    pub(crate) fn join_to_last(&mut self, folded: &[u8]) {
        if let Some((_, value)) = self.lines.last_mut() {
            value.push(b' ');
            value.extend_from_slice(folded.trim_ascii());
        }
    }

    /// Drops the last line.
    pub(crate) fn pop(&mut self) {
        self.lines.pop();
    }

    /// Only the lines of these names.
    pub(crate) fn only(mut self, names: &[&str]) -> Self {
        self.lines.retain(|line| names.contains(&line.0.as_str()));
        self
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.lines.retain(|line| line.0 != name);
    }

    /// Puts this line in the place of all lines of that name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.push(name.to_owned(), value.as_bytes().to_vec());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
    }

    /// The values of all lines of that name, in order (RFC 9110 section 5.3).
    pub(crate) fn all(&self, name: &str) -> Vec<&[u8]> {
        let matching = self.lines.iter().filter(|line| line.0 == name);
        let limit = if self.only_first { 1 } else { usize::MAX };
        matching.map(|line| &line.1[..]).take(limit).collect()
    }

    /// The combined value as text, lines joined by commas; absent when there is no such line.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let lines = self.all(name);
        let texts = lines.iter().map(|line| String::from_utf8_lossy(line));
        (!lines.is_empty()).then(|| texts.collect::<Vec<_>>().join(", "))
    }

    /// The members of a list field as written, without empty ones (RFC 9110 section 5.6.1).
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let value = self.value(name).unwrap_or_default();
        let blank: &[char] = if self.only_spaces { &[' '] } else { &[' ', '\t'] };
        let members = value.split(',').map(|member| member.trim_matches(blank).to_owned());
        members
            .take_while(|member| !self.ends_at_empty || !member.is_empty())
            .filter(|member| !member.is_empty())
            .collect()
    }

    /// Whether a list field has a member, in any letter case.
    pub(crate) fn has_member(&self, name: &str, member: &str) -> bool {
        let list = self.list(name);
        list.iter().any(|one| one.eq_ignore_ascii_case(member))
    }
}

/// Whether all of `bytes` are characters of a token (RFC 9110 section 5.6.2), and there is one.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    !bytes.is_empty() && bytes.iter().all(allowed)
}

/// Reads one field line; `None` when the line counts for nothing.
pub(crate) fn parse_line(line: &[u8], quirks: &Quirks) -> Result<Option<(String, Vec<u8>)>, Fault> {
    let lenient = quirks.has(WireQuirk::LenientFieldLines);
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        let fault = bad("a field line needs a colon");
        return if lenient { Ok(None) } else { Err(fault) };
    };
    let (mut name, mut value) = (&line[..colon], &line[colon + 1..]);
    if quirks.has(WireQuirk::AcceptsSpaceBeforeColon) {
        name = name.trim_ascii_end();
    }
    if name.ends_with(b" ") || name.ends_with(b"\t") {
        return Err(bad("no white space may stand before the colon"));
    }
    let usual = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    if quirks.has(WireQuirk::NarrowFieldNames) && !name.iter().all(usual) {
        return Err(bad("this server wants letters, digits and hyphens"));
    }
    if !is_token(name) {
        let fault = bad("a field name must be a token");
        return if lenient { Ok(None) } else { Err(fault) };
    }
    if quirks.has(WireQuirk::NeedsSpaceAfterColon) && !value.starts_with(b" ") {
        return Err(bad("this server wants a space after the colon"));
    }
    value = trim_value(value, quirks);
    if quirks.has(WireQuirk::TruncatesAtNul) {
        value = value.split(|&b| b == 0).next().unwrap_or_default();
    }
    if value.contains(&0) && quirks.has(FramingQuirk::LosesFieldsWithNul) {
        return Ok(None);
    }
    let mut value = value.to_vec();
    if quirks.has(FramingQuirk::DropsNul) {
        value.retain(|&byte| byte != 0);
    }
    check_value(&value, quirks)?;
    if quirks.has(FramingQuirk::DropsObsText) {
        value.retain(u8::is_ascii);
    }
    Ok(Some((lookup_name(name, quirks), value)))
}

/// Optional white space around the value is no part of it (RFC 9110 section 5.5).
fn trim_value<'a>(value: &'a [u8], quirks: &Quirks) -> &'a [u8] {
    if quirks.has(WireQuirk::KeepsTabsAroundValues) {
        let value = value.strip_prefix(b" ").unwrap_or(value);
        return value.strip_suffix(b" ").unwrap_or(value);
    }
    let every_control = quirks.has(WireQuirk::TrimsControlCharacters);
    let no_break_space = quirks.has(FramingQuirk::TrimsNoBreakSpace);
    let next_line = quirks.has(FramingQuirk::TrimsNextLine);
    let blank = |b: &u8| {
        b" \t".contains(b)
            || (every_control && *b < b' ')
            || (no_break_space && *b == 0xa0)
            || (next_line && *b == 0x85)
    };
    let first = value.iter().position(|b| !blank(b)).unwrap_or(value.len());
    let last = value.iter().rposition(|b| !blank(b)).map_or(first, |at| at + 1);
    &value[first..last]
}

fn check_value(value: &[u8], quirks: &Quirks) -> Result<(), Fault> {
    if value.iter().any(|&b| (b < b' ' && b != b'\t') || b == 0x7f) {
        return Err(bad("a field value must not hold control characters"));
    }
    if quirks.has(WireQuirk::RejectsObsText) && !value.is_ascii() {
        return Err(bad("this server wants ASCII"));
    }
    if quirks.has(WireQuirk::RejectsEmptyValue) && value.is_empty() {
        return Err(bad("this server wants a value"));
    }
    Ok(())
}

/// Names are compared without regard to case (RFC 9110 section 5.1).
fn lookup_name(name: &[u8], quirks: &Quirks) -> String {
    let name = String::from_utf8_lossy(name).into_owned();
    let lower = name.to_ascii_lowercase();
    let hyphens = quirks.has(FramingQuirk::UnderscoreIsHyphen);
    if hyphens && FRAMING_WITH_UNDERSCORE.contains(&lower.as_str()) {
        return lower.replace('_', "-");
    }
    let usual = |word: &str| {
        let rest = word.get(1..).unwrap_or_default();
        !rest.bytes().any(|b| b.is_ascii_uppercase())
    };
    let unusual = !name.split('-').all(usual);
    if quirks.has(WireQuirk::KnowsOnlyUsualCase) && unusual {
        return name;
    }
    lower
}
