//! The head of a request: request line and fields (RFC 9112 sections 2 to 5).

use crate::connection_quirk::ConnectionQuirk;
use crate::conversation_quirk::ConversationQuirk;
use crate::fault::{Fault, bad};
use crate::fields::{self, FRAMING_WITH_UNDERSCORE, Fields};
use crate::framing_quirk::FramingQuirk;
use crate::input::{Input, Lenient, Line};
use crate::lawful::{self, Lawful};
use crate::quirk::Quirks;
use crate::request_line::{self, Version};
use crate::target::{self, Target, is_authority};
use crate::wire_quirk::WireQuirk;

/// A longer request line is answered 414; the RFC recommends at least 8,000.
const LINE_LIMIT: usize = 16 * 1024;
/// More bytes in all fields are answered 431.
const FIELDS_LIMIT: usize = 64 * 1024;

/// A path at which there is nothing.
pub(crate) const NOWHERE: &str = "/nowhere";

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
        let mut options = self.fields.list("connection");
        if quirks.has(ConversationQuirk::FirstOptionDecides) {
            options.truncate(1);
        }
        if quirks.has(ConversationQuirk::LastOptionDecides) {
            options.drain(..options.len().saturating_sub(1));
        }
        let kept = self.fields.has_member("connection", "keep-alive");
        if kept && quirks.has(ConversationQuirk::KeepAliveBeatsClose) {
            return false;
        }
        let close = options.iter().any(|option| {
            if quirks.has(ConversationQuirk::FindsCloseAnywhere) {
                option.to_ascii_lowercase().contains("close")
            } else if quirks.has(ConnectionQuirk::CloseInLowerCaseOnly) {
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

/// Reads a head; `None` when the client closed before it. So many requests of its connection were
/// `answered` before.
pub(crate) fn read(
    input: &mut Input,
    answered: usize,
    quirks: &Quirks,
) -> Result<Option<Head>, Fault> {
    input.be_lenient(Lenient {
        lf: quirks.has(Lawful::TakesBareLf),
        cr: quirks.has(FramingQuirk::LineEndsAtCr),
        ..Lenient::default()
    });
    let mut complete = false;
    let read = read_strictly(input, answered, quirks, &mut complete);
    input.be_lenient(Lenient::default());
    if read.is_err() && quirks.has(ConversationQuirk::GoesOnAfterBadHead) {
        if !complete {
            skip_head(input)?;
        }
        return read.map_err(|fault| fault.passing_if(true));
    }
    read
}

/// A quirk: goes to the end of a head in which there was an error. What was read of it is gone.
fn skip_head(input: &mut Input) -> Result<(), Fault> {
    loop {
        let end = input.buffered().windows(4).position(|four| four == b"\r\n\r\n");
        // The error may have stood in the last line.
        let at_end = input.buffered().starts_with(b"\r\n");
        match end {
            _ if at_end => {
                input.take(2);
                return Ok(());
            }
            Some(end) => {
                input.take(end + 4);
                return Ok(());
            }
            None if input.fill()? == 0 => return Ok(()),
            None => {}
        }
    }
}

fn read_strictly(
    input: &mut Input,
    answered: usize,
    quirks: &Quirks,
    complete: &mut bool,
) -> Result<Option<Head>, Fault> {
    let Some(line) = first_line(input, quirks)? else {
        return Ok(None);
    };
    let line = request_line::parse(&line, quirks)
        .map_err(|fault| fault.passing_if(quirks.has(WireQuirk::GoesOnAfterBadLine)))?;
    let fields = read_fields(input, quirks)?;
    *complete = true;
    let missing = fields.all("host").is_empty();
    let absolute = missing && line.target.starts_with(b"http");
    let content = missing && line.method == "POST";
    let lost = missing && line.target == NOWHERE.as_bytes();
    let skipped = (answered > 0 && quirks.has(ConversationQuirk::ChecksHostOnce))
        || (answered > 1 && quirks.has(ConversationQuirk::ChecksHostTwice))
        || (content && quirks.has(ConversationQuirk::ContentNeedsNoHost))
        || (lost && quirks.has(ConversationQuirk::UnknownPathNeedsNoHost))
        || (absolute && quirks.has(WireQuirk::AbsoluteFormIsHostEnough));
    if !skipped {
        check_host(line.version, &fields, quirks)
            .map_err(|fault| fault.passing_if(lawful::stays_after(&fields, quirks)))?;
    }
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

/// Reads the fields behind the last chunk.
pub(crate) fn read_trailers(input: &mut Input, quirks: &Quirks) -> Result<Fields, Fault> {
    if !quirks.has(FramingQuirk::SkipsTrailers) {
        return read_fields(input, quirks);
    }
    loop {
        match input.line(FIELDS_LIMIT, quirks)? {
            Line::Is(line) if line.is_empty() => return Ok(Fields::new(quirks)),
            Line::Is(_) => {}
            Line::End => return Err(Fault::Incomplete),
            Line::TooLong => return Err(Fault::Status(431, "the fields are too large")),
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
            if !first && quirks.has(FramingQuirk::LosesFoldedFields) {
                read.pop();
                continue;
            }
            if !first && quirks.has(Lawful::JoinsFolds) {
                read.join_to_last(&line);
                continue;
            }
        }
        if let Some((name, value)) = fields::parse_line(unfolded(&line, first, quirks)?, quirks)? {
            add(&mut read, name, value, quirks);
        }
        first = false;
    }
}

fn add(read: &mut Fields, name: String, value: Vec<u8>, quirks: &Quirks) {
    let underscore = FRAMING_WITH_UNDERSCORE.contains(&name.as_str());
    if !underscore || !quirks.has(FramingQuirk::UnderscoreOverrides) {
        return read.push(name, value);
    }
    read.remove("content-length");
    read.remove("transfer-encoding");
    read.push(name.replace('_', "-"), value);
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
    let chunked = !fields.all("transfer-encoding").is_empty();
    let strict_in_10 = quirks.has(WireQuirk::RejectsHttp10WithoutHost);
    match fields.all("host")[..] {
        [] if version == Version::Http10 && !strict_in_10 => Ok(()),
        [] if quirks.has(WireQuirk::AcceptsMissingHost) => Ok(()),
        [] if chunked && quirks.has(FramingQuirk::ChunksNeedNoHost) => Ok(()),
        [] => {
            let passing = quirks.has(ConversationQuirk::GoesOnAfterMissingHost);
            Err(bad("Host is missing").passing_if(passing))
        }
        [_, _, ..] if !quirks.has(WireQuirk::AcceptsRepeatedHost) => {
            Err(bad("Host is there more than once"))
        }
        [host, ..] if quirks.has(WireQuirk::RejectsIpv6Host) && host.starts_with(b"[") => {
            Err(bad("this server wants a name"))
        }
        [b"", ..] if quirks.has(ConversationQuirk::HostMayBeEmpty) => Ok(()),
        [host, ..]
            if is_authority(part_of_host(host, quirks))
                || quirks.has(WireQuirk::AcceptsInvalidHost) =>
        {
            Ok(())
        }
        [..] => Err(bad("Host is not valid")),
    }
}

/// What quirks look at of a `Host`.
fn part_of_host<'a>(host: &'a [u8], quirks: &Quirks) -> &'a [u8] {
    let at = |wanted: u8| host.iter().position(|&byte| byte == wanted);
    let minus = host.windows(2).position(|two| two == b":-");
    if let Some(minus) = minus.filter(|_| quirks.has(ConversationQuirk::PortMayBeNegative)) {
        return &host[..minus];
    }
    if let Some(end) = at(b'\\').filter(|_| quirks.has(ConversationQuirk::HostEndsAtBackslash)) {
        return &host[..end];
    }
    let password = at(b':') < at(b'@') && quirks.has(ConversationQuirk::HostMayHavePassword);
    match (at(b'@'), at(b',')) {
        (Some(at), _) if password => &host[at + 1..],
        (Some(at), _) if quirks.has(ConversationQuirk::HostMayHaveUser) => &host[at + 1..],
        (_, Some(at)) if quirks.has(ConversationQuirk::HostMayBeList) => &host[..at],
        _ => host,
    }
}
