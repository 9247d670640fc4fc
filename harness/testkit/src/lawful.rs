//! Servers that do what HTTP/1.1 allows and hardly anybody expects.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::fields::Fields;
use crate::framing::Framing;
use crate::head::Head;
use crate::input::Input;
use crate::quirk::{Quirks, quirks};
use crate::request_line::Version;

/// How long [`Lawful::LingersLong`] does.
const LINGER: Duration = Duration::from_secs(5);
/// What [`Lawful::EarlyHints`] sends.
pub(crate) const EARLY_HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
/// The first line of the preface of HTTP/2 (RFC 9113 section 3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// An empty SETTINGS frame.
pub(crate) const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

quirks! {
    /// One thing that a server may do. None of them breaks a case at the level MUST.
    Lawful;

    // Ends of connections (RFC 9112 section 9).

    /// Announces the end of the connection in every response, and ends it.
    ClosesEveryTime => [];
    /// Ends the connection, as announced, after two responses.
    TwoRequestsEach => [];
    /// Ends the connection, as announced, after a hundred responses.
    HundredRequestsEach => [];
    /// Goes on reading for five seconds after an announced close before it sends its FIN.
    LingersLong => [];
    /// Announces the end after every error.
    ClosesAfterErrors => [];
    /// Keeps the connection after a request whose Host is missing or not valid.
    StaysAfterBadHost => [];
    /// Answers in HTTP/1.0, with the end of the connection as that of the content.
    AnswersInHttp10 => [];
    /// Refuses HTTP/1.0 with 426.
    RefusesHttp10 => [];
    /// Resets the connection within the content of an answer 413, 414 or 431.
    ResetsInRefusal => [];

    // Requests (RFC 9112 sections 2 to 7).

    /// Takes LF alone for the end of a line of the head.
    TakesBareLf => [];
    /// Takes a CR alone in a line of the head for a space.
    TakesBareCrForSpace => [];
    /// Joins a folded line to the line before it.
    JoinsFolds => [];
    /// Skips lines that start with white space before the first field.
    SkipsSpacedFirst => [];
    /// Waits for the content of whatever length it was promised.
    WaitsForHugeContent => [];
    /// Answers 502 to content that can not be decoded and 503 to content that is cut off.
    GatewayErrors => [];
    /// Closes without an answer when content can not be decoded or is cut off.
    ClosesOnBrokenContent => [];
    /// Answers where it needs no content before it reads that, and 400 behind it if that is broken.
    AnswersBeforeContent => [];
    /// Leaves content that it has no use for unread, and ends the connection.
    EndsWithUnreadContent => [];
    /// Answers 411 to chunked content.
    WantsLength => [];
    /// Answers 400 to a GET with content.
    RefusesContentOfGet => [];
    /// Answers 400 to an encoded line end in the target.
    RefusesEncodedLineEnds => [];
    /// Answers 421 to a Host that is not its own.
    KnowsItsHost => [];

    // Methods, expectations, upgrades and responses (RFC 9110).

    /// Answers 501 where a method is not allowed.
    NotImplemented => [];
    /// Answers 400 to a method that it does not know or allow.
    BadMethod => [];
    /// Sends the request back to TRACE.
    Traces => [];
    /// Closes without an answer on CONNECT.
    ClosesOnConnect => [];
    /// Sends 100 (Continue) three times.
    SeveralContinues => [];
    /// Answers 417 to any expectation.
    RefusesExpectations => [];
    /// Sends 103 (Early Hints) before each response.
    EarlyHints => [];
    /// Answers 426 to any Upgrade.
    RefusesUpgrades => [];
    /// Answers the preface of HTTP/2 with SETTINGS.
    SpeaksHttp2 => [];
    /// Sends all content in the chunked coding.
    ChunksEverything => [];
    /// Sends each response in two segments, of which the first is one byte.
    SendsInTwo => [];
    /// Sends files as they are, whatever codings the client takes.
    NeverCodes => [];
    /// Takes any version for HTTP/1.1.
    TakesAnyMajorVersion => [];
    /// Has a page at `/`.
    HasRootPage => [];
}

