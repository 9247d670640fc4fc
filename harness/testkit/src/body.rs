//! Request content as it arrives (RFC 9112 sections 6 and 7).

use std::time::Duration;

use crate::connection_quirk::ConnectionQuirk;
use crate::conversation_quirk::ConversationQuirk;
use crate::fault::{Fault, bad};
use crate::fields::Fields;
use crate::framing::Framing;
use crate::framing_quirk::FramingQuirk;
use crate::head;
use crate::input::{Input, Lenient, Line};
use crate::lawful::Lawful;
use crate::numbers;
use crate::quirk::Quirks;
use crate::wire_quirk::WireQuirk;

/// A longer chunk-size line, extensions included, is refused (RFC 9112 section 7.1.1).
const CHUNK_LINE_LIMIT: usize = 4096;
/// What [`WireQuirk::TruncatesLargeContent`] lets through.
const TRUNCATED_AT: u64 = 64 * 1024;

/// What a client may wait for before it sends content (RFC 9110 section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The content of one request.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    input: &'a mut Input,
    quirks: &'a Quirks,
    state: State,
    announced: Option<u64>,
    wants_continue: bool,
    delivered: u64,
    trailers: Fields,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Length(u64),
    ChunkSize,
    Chunk(u64),
    UntilEnd,
    Done,
}

impl<'a> Body<'a> {
    /// The content that follows on `input`. With `wants_continue` the client waits for a 100
    /// before it sends it (RFC 9110 section 10.1.1).
    pub(crate) fn new(
        input: &'a mut Input,
        framing: Framing,
        wants_continue: bool,
        quirks: &'a Quirks,
    ) -> Self {
        let (state, announced) = match framing {
            Framing::Length(0) => (State::Done, Some(0)),
            Framing::Length(length) => (State::Length(length), Some(length)),
            Framing::Chunked => (State::ChunkSize, None),
            Framing::UntilEnd => (State::UntilEnd, None),
        };
        Self {
            input,
            quirks,
            state,
            announced,
            wants_continue,
            delivered: 0,
            trailers: Fields::new(quirks),
        }
    }

    /// Whether a client that asked to be told to continue has neither been told nor gone on.
    pub(crate) fn is_awaited(&self) -> bool {
        self.wants_continue && self.state != State::Done && self.input.buffered().is_empty()
    }

    /// Whether there is content of which nothing has come yet.
    pub(crate) fn is_late(&self) -> bool {
        self.state != State::Done && self.delivered == 0 && self.input.buffered().is_empty()
    }

    /// Whether there is content of which nothing has been asked for.
    pub(crate) fn is_untouched(&self) -> bool {
        let begins = matches!(self.state, State::Length(_) | State::ChunkSize);
        begins && self.delivered == 0
    }

    /// The fields that came after chunked content.
    pub(crate) fn into_trailers(self) -> Fields {
        self.trailers
    }

    /// The next piece; `None` at the end.
    pub(crate) fn piece(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        self.let_client_continue()?;
        loop {
            let piece = match self.state {
                State::Done => return Ok(None),
                State::Length(left) => self.part_of(left, State::Length, State::Done)?,
                State::Chunk(left) => {
                    let piece = self.part_of(left, State::Chunk, State::ChunkSize)?;
                    if self.state == State::ChunkSize {
                        self.end_of_chunk()?;
                    }
                    piece
                }
                State::ChunkSize => {
                    self.chunk_size()?;
                    continue;
                }
                State::UntilEnd => self.part_of(u64::MAX, |_| State::UntilEnd, State::Done)?,
            };
            return Ok(Some(self.truncated(piece)));
        }
    }

    /// Everything, unless it is more than `limit` bytes.
    pub(crate) fn whole(&mut self, limit: usize) -> Result<Vec<u8>, Fault> {
        let too_large = || Fault::Status(413, "the content is too large");
        if self.announced.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut whole = Vec::new();
        while let Some(piece) = self.piece()? {
            whole.extend_from_slice(&piece);
            if whole.len() > limit {
                return Err(too_large());
            }
        }
        Ok(whole)
    }

