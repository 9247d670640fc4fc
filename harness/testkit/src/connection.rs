//! One connection: requests in, responses out, and a proper end (RFC 9112 section 9).

use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;

use crate::body::Body;
use crate::connection_quirk::ConnectionQuirk;
use crate::conversation_quirk::ConversationQuirk;
use crate::database::Application;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::framing;
use crate::framing_quirk::FramingQuirk;
use crate::head::{self, Head};
use crate::host::Link;
use crate::input::Input;
use crate::lawful::{self, Lawful};
use crate::quirk::Quirks;
use crate::request_line::Version;
use crate::response::{self, Delivery, Response};
use crate::routes::{self, Context};
use crate::wire_quirk::WireQuirk;

/// How long the client may go on sending after the last response, each time.
const LINGER: Duration = Duration::from_secs(1);
/// And how much of it is read.
const LINGER_BYTES: usize = 64 << 20;
/// What the impatient quirks put up with. A write that has sent a part waits this long again.
const READER_IMPATIENCE: Duration = Duration::from_millis(700);
const WRITER_IMPATIENCE: Duration = Duration::from_millis(200);
/// How long quirks wait for a request after the end that they announced.
const LATE: Duration = Duration::from_millis(400);

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Open,
    Close,
    Reset,
}

/// Makes another of a response's bytes: of the response with this number, to a request with this first
/// line.
pub(crate) type Change = dyn Fn(usize, &str, Vec<u8>) -> Vec<u8> + Send + Sync;

/// What a server serves with.
#[derive(Clone, Copy)]
pub(crate) struct Serves<'a> {
    pub(crate) quirks: &'a Quirks,
    pub(crate) static_dir: &'a Path,
    pub(crate) database: Option<&'a Arc<Application>>,
    pub(crate) change: Option<&'a Change>,
}

impl<'a> Serves<'a> {
    /// Without a database, and nothing is changed.
    pub(crate) fn right(quirks: &'a Quirks, static_dir: &'a Path) -> Self {
        Self { quirks, static_dir, database: None, change: None }
    }
}

struct Connection<'a> {
    input: Input,
    quirks: &'a Quirks,
    serves: Serves<'a>,
    link: &'a Link,
    answered: usize,
    announced: bool,
    /// The request whose answer is due is a HEAD, also when it is refused.
    to_head: bool,
    kept_back: Option<Vec<u8>>,
    /// Fields that a quirk adds to the next head.
    carried: Fields,
}

/// Serves a connection to its end.
pub(crate) fn serve(stream: TcpStream, link: &Link, serves: Serves<'_>) {
    let quirks = serves.quirks;
    if quirks.has(ConnectionQuirk::ImpatientReader) {
        let _ = stream.set_read_timeout(Some(READER_IMPATIENCE));
    }
    if quirks.has(ConnectionQuirk::ImpatientWriter) {
        let _ = stream.set_write_timeout(Some(WRITER_IMPATIENCE));
    }
    let mut connection = Connection {
        input: Input::new(stream),
        quirks,
        serves,
        link,
        answered: 0,
        announced: false,
        to_head: false,
        kept_back: None,
        carried: Fields::default(),
    };
    let after = loop {
        match connection.exchange() {
            Ok(After::Open) => {}
            Ok(after) => break after,
            Err(fault) => match connection.refuse(fault) {
                After::Open => {}
                after => break after,
            },
        }
    };
    connection.finish(after);
}

/// A quirk: whether content that has not been read is to be the next request.
fn leaves_content(response: &Response, late: bool, quirks: &Quirks) -> bool {
    let by_status = match response.status {
        404 => quirks.has(ConversationQuirk::LeavesContentOfNotFound),
        405 => quirks.has(ConversationQuirk::LeavesContentOfNotAllowed),
        501 => quirks.has(ConversationQuirk::LeavesContentOfUnknownMethod),
        417 => quirks.has(ConversationQuirk::LeavesUnexpectedContent),
        _ => false,
    };
    let late_ones =
        [ConversationQuirk::TakesLateContentForRequest, ConversationQuirk::HangsOnLateContent];
    let by_time = late && late_ones.iter().any(|&quirk| quirks.has(quirk));
    by_status || by_time || quirks.has(WireQuirk::LeavesContentUnread)
}

