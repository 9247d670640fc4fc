//! Everything that can be wrong with the bytes of a response.

/// Why the bytes are not a valid HTTP/1.1 response. Excerpts in the texts are escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// RFC 9112 section 4: `HTTP-version SP status-code SP [reason-phrase]`.
    #[error("bad status line: found `{found}`, expected `HTTP/1.1 NNN reason`")]
    BadStatusLine {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9112 section 2.3; only 1.0 and 1.1 are understood, and as the latter any 1.x by who
    /// reads tolerantly.
    #[error("unsupported version: found `{found}`, expected {expected}")]
    UnsupportedVersion {
        /// The start of what was found, escaped.
        found: String,
        /// What is understood.
        expected: &'static str,
    },
    /// RFC 9110 section 15: three digits, 100 to 599, and to 999 for who reads tolerantly.
    #[error("bad status code: found `{found}`, expected three digits from 100 to {highest}")]
    BadStatusCode {
        /// The start of what was found, escaped.
        found: String,
        /// The highest that is taken.
        highest: u16,
    },
    /// RFC 9112 section 2.2: lines end in CRLF.
    #[error("a line of the head ends in a bare LF, expected CR LF")]
    BareLf,
    /// RFC 9112 section 2.2: a CR stands only before LF.
    #[error("a bare CR inside a line of the head")]
    BareCr,
    /// RFC 9112 section 5.2.
    #[error("obsolete line folding: a field line starts with white space")]
    ObsFold,
    /// RFC 9112 section 5: a field line without a colon.
    #[error("a field line without a colon: `{found}`")]
    MissingColon {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9112 section 5.1.
    #[error("white space between field name and colon: `{found}`")]
    SpaceBeforeColon {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9110 section 5.1: a field name is a token.
    #[error("bad field name: `{found}`, expected a token")]
    BadFieldName {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9110 section 5.5: control characters are not allowed.
    #[error("a field value with the control character 0x{byte:02x}")]
    BadFieldValue {
        /// The first such byte.
        byte: u8,
    },
    /// Status line and fields exceed [`Limits::head_bytes`](crate::Limits::head_bytes).
    #[error("the head is longer than {limit} bytes")]
    HeadTooLarge {
        /// The bound.
        limit: usize,
    },
    /// More fields than [`Limits::fields`](crate::Limits::fields).
    #[error("more than {limit} fields")]
    TooManyFields {
        /// The bound.
        limit: usize,
    },
    /// More 1xx than [`Limits::interim_responses`](crate::Limits::interim_responses).
    #[error("more than {limit} interim (1xx) responses before a final one")]
    TooManyInterim {
        /// The bound.
        limit: u32,
    },
    /// RFC 9110 section 15.2.2: a protocol switch nobody asked for.
    #[error("status 101 although no upgrade was requested")]
    UnexpectedUpgrade,
    /// RFC 9110 section 8.6.
    #[error("negative Content-Length: `{found}`")]
    NegativeContentLength {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9110 section 8.6.
    #[error("Content-Length is not a decimal number: `{found}`")]
    BadContentLength {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9110 section 8.6.
    #[error("Content-Length does not fit 64 bits: `{found}`")]
    ContentLengthOverflow {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9112 section 6.3, item 5.
    #[error("differing Content-Length values: {first} and {second}")]
    ContentLengthsDiffer {
        /// The first value.
        first: u64,
        /// The value that differs.
        second: u64,
    },
    /// RFC 9112 section 6.3, item 3.
    #[error("both Content-Length and Transfer-Encoding")]
    LengthAndTransferEncoding,
    /// RFC 9112 section 6.1: a transfer coding other than `chunked` alone.
    #[error("transfer coding `{found}`, expected `chunked` alone")]
    UnsupportedTransferCoding {
        /// The start of what was found, escaped.
        found: String,
    },
    /// RFC 9112 section 6.1.
    #[error("Transfer-Encoding in an HTTP/1.0 response")]
    TransferEncodingInHttp10,
    /// RFC 9112 section 7.1.
    #[error("bad chunk size: found {}, expected hexadecimal digits", show_byte(*byte))]
    BadChunkSize {
        /// The byte that can not stand there.
        byte: u8,
    },
    /// RFC 9112 section 7.1.
    #[error("the chunk size does not fit 64 bits")]
    ChunkSizeOverflow,
    /// RFC 9112 section 7.1.1: the size line, extensions included.
    #[error("a chunk-size line longer than {limit} bytes")]
    ChunkLineTooLong {
        /// The bound.
        limit: usize,
    },
    /// RFC 9112 section 7.1.1.
    #[error("a chunk extension with {}", show_byte(*byte))]
    BadChunkExtension {
        /// The byte that can not stand there.
        byte: u8,
    },
    /// RFC 9112 section 7.1.
    #[error("the chunk's data is followed by {}, expected CR LF", show_byte(*byte))]
    MissingChunkCrlf {
        /// The byte found instead.
        byte: u8,
    },
    /// RFC 9112 section 7.1.2.
    #[error("a malformed trailer field: {}", show_byte(*byte))]
    BadTrailer {
        /// The byte that can not stand there.
        byte: u8,
    },
    /// The trailers exceed [`Limits::trailer_bytes`](crate::Limits::trailer_bytes).
    #[error("a trailer section longer than {limit} bytes")]
    TrailersTooLarge {
        /// The bound.
        limit: usize,
    },
    /// The body exceeds [`Limits::body_bytes`](crate::Limits::body_bytes).
    #[error("a body longer than {limit} bytes")]
    BodyTooLong {
        /// The bound.
        limit: u64,
    },
    /// Bytes arrived while no request was waiting for a response.
    #[error("bytes nobody asked for: `{found}`")]
    Unsolicited {
        /// The start of what was found, escaped.
        found: String,
    },
    /// The connection ended before the first byte of a response that was due.
    #[error("the connection was closed before the response began")]
    ClosedBeforeResponse,
    /// The connection ended inside status line or fields.
    #[error("the connection was closed inside the head, after {received} bytes of it")]
    ClosedInHead {
        /// Bytes of the head that had arrived.
        received: usize,
    },
    /// The connection ended before Content-Length bytes had come.
    #[error("the connection was closed after {received} of {expected} body bytes")]
    ClosedInBody {
        /// Body bytes that had arrived.
        received: u64,
        /// The declared length.
        expected: u64,
    },
    /// The connection ended before the last chunk.
    #[error("the connection was closed inside a chunked body, after {received} bytes of data")]
    ClosedInChunkedBody {
        /// Body bytes that had arrived.
        received: u64,
    },
}

fn show_byte(byte: u8) -> String {
    format!("`{}`", crate::escape(&[byte]))
}

impl ResponseError {
    /// A stable name for counting, in kebab case: `bad-chunk-size`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::BadStatusLine { .. } => "bad-status-line",
            Self::UnsupportedVersion { .. } => "unsupported-version",
            Self::BadStatusCode { .. } => "bad-status-code",
            Self::BareLf => "bare-lf",
            Self::BareCr => "bare-cr",
            Self::ObsFold => "obs-fold",
            Self::MissingColon { .. } => "missing-colon",
            Self::SpaceBeforeColon { .. } => "space-before-colon",
            Self::BadFieldName { .. } => "bad-field-name",
            Self::BadFieldValue { .. } => "bad-field-value",
            Self::HeadTooLarge { .. } => "head-too-large",
            Self::TooManyFields { .. } => "too-many-fields",
            Self::TooManyInterim { .. } => "too-many-interim",
            Self::UnexpectedUpgrade => "unexpected-upgrade",
            Self::NegativeContentLength { .. } => "negative-content-length",
            Self::BadContentLength { .. } => "bad-content-length",
            Self::ContentLengthOverflow { .. } => "content-length-overflow",
            Self::ContentLengthsDiffer { .. } => "content-lengths-differ",
            Self::LengthAndTransferEncoding => "length-and-transfer-encoding",
            Self::UnsupportedTransferCoding { .. } => "unsupported-transfer-coding",
            Self::TransferEncodingInHttp10 => "transfer-encoding-in-http-1.0",
            Self::BadChunkSize { .. } => "bad-chunk-size",
            Self::ChunkSizeOverflow => "chunk-size-overflow",
            Self::ChunkLineTooLong { .. } => "chunk-line-too-long",
            Self::BadChunkExtension { .. } => "bad-chunk-extension",
            Self::MissingChunkCrlf { .. } => "missing-chunk-crlf",
            Self::BadTrailer { .. } => "bad-trailer",
            Self::TrailersTooLarge { .. } => "trailers-too-large",
            Self::BodyTooLong { .. } => "body-too-long",
            Self::Unsolicited { .. } => "unsolicited",
            Self::ClosedBeforeResponse => "closed-before-response",
            Self::ClosedInHead { .. } => "closed-in-head",
            Self::ClosedInBody { .. } => "closed-in-body",
            Self::ClosedInChunkedBody { .. } => "closed-in-chunked-body",
        }
    }
}