    /// Whether the client ends its sending half within that time: only a quirk asks.
    pub(crate) fn client_ends_within(&mut self, time: Duration) -> bool {
        let time = time.max(Duration::from_millis(1));
        let _ = self.input.stream().set_read_timeout(Some(time));
        let ended = matches!(self.input.fill(), Ok(0));
        let _ = self.input.stream().set_read_timeout(None);
        ended
    }

    fn let_client_continue(&mut self) -> Result<(), Fault> {
        if self.wants_continue && self.quirks.has(ConnectionQuirk::DiscardsContentBeforeContinue) {
            self.input.take(self.input.buffered().len());
        }
        if !self.is_awaited() || self.quirks.has(ConnectionQuirk::NeverSendsContinue) {
            return Ok(());
        }
        self.wants_continue = false;
        let times = if self.quirks.has(Lawful::SeveralContinues) { 3 } else { 1 };
        self.input.send(&CONTINUE.repeat(times))?;
        if self.quirks.has(ConnectionQuirk::ForgetsContentAfterContinue) {
            self.state = State::Done;
        }
        Ok(())
    }

    /// Up to `left` bytes; `rest` is the state while some are missing, `end` the one after all.
    fn part_of(&mut self, left: u64, rest: fn(u64) -> State, end: State) -> Result<Vec<u8>, Fault> {
        if self.input.buffered().is_empty() && self.input.fill()? == 0 {
            let until_end = self.state == State::UntilEnd;
            if until_end || self.quirks.has(WireQuirk::AnswersIncompleteContent) {
                self.state = State::Done;
                return Ok(Vec::new());
            }
            return Err(Fault::Incomplete);
        }
        let buffered = self.input.buffered();
        let count = buffered.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let piece = buffered[..count].to_vec();
        self.input.take(count);
        let left = left - count as u64;
        self.state = match left {
            0 => end,
            _ if self.quirks.has(WireQuirk::NeedsContentInOneRead) => State::Done,
            _ => rest(left),
        };
        Ok(piece)
    }

    fn truncated(&mut self, mut piece: Vec<u8>) -> Vec<u8> {
        if self.quirks.has(WireQuirk::TruncatesLargeContent) {
            let room = TRUNCATED_AT.saturating_sub(self.delivered);
            piece.truncate(usize::try_from(room).unwrap_or(usize::MAX));
        }
        self.delivered += piece.len() as u64;
        piece
    }

    /// Reads a chunk-size line and, after the last one, the trailers.
    fn chunk_size(&mut self) -> Result<(), Fault> {
        let quirks = self.quirks;
        self.input.be_lenient(Lenient {
            lf: quirks.has(WireQuirk::BareLfEndsChunkSize),
            cr: quirks.has(FramingQuirk::SizeLineEndsAtCr),
            lf_inside: quirks.has(FramingQuirk::ReadsPastLfInExtension),
            cr_inside: quirks.has(FramingQuirk::ReadsPastCrInExtension),
        });
        let line = self.input.line(CHUNK_LINE_LIMIT, quirks);
        self.input.be_lenient(Lenient::default());
        let line = match line {
            Ok(Line::Is(line)) => line,
            Ok(Line::TooLong) => return Err(bad("a chunk-size line is too long")),
            Ok(Line::End) | Err(Fault::Incomplete) => return self.cut_off(),
            Err(fault) => return Err(fault),
        };
        let later = self.delivered > 0;
        let size = parse_chunk_size(&line, later, quirks).map_err(|fault| {
            fault.passing_if(quirks.has(ConversationQuirk::GoesOnAfterBadChunk))
        })?;
        let size = numbers::counted_size(size, quirks);
        if size > 0 {
            self.state = State::Chunk(size);
            return Ok(());
        }
        self.state = State::Done;
        if quirks.has(FramingQuirk::LastChunkIsTheEnd) {
            return Ok(());
        }
        self.input.be_lenient(Lenient {
            lf: quirks.has(FramingQuirk::BareLfEndsTrailers),
            cr: quirks.has(FramingQuirk::LineEndsAtCr),
            ..Lenient::default()
        });
        let trailers = head::read_trailers(self.input, quirks);
        self.input.be_lenient(Lenient::default());
        let trailers = trailers?;
        if !trailers.is_empty() && self.quirks.has(WireQuirk::RejectsTrailers) {
            return Err(bad("this server wants no trailers"));
        }
        self.trailers = trailers;
        Ok(())
    }

