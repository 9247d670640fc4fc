//! The requests in the bytes of a case, as far as their framing is sound: what stands in content,
//! or behind a request that cannot be framed, is none that a server may read.

use std::ops::Range;

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// Where it begins.
    pub(super) start: usize,
    pub(super) method: Vec<u8>,
    /// Where the path of an endpoint stands that any page can stand in for.
    pub(super) ours: Option<Range<usize>>,
    /// It asks for a path that no server has.
    pub(super) elsewhere: bool,
    /// Content follows it whose framing is one that a server may follow.
    pub(super) has_content: bool,
    /// That content does not come to its end: it is broken or cut off.
    pub(super) is_broken: bool,
    /// It has an `Expect` field.
    pub(super) expects: bool,
}

/// Paths whose answers are those of a page, whatever the content of the request.
const OURS: [&[u8]; 4] = [b"/plaintext", b"/json", b"/upload", b"/echo"];
/// The same, with a number behind.
const USERS: &[u8] = b"/users/";
const NOWHERE: &[u8] = b"/nowhere";

/// The requests in `bytes`, until one whose framing is not sound; that one is the last.
pub(super) fn requests(bytes: &[u8]) -> Vec<Request> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = beginning(bytes, at) {
        let (request, next) = request(bytes, start);
        found.push(request);
        match next {
            Some(next) if next > start => at = next,
            _ => break,
        }
    }
    found
}

/// Empty lines before a request are skipped (RFC 9112 section 2.2).
fn beginning(bytes: &[u8], mut at: usize) -> Option<usize> {
    while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
        at += 1;
    }
    (at < bytes.len()).then_some(at)
}

/// The request at `start`, and where the next one begins, if that can be known.
fn request(bytes: &[u8], start: usize) -> (Request, Option<usize>) {
    let rest = &bytes[start..];
    let line_end = find(rest, b"\n").unwrap_or(rest.len());
    let line = &rest[..line_end];
    let method = line.split(|byte| *byte == b' ').next().unwrap_or_default().to_vec();
    let elsewhere = find(line, NOWHERE).is_some();
    let ours = ours(line).map(|range| range.start + start..range.end + start);
    let mut request = Request { start, method, ours, elsewhere, ..Request::default() };
    let Some(head) = find(rest, b"\r\n\r\n").map(|end| end + 4) else {
        return (request, None);
    };
    let text = String::from_utf8_lossy(&rest[line_end..head]).to_ascii_lowercase();
    let values = |name: &str| -> Vec<String> {
        // A folded line belongs to the field before it, whatever it looks like.
        let lines = text.lines().filter(|line| !line.starts_with([' ', '\t']));
        let lines = lines.filter_map(|line| line.split_once(':'));
        let of = lines.filter(|(field, _)| field.trim() == name);
        of.map(|(_, value)| value.trim_matches([' ', '\t']).to_owned()).collect()
    };
    let (lengths, codings) = (values("content-length"), values("transfer-encoding"));
    request.expects = !values("expect").is_empty();
    let begin = start + head;
    let spoilt = text.contains("encoding :");
    let next = match (lengths.as_slice(), codings.as_slice()) {
        _ if spoilt => None,
        ([], []) => Some(begin),
        ([length], []) if is_number(length) => {
            let length = length.parse::<usize>().unwrap_or(usize::MAX);
            request.has_content = length > 0;
            Some(begin.saturating_add(length)).filter(|next| *next <= bytes.len())
        }
        ([], [coding]) if coding == "chunked" => {
            request.has_content = true;
            let after = after_chunks(bytes, begin);
            request.is_broken = after.is_some_and(|(_, frames)| frames);
            after.map(|(next, _)| next)
        }
        _ => None,
    };
    request.is_broken |= request.has_content && next.is_none();
    (request, next)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Behind the last chunk and its trailers, and whether there is one among these that a server may
/// take for an error; `None` where some of it is not as it must be.
fn after_chunks(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    loop {
        let end = at + find(bytes.get(at..)?, b"\r\n")?;
        let size = chunk_size(&bytes[at..end])?;
        at = end + 2;
        if size == 0 {
            break;
        }
        at = at.checked_add(size)?;
        if bytes.get(at..at + 2)? != b"\r\n" {
            return None;
        }
        at += 2;
    }
    let mut frames = false;
    loop {
        let end = at + find(bytes.get(at..)?, b"\r\n")?;
        let line = &bytes[at..end];
        at = end + 2;
        if line.is_empty() {
            return Some((at, frames));
        }
        let name = trailer_name(line)?;
        frames |= NO_TRAILERS.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
    }
}

/// The size in a chunk-size line, with or without extensions (RFC 9112 section 7.1).
fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(digits);
    let extensions = rest.trim_ascii_start();
    let is_right = rest.is_empty() || extensions.starts_with(b";");
    if !is_right || rest.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        return None;
    }
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Fields about framing, routing and connections are none that a trailer may be (RFC 9110 section
/// 6.5.1).
const NO_TRAILERS: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

/// The name in a trailer line; `None` where that is no field line.
fn trailer_name(line: &[u8]) -> Option<&[u8]> {
    let name = line.split(|&byte| byte == b':').next()?;
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_name = !name.is_empty() && name.len() < line.len() && name.iter().all(is_token);
    let has_control = line.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t');
    (is_name && !has_control).then_some(name)
}

/// The path in a request line that a page can stand in for, where nothing follows that belongs to
/// it.
fn ours(line: &[u8]) -> Option<Range<usize>> {
    for path in OURS {
        if let Some(at) = find(line, path) {
            return Some(at..at + path.len());
        }
    }
    let at = find(line, USERS)?;
    let digits = line[at + USERS.len()..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| at..at + USERS.len() + digits)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
