//! What HTTP asks of a server about a request's head and the engine leaves out.

use entry_shared::host;
use may_minihttp::Request;

use crate::reply::Status;

/// What the head says about the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// `Content-Length` in bytes, 0 without one.
    pub(crate) content_length: usize,
    /// The client waits for 100 before it sends the body, which the engine can not
    /// send.
    pub(crate) expects_continue: bool,
    /// The connection ends after the answer.
    pub(crate) close: bool,
}

/// A head that can not be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: Status,
    pub(crate) reason: &'static str,
}

const fn bad_request(reason: &'static str) -> Refusal {
    Refusal { status: Status::BadRequest, reason }
}

/// The longest target, and the longest value of a field, in bytes. The engine's
/// only limit is 16 fields.
const LIMIT: usize = 64 * 1024;

/// Reads a request's head in one pass over its fields.
pub(crate) fn read(request: &Request<'_, '_, '_>) -> Result<Head, Refusal> {
    if request.path().len() > LIMIT {
        return Err(Refusal { status: Status::UriTooLong, reason: "target is too long" });
    }
    let fields = request.headers().iter().map(|field| (field.name, field.value));
    inspect(request.version() == 1, fields)
}

fn inspect<'f>(
    is_http_11: bool,
    fields: impl Iterator<Item = (&'f str, &'f [u8])>,
) -> Result<Head, Refusal> {
    // Connections of HTTP/1.0 are not kept: it may be asked for, not demanded.
    let mut head = Head { close: !is_http_11, ..Head::default() };
    let (mut has_host, mut length) = (false, None);
    for (name, value) in fields {
        if value.len() > LIMIT {
            let (status, reason) = (Status::FieldsTooLarge, "field is too long");
            return Err(Refusal { status, reason });
        }
        if name.eq_ignore_ascii_case("host") {
            if std::mem::replace(&mut has_host, true) {
                return Err(bad_request("several host fields"));
            }
            if !host::is_valid(value) {
                return Err(bad_request("invalid host field"));
            }
        } else if name.eq_ignore_ascii_case("content-length") {
            let read = digits(value).ok_or(bad_request("invalid content-length"))?;
            if length.is_some_and(|length| length != read) {
                return Err(bad_request("differing content-length fields"));
            }
            length = Some(read);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(transfer_coding(is_http_11, value));
        } else if name.eq_ignore_ascii_case("connection") {
            head.close |= value.split(|byte| *byte == b',').any(is_close);
        } else if name.eq_ignore_ascii_case("expect") {
            head.expects_continue = value.eq_ignore_ascii_case(b"100-continue");
        }
    }
    if is_http_11 && !has_host {
        return Err(bad_request("no host field"));
    }
    head.content_length = length.unwrap_or(0);
    Ok(head)
}

/// The engine reads bodies by their length only; RFC 9112 section 6.3 lets a
/// server ask for one.
fn transfer_coding(is_http_11: bool, value: &[u8]) -> Refusal {
    if !is_http_11 {
        return bad_request("transfer-encoding in HTTP/1.0");
    }
    if value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
        return Refusal { status: Status::LengthRequired, reason: "length required" };
    }
    Refusal { status: Status::NotImplemented, reason: "unknown transfer coding" }
}

fn is_close(token: &[u8]) -> bool {
    token.trim_ascii().eq_ignore_ascii_case(b"close")
}

fn digits(value: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(value).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(is_http_11: bool, fields: &[(&str, &str)]) -> Result<Head, Refusal> {
        inspect(is_http_11, fields.iter().map(|(name, value)| (*name, value.as_bytes())))
    }

    fn status(fields: &[(&str, &str)]) -> Option<Status> {
        let all = [&[("Host", "h")], fields].concat();
        inspected(true, &all).err().map(|refusal| refusal.status)
    }

    #[test]
    fn one_valid_host_is_asked_for() {
        assert_eq!(inspected(true, &[("HOST", "h:80")]), Ok(Head::default()));
        assert_eq!(inspected(true, &[]).unwrap_err().reason, "no host field");
        assert_eq!(inspected(false, &[]), Ok(Head { close: true, ..Head::default() }));
        assert_eq!(status(&[("host", "h")]), Some(Status::BadRequest));
        assert_eq!(inspected(true, &[("Host", "a b")]).unwrap_err().reason, "invalid host field");
    }

    #[test]
    fn lengths_are_digits_and_agree() {
        let length = |value: &str| {
            let fields = [("Host", "h"), ("Content-Length", value)];
            inspected(true, &fields).map(|head| head.content_length).ok()
        };
        assert_eq!(length("12"), Some(12));
        for bad in ["", "+1", "-1", "1x", "0x1", "1, 1", "99999999999999999999999"] {
            assert_eq!(length(bad), None, "{bad:?}");
        }
        let twice = |one, two| status(&[("Content-Length", one), ("content-length", two)]);
        assert_eq!((twice("5", "5"), twice("5", "6")), (None, Some(Status::BadRequest)));
    }

    #[test]
    fn fields_have_an_end() {
        let longest = "a".repeat(LIMIT);
        assert_eq!(status(&[("X", &longest)]), None);
        assert_eq!(status(&[("X", &(longest + "a"))]), Some(Status::FieldsTooLarge));
    }

    #[test]
    fn transfer_codings_are_refused_by_what_they_are() {
        let coding = |value| status(&[("Transfer-Encoding", value)]);
        assert_eq!(coding("Chunked"), Some(Status::LengthRequired));
        assert_eq!(coding("gzip"), Some(Status::NotImplemented));
        let old = inspected(false, &[("Transfer-Encoding", "chunked")]);
        assert_eq!(old.unwrap_err().status, Status::BadRequest);
    }

    #[test]
    fn close_is_found_in_a_list_in_any_case() {
        let close = |value| {
            let fields = [("Host", "h"), ("Connection", value)];
            inspected(true, &fields).unwrap().close
        };
        assert!(close("close") && close("x, CLOSE") && close(" Close ,keep-alive"));
        assert!(!close("keep-alive") && !close("closed") && !close(""));
    }
}