/// Refuses, with the end of the connection, what a server may refuse.
pub(crate) fn refuse(
    head: &Head,
    framing: Framing,
    stream: &TcpStream,
    quirks: &Quirks,
) -> Result<(), Fault> {
    let has = |name: &str| head.fields.value(name).is_some();
    let text = format!("{}?{}", head.target.path, head.target.query.as_deref().unwrap_or(""));
    let text = text.to_ascii_lowercase();
    let rows = [
        (Lawful::RefusesHttp10, head.version == Version::Http10, 426),
        (Lawful::WantsLength, framing == Framing::Chunked, 411),
        (Lawful::RefusesContentOfGet, head.method == "GET" && framing != Framing::Length(0), 400),
        (Lawful::RefusesEncodedLineEnds, text.contains("%0d") || text.contains("%0a"), 400),
        (Lawful::KnowsItsHost, !is_own_host(head, stream), 421),
        (Lawful::RefusesExpectations, has("expect") && head.version == Version::Http11, 417),
        (Lawful::RefusesUpgrades, has("upgrade") && head.version == Version::Http11, 426),
    ];
    if head.method == "CONNECT" && quirks.has(Lawful::ClosesOnConnect) {
        return Err(Fault::Silent);
    }
    match rows.into_iter().find(|&(oddity, applies, _)| applies && quirks.has(oddity)) {
        Some((_, _, status)) => Err(Fault::Status(status, "this server would rather not")),
        None => Ok(()),
    }
}

fn is_own_host(head: &Head, stream: &TcpStream) -> bool {
    let own = stream.local_addr().map(|address| address.to_string()).unwrap_or_default();
    let asked = head.target.authority.clone().or_else(|| head.fields.value("host"));
    asked.is_none_or(|asked| asked == own)
}

/// Whether a request whose Host is wrong leaves the connection usable: it has no content.
pub(crate) fn stays_after(fields: &Fields, quirks: &Quirks) -> bool {
    let has = |name: &str| fields.value(name).is_some();
    let content = has("content-length") || has("transfer-encoding");
    !content && quirks.has(Lawful::StaysAfterBadHost)
}

/// What comes of content that can not be read.
pub(crate) fn broken_content(fault: Fault, quirks: &Quirks) -> Fault {
    let broken = matches!(fault, Fault::Status(400, _) | Fault::Incomplete);
    match fault {
        _ if broken && quirks.has(Lawful::ClosesOnBrokenContent) => Fault::Silent,
        Fault::Incomplete if quirks.has(Lawful::GatewayErrors) => {
            Fault::Status(503, "the other side is not there")
        }
        Fault::Status(400, _) if quirks.has(Lawful::GatewayErrors) => {
            Fault::Status(502, "the other side does not understand")
        }
        other => other,
    }
}

/// Whether the connection ends, as announced, with this response.
pub(crate) fn ends_after(responses: usize, status: u16, quirks: &Quirks) -> bool {
    let limits = [(Lawful::TwoRequestsEach, 2), (Lawful::HundredRequestsEach, 100)];
    limits.iter().any(|&(limit, most)| quirks.has(limit) && responses >= most)
        || quirks.has(Lawful::ClosesEveryTime)
        || quirks.has(Lawful::AnswersInHttp10)
        || (status >= 400 && quirks.has(Lawful::ClosesAfterErrors))
}

/// Reads on for a long time, or until the client has gone.
pub(crate) fn linger(input: &mut Input) {
    let until = Instant::now() + LINGER;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|t| !t.is_zero()) {
        let _ = input.stream().set_read_timeout(Some(left));
        if !matches!(input.fill(), Ok(1..)) {
            return;
        }
        input.take(input.buffered().len());
    }
}