    fn cut_off(&mut self) -> Result<(), Fault> {
        if self.quirks.has(WireQuirk::AnswersIncompleteContent) {
            self.state = State::Done;
            return Ok(());
        }
        Err(Fault::Incomplete)
    }

    /// The CRLF after a chunk's data.
    fn end_of_chunk(&mut self) -> Result<(), Fault> {
        let lf = self.quirks.has(FramingQuirk::BareLfEndsData);
        if lf && (!self.input.buffered().is_empty() || self.input.fill()? > 0) {
            let found = self.input.buffered().starts_with(b"\n");
            self.input.take(usize::from(found));
            if found {
                return Ok(());
            }
        }
        while self.input.buffered().len() < 2 {
            if self.input.fill()? == 0 {
                return self.cut_off();
            }
        }
        let ends = self.input.buffered().starts_with(b"\r\n");
        if !ends && self.quirks.has(FramingQuirk::NothingEndsData) {
            return Ok(());
        }
        let cr = self.input.buffered().starts_with(b"\r");
        let ends = ends || (cr && self.quirks.has(FramingQuirk::DataEndsAtCr));
        let lf = self.input.buffered()[1] == b'\n';
        let ends = ends || (lf && self.quirks.has(FramingQuirk::DataEndsAtLf));
        let lf_cr = self.input.buffered().starts_with(b"\n\r");
        let ends = ends || (lf_cr && self.quirks.has(FramingQuirk::DataEndsInLfCr));
        if !ends && !self.quirks.has(WireQuirk::SkipsEndOfChunk) {
            return Err(bad("a chunk must end in CRLF"));
        }
        self.input.take(2);
        Ok(())
    }
}

/// `chunk-size [ chunk-ext ]` (RFC 9112 section 7.1); extensions are ignored.
fn parse_chunk_size(line: &[u8], later: bool, quirks: &Quirks) -> Result<u64, Fault> {
    let (mut digits, extension) = match line.iter().position(|&b| b == b';') {
        Some(at) => (line[..at].trim_ascii_end(), true),
        None => (line, false),
    };
    let spaced = line.get(digits.len()).is_some_and(|b| b" \t".contains(b));
    if extension && spaced && quirks.has(WireQuirk::RejectsSpaceBeforeExtension) {
        return Err(bad("this server wants no white space before a chunk extension"));
    }
    if extension && quirks.has(WireQuirk::RejectsChunkExtensions) {
        return Err(bad("this server wants no chunk extensions"));
    }
    let takes_nul = [FramingQuirk::ReadsPastNulInExtension, FramingQuirk::SizeEndsAtNul];
    if line.contains(&0) && !takes_nul.iter().any(|&quirk| quirks.has(quirk)) {
        return Err(bad("a chunk extension must not hold a NUL"));
    }
    let lenient = numbers::size(digits, later, quirks);
    digits = &lenient;
    if quirks.has(WireQuirk::LenientChunkSize) {
        digits = digits.trim_ascii_start();
        digits = digits.strip_prefix(b"-").unwrap_or(digits);
        digits = digits.strip_prefix(b"0x").unwrap_or(digits);
        let end = digits.iter().position(|b| !b.is_ascii_hexdigit());
        digits = &digits[..end.unwrap_or(digits.len())];
    } else if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(bad("a chunk size must be hexadecimal digits"));
    }
    if digits.len() > 1 && digits[0] == b'0' && quirks.has(WireQuirk::RejectsZerosInFront) {
        return Err(bad("this server wants no zeros in front"));
    }
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    if upper && quirks.has(WireQuirk::ChunkSizeInLowerCaseOnly) {
        return Err(bad("this server wants lower-case digits"));
    }
    let wraps = quirks.has(WireQuirk::ChunkSizeWraps);
    digits.iter().try_fold(0u64, |size, digit| {
        let digit = u64::from(char::from(*digit).to_digit(16).unwrap_or(0));
        if size >> 60 != 0 && quirks.has(Lawful::WaitsForHugeContent) {
            return Ok(u64::MAX);
        }
        if size >> 60 != 0 && !wraps {
            return Err(bad("a chunk size is larger than any content"));
        }
        Ok(size << 4 | digit)
    })
}
