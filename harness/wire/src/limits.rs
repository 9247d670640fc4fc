//! Bounds on what a response may make the parser hold or read.

/// What a response may not exceed. Every bound is an error of its own in
/// [`ResponseError`](crate::ResponseError).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Status line and fields together, with the final CRLF, in bytes.
    pub head_bytes: usize,
    /// Fields in one head.
    pub fields: usize,
    /// Interim (1xx) responses before one final response.
    pub interim_responses: u32,
    /// One chunk-size line with its extensions, without CRLF, in bytes.
    pub chunk_line_bytes: usize,
    /// The trailer section of a chunked body, in bytes.
    pub trailer_bytes: usize,
    /// The body without its chunked framing, in bytes.
    pub body_bytes: u64,
}

impl Default for Limits {
    /// Generous for honest servers: 64 KiB of head with 256 fields, 32 interim responses,
    /// a body of 1 GiB.
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            fields: 256,
            interim_responses: 32,
            chunk_line_bytes: 4096,
            trailer_bytes: 16 * 1024,
            body_bytes: 1 << 30,
        }
    }
}
