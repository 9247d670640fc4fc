//! What can go wrong between a request and the database, as values.

use std::io;
use std::sync::Arc;

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorResponseBody;

/// Why a request has no answer from the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// No answer came in time; it will reach nobody.
    #[error("no answer within the deadline")]
    Deadline,
    /// The connection ended before the answer.
    #[error("connection lost: {0}")]
    Lost(Arc<str>),
    /// The server refused.
    #[error("{message} (SQLSTATE {code})")]
    Server { code: Arc<str>, message: Arc<str> },
    /// What came is not what the protocol or the statement calls for.
    #[error("unexpected answer: {0}")]
    Unexpected(&'static str),
    /// A statement can not be written down for the protocol.
    #[error("statement can not be sent: {0}")]
    Statement(Arc<str>),
}

impl Error {
    pub(super) fn lost(reason: impl ToString) -> Self {
        Self::Lost(reason.to_string().into())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::lost(error)
    }
}

/// An `ErrorResponse`, read. Nothing in it is trusted: texts need not be UTF-8.
pub(super) struct Refusal {
    pub(super) error: Error,
    /// The server ends the connection behind it.
    pub(super) fatal: bool,
}

impl Refusal {
    /// Reads the fields of an error (PostgreSQL manual, section 55.8).
    pub(super) fn read(body: &ErrorResponseBody) -> Result<Self, Error> {
        let (mut code, mut message, mut fatal) = (Arc::from("?????"), Arc::from(""), false);
        let mut fields = body.fields();
        while let Some(field) = fields.next()? {
            let text = String::from_utf8_lossy(field.value_bytes());
            match field.type_() {
                // Severity, never translated.
                b'V' => fatal = matches!(&*text, "FATAL" | "PANIC"),
                b'C' => code = Arc::from(text),
                b'M' => message = Arc::from(text),
                _ => {}
            }
        }
        Ok(Self { error: Error::Server { code, message }, fatal })
    }
}
