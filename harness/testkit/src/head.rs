//! The head of a request: request line and fields (RFC 9112 sections 2 to 5).

use crate::connection_quirk::ConnectionQuirk;
use crate::fault::{Fault, bad};
use crate::fields::{self, Fields};
use crate::input::{Input, Line};
use crate::lawful::{self, Lawful};
use crate::quirk::Quirks;
use crate::request_line::{self, Version};
use crate::target::{self, Target, is_authority};
use crate::wire_quirk::WireQuirk;

/// A longer request line is answered 414; the RFC recommends at least 8,000.
const LINE_LIMIT: usize = 16 * 1024;
/// More bytes in all fields are answered 431.
const FIELDS_LIMIT: usize = 64 * 1024;

/// A request without its content.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: Target,
    pub(crate) version: Version,
    pub(crate) fields: Fields,
}

impl Head {
    /// The method in the letter case that routing uses.
    pub(crate) fn known_method(&self, quirks: &Quirks) -> String {
        if quirks.has(ConnectionQuirk::CaseInsensitiveMethods) {
            return self.method.to_ascii_uppercase();
        }
        self.method.clone()
    }

    /// Whether the client asked for the end of the connection (RFC 9112 section 9.3).
    pub(crate) fn wants_close(&self, quirks: &Quirks) -> bool {
        let options = self.fields.list("connection");
        let close = options.iter().any(|option| {
            if quirks.has(ConnectionQuirk::CloseInLowerCaseOnly) {
                option == "close"
            } else {
                option.eq_ignore_ascii_case("close")
            }
        });
        let alone = options.len() == 1 || !quirks.has(ConnectionQuirk::CloseOnlyWhenAlone);
        let unknown = |option: &String| {
            let known = ["close", "upgrade"];
            !known.contains(&option.to_ascii_lowercase().as_str())
        };
        if quirks.has(ConnectionQuirk::UnknownOptionCloses) && options.iter().any(unknown) {
            return true;
        }
        match self.version {
            Version::Http11 if quirks.has(ConnectionQuirk::NeverCloses) => false,
            Version::Http11 => close && alone,
            Version::Http10 if quirks.has(ConnectionQuirk::KeepsHttp10Open) => close,
            Version::Http10 => close || !self.fields.has_member("connection", "keep-alive"),
        }
    }
}

/// Reads a head; `None` when the client closed before it.
pub(crate) fn read(input: &mut Input, quirks: &Quirks) -> Result<Option<Head>, Fault> {
    let Some(line) = first_line(input, quirks)? else {
        return Ok(None);
    };
    let line = request_line::parse(&line, quirks)
        .map_err(|fault| fault.passing_if(quirks.has(WireQuirk::GoesOnAfterBadLine)))?;
    let fields = read_fields(input, quirks)?;
    check_host(line.version, &fields, quirks)
        .map_err(|fault| fault.passing_if(quirks.has(Lawful::StaysAfterBadHost)))?;
    let target = target::parse(&line.method, &line.target, quirks)?;
    if quirks.has(WireQuirk::HostMustMatchTarget) {
        let host = fields.value("host");
        if target.authority.is_some() && target.authority != host {
            return Err(bad("this server wants Host to match the target"));
        }
    }
    Ok(Some(Head { method: line.method, target, version: line.version, fields }))
}

/// The request line, after any empty lines (RFC 9112 section 2.2).
fn first_line(input: &mut Input, quirks: &Quirks) -> Result<Option<Vec<u8>>, Fault> {
    let short = quirks.has(WireQuirk::ShortLineLimit);
    let limit = if short { 4096 } else { LINE_LIMIT };
    loop {
        match input.line(limit, quirks)? {
            Line::End => return Ok(None),
            Line::TooLong if quirks.has(WireQuirk::ClosesOnLargeHead) => return Err(Fault::Silent),
            Line::TooLong => return Err(Fault::Status(414, "the request line is too long")),
            Line::Is(line) if line.is_empty() && quirks.has(WireQuirk::RejectsEmptyLine) => {
                return Err(bad("this server wants a request line"));
            }
            Line::Is(line) if line.is_empty() => {}
            Line::Is(line) if line == lawful::PREFACE && quirks.has(Lawful::SpeaksHttp2) => {
                input.send(lawful::SETTINGS)?;
                return Err(Fault::Silent);
            }
            Line::Is(line) => return Ok(Some(line)),
        }
    }
}

/// Reads field lines up to the empty line that ends the section, of a head or of trailers.
pub(crate) fn read_fields(input: &mut Input, quirks: &Quirks) -> Result<Fields, Fault> {
    let mut read = Fields::new(quirks);
    let mut left = FIELDS_LIMIT;
    let mut first = true;
    loop {
        let line = match input.line(left, quirks)? {
            Line::Is(line) => line,
            Line::End => return Err(Fault::Incomplete),
            Line::TooLong if quirks.has(WireQuirk::ClosesOnLargeHead) => return Err(Fault::Silent),
            Line::TooLong => return Err(Fault::Status(431, "the fields are too large")),
        };
        if line.is_empty() {
            return Ok(read);
        }
        left = left.saturating_sub(line.len() + 2);
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if first && quirks.has(Lawful::SkipsSpacedFirst) {
                continue;
            }
            if !first && quirks.has(Lawful::JoinsFolds) {
                read.join_to_last(&line);
                continue;
            }
        }
        if let Some((name, value)) = fields::parse_line(unfolded(&line, first, quirks)?, quirks)? {
            read.push(name, value);
        }
        first = false;
    }
}

/// Refuses a line that starts with white space: before the first field it is invalid (RFC 9112
/// section 2.2), after it an obsolete line fold (section 5.2).
fn unfolded<'a>(line: &'a [u8], first: bool, quirks: &Quirks) -> Result<&'a [u8], Fault> {
    if !line.starts_with(b" ") && !line.starts_with(b"\t") {
        return Ok(line);
    }
    let (quirk, reason) = if first {
        (WireQuirk::TrimsFirstFieldLine, "white space before the first field")
    } else {
        (WireQuirk::SplitsFoldedLines, "a folded field line")
    };
    if quirks.has(quirk) {
        return Ok(line.trim_ascii_start());
    }
    Err(bad(reason))
}

/// The rules of RFC 9112 section 3.2 for `Host`.
fn check_host(version: Version, fields: &Fields, quirks: &Quirks) -> Result<(), Fault> {
    let strict_in_10 = quirks.has(WireQuirk::RejectsHttp10WithoutHost);
    match fields.all("host")[..] {
        [] if version == Version::Http10 && !strict_in_10 => Ok(()),
        [] if quirks.has(WireQuirk::AcceptsMissingHost) => Ok(()),
        [] => Err(bad("Host is missing")),
        [_, _, ..] if !quirks.has(WireQuirk::AcceptsRepeatedHost) => {
            Err(bad("Host is there more than once"))
        }
        [host, ..] if quirks.has(WireQuirk::RejectsIpv6Host) && host.starts_with(b"[") => {
            Err(bad("this server wants a name"))
        }
        [host, ..] if is_authority(host) || quirks.has(WireQuirk::AcceptsInvalidHost) => Ok(()),
        [..] => Err(bad("Host is not valid")),
    }
}