impl Connection<'_> {
    /// Reads one request and answers it.
    fn exchange(&mut self) -> Result<After, Fault> {
        self.link.stage("reading a request");
        if self.quirks.has(WireQuirk::NeedsHeadInOneRead) {
            self.expect_whole_head()?;
        }
        self.to_head = false;
        let Some(mut head) = head::read(&mut self.input, self.answered, self.quirks)? else {
            if self.quirks.has(ConnectionQuirk::HangsOnHalfClose) {
                self.link.sleep(Duration::from_secs(60));
            }
            return Ok(After::Close);
        };
        self.to_head = head.known_method(self.quirks) == "HEAD";
        if self.quirks.has(Lawful::NeverCodes) {
            head.fields.remove("accept-encoding");
        }
        head.fields.append(std::mem::take(&mut self.carried));
        if self.switches_protocol(&head)? {
            return Ok(After::Open);
        }
        let goes_on = self.quirks.has(ConnectionQuirk::GoesOnAfterFramingError);
        let framing = framing::decide(&head, self.quirks);
        let framing = framing.map_err(|fault| fault.passing_if(goes_on))?;
        lawful::refuse(&head, framing, self.input.stream(), self.quirks)?;
        let waits = self.client_waits(&head)?;
        self.link.stage("answering");
        let context = Context {
            quirks: self.quirks,
            static_dir: self.serves.static_dir,
            database: self.serves.database,
            link: self.link,
        };
        let unexpected = self.refuses_expectation(&head);
        let mut body = Body::new(&mut self.input, framing, waits, self.quirks);
        let broken = |fault| lawful::broken_content(fault, self.quirks);
        let mut response = match unexpected {
            true => Response::text(417, "not what was expected"),
            false => routes::answer(&head, &mut body, &context).map_err(broken)?,
        };
        response.until_close |= self.quirks.has(Lawful::AnswersInHttp10);
        // Content that the client may or may not send now can not be told from a request.
        let mut close = body.is_awaited();
        let late = !close && body.is_late();
        let untouched = body.is_untouched();
        close |= untouched && self.quirks.has(Lawful::EndsWithUnreadContent);
        let reads_later = untouched && self.quirks.has(Lawful::AnswersBeforeContent);
        if !close && !reads_later && !leaves_content(&response, late, self.quirks) {
            while body.piece().map_err(broken)?.is_some() {}
        }
        let trailers = body.into_trailers();
        if self.quirks.has(FramingQuirk::TrailersFrameNextRequest) {
            self.carried = trailers.only(&["content-length", "transfer-encoding"]);
        } else if self.quirks.has(WireQuirk::MergesTrailers) {
            head.fields.append(trailers);
        }
        close |= head.wants_close(self.quirks) || response.until_close;
        let after = self.respond(&head, &response, close)?;
        if reads_later && after == After::Open {
            let mut unread = Body::new(&mut self.input, framing, false, self.quirks);
            while unread.piece().map_err(broken)?.is_some() {}
        }
        if late && self.quirks.has(ConversationQuirk::HangsOnLateContent) {
            self.link.sleep(Duration::from_secs(60));
        }
        Ok(after)
    }

    /// A quirk: takes no expectation that it does not know.
    fn refuses_expectation(&self, head: &Head) -> bool {
        let expectation = head.fields.value("expect").unwrap_or_default();
        let known = expectation.is_empty() || expectation.eq_ignore_ascii_case("100-continue");
        !known && self.quirks.has(ConversationQuirk::LeavesUnexpectedContent)
    }

    /// A quirk: whether more comes although the end has been announced.
    fn more_comes(&mut self) -> bool {
        if !self.input.buffered().is_empty() {
            return true;
        }
        let _ = self.input.stream().set_read_timeout(Some(LATE));
        let more = matches!(self.input.fill(), Ok(1..));
        let _ = self.input.stream().set_read_timeout(None);
        more
    }

    fn respond(&mut self, head: &Head, response: &Response, close: bool) -> Result<After, Fault> {
        self.link.stage("writing a response");
        let quirks = self.quirks;
        let close = close || lawful::ends_after(self.answered + 1, response.status, quirks);
        self.announced = close;
        let delivery = Delivery {
            to_head: head.known_method(quirks) == "HEAD",
            version: head.version,
            close,
            refusal: false,
        };
        let mut bytes = response::encode(response, delivery, quirks);
        if let Some(change) = self.serves.change {
            let line = format!("{} {} HTTP/1.1", head.method, head.target.path);
            bytes = change(self.answered, &line, bytes);
        }
        if head.version == Version::Http11 && quirks.has(Lawful::EarlyHints) {
            self.input.send(lawful::EARLY_HINTS)?;
        }
        if close && quirks.has(ConnectionQuirk::TruncatesOnClose) {
            bytes.truncate(bytes.len().min(1000));
        }
        let swaps = quirks.has(ConnectionQuirk::SwapsPipelined) && !close;
        if swaps && self.kept_back.is_none() && self.has_next_head() {
            self.kept_back = Some(bytes);
        } else {
            self.write(&bytes)?;
        }
        self.answered += 1;
        if quirks.has(ConnectionQuirk::AnswersFirstOfPipeline) {
            self.input.take(self.input.buffered().len());
        }
        let tired = quirks.has(ConnectionQuirk::ClosesAfterHundred) && self.answered == 100;
        let cross = quirks.has(ConnectionQuirk::ClosesAfterNotAllowed) && response.status == 405;
        let more =
            quirks.has(ConnectionQuirk::AnswersAfterClose) && !self.input.buffered().is_empty();
        let late = close && quirks.has(ConversationQuirk::AnswersLateRequests) && self.more_comes();
        Ok(match close {
            true if late => After::Open,
            true if more => After::Open,
            true if quirks.has(ConnectionQuirk::ResetsOnClose) => After::Reset,
            true => After::Close,
            false if tired || cross => After::Close,
            false => After::Open,
        })
    }

    /// Sends a response, and the one that a quirk has kept back behind it.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let first = usize::from(self.quirks.has(Lawful::SendsInTwo)).min(bytes.len());
        if first > 0 {
            self.input.send(&bytes[..first])?;
            self.link.sleep(Duration::from_millis(2));
        }
        self.input.send(&bytes[first..])?;
        if let Some(kept_back) = self.kept_back.take() {
            self.input.send(&kept_back)?;
        }
        Ok(())
    }

    /// Answers what is no request, and says what becomes of the connection.
    fn refuse(&mut self, fault: Fault) -> After {
        let (status, reason, close) = match fault {
            Fault::Status(413, _) if self.quirks.has(WireQuirk::ResetsOnLargeContent) => {
                return After::Reset;
            }
            Fault::Status(413, reason)
                if self.quirks.has(ConversationQuirk::LeavesLargeContent) =>
            {
                (413, reason, false)
            }
            Fault::Status(status, reason) => (status, reason, true),
            Fault::Passing(status, reason) => (status, reason, false),
            Fault::Incomplete => (400, "the request is not complete", true),
            Fault::Silent | Fault::Io => return After::Close,
        };
        let to_head = self.to_head;
        let delivery = Delivery { to_head, version: Version::Http11, close, refusal: true };
        let mut response = Response::text(status, reason);
        if status == 426 {
            response = response.with("Upgrade", "HTTP/1.1");
        }
        let mut bytes = response::encode(&response, delivery, self.quirks);
        self.announced = close;
        let tail_is_lost = matches!(status, 413 | 414 | 431);
        if tail_is_lost && self.quirks.has(Lawful::ResetsInRefusal) {
            bytes.truncate(bytes.len() - reason.len() / 2);
            let _ = self.write(&bytes);
            return After::Reset;
        }
        match self.write(&bytes) {
            Ok(()) if !close => After::Open,
            Ok(())
                if self.quirks.has(ConversationQuirk::AnswersAfterRefusal) && self.more_comes() =>
            {
                After::Open
            }
            _ => After::Close,
        }
    }

    /// Whether the client waits for a 100 (RFC 9110 section 10.1.1).
    fn client_waits(&self, head: &Head) -> Result<bool, Fault> {
        let old = head.version == Version::Http10;
        let Some(expectation) = head.fields.value("expect") else {
            return Ok(!old && self.quirks.has(ConnectionQuirk::SendsContinueUnasked));
        };
        let asks = if self.quirks.has(ConnectionQuirk::CaseSensitiveExpect) {
            expectation == "100-continue"
        } else {
            expectation.eq_ignore_ascii_case("100-continue")
        };
        if !asks && self.quirks.has(ConnectionQuirk::ClosesOnUnknownExpectation) {
            return Err(Fault::Silent);
        }
        Ok(asks && (!old || self.quirks.has(ConnectionQuirk::SendsContinueToHttp10)))
    }

    /// A quirk: switches to whatever protocol the client names.
    fn switches_protocol(&mut self, head: &Head) -> Result<bool, Fault> {
        let quirk = self.quirks.has(ConnectionQuirk::SwitchesToAnything);
        let Some(protocol) = head.fields.value("upgrade").filter(|_| quirk) else {
            return Ok(false);
        };
        let line = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: ";
        self.input.send(format!("{line}{protocol}\r\n\r\n").as_bytes())?;
        Ok(true)
    }

    /// A quirk: gives up on a head that does not come in one piece.
    fn expect_whole_head(&mut self) -> Result<(), Fault> {
        if self.input.buffered().is_empty() && self.input.fill()? == 0 {
            return Ok(());
        }
        if self.has_next_head() { Ok(()) } else { Err(Fault::Silent) }
    }

    fn has_next_head(&self) -> bool {
        let mut ends = self.input.buffered().windows(4);
        ends.any(|four| four == b"\r\n\r\n")
    }

    /// Ends the connection in stages, so that the client can read the last response (RFC 9112
    /// section 9.6).
    fn finish(mut self, after: After) {
        self.link.stage("closing");
        let stream = self.input.stream();
        if after == After::Reset {
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
            return;
        }
        if self.announced && self.quirks.has(Lawful::LingersLong) {
            lawful::linger(&mut self.input);
        }
        let stream = self.input.stream();
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.set_read_timeout(Some(LINGER));
        let mut drained = 0;
        while let Ok(count @ 1..) = self.input.fill() {
            self.input.take(self.input.buffered().len());
            drained += count;
            if drained > LINGER_BYTES {
                break;
            }
        }
    }
}
