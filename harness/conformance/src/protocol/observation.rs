//! What was seen on one connection.

use crate::answer::Answer;

/// What was seen on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The final responses in order, without the one to the follow-up request.
    pub(crate) answers: Vec<Answer>,
    /// The number of interim (1xx) responses.
    pub(crate) interim: u32,
    /// The last of the answers said that the connection ends after it.
    pub(crate) announced: bool,
    /// Requests of a long sequence were left out, since the time for them was over.
    pub(crate) out_of_time: bool,
    /// What became of the connection.
    pub(crate) end: End,
}

impl Observation {
    /// The server has ended the connection as it said it would (RFC 9112 section 9.6).
    pub(crate) fn ended_as_announced(&self) -> bool {
        self.announced && self.end.is_an_end()
    }
}

/// What became of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Open and in step: the follow-up request was answered rightly.
    Open,
    /// The server closed it with a FIN; or by any means after the follow-up request was sent to it,
    /// which makes the reset our own doing.
    Closed,
    /// The server reset it.
    Reset,
    /// The server said that it ends it, and answers nothing more, but has not sent its FIN yet: it
    /// lingers, so that the client can read the response (RFC 9112 section 9.6).
    Lingering,
    /// The server speaks HTTP/2 on it.
    Http2,
    /// The server neither answered nor closed within the deadline.
    Silent,
    /// What answered the follow-up request was not the answer to it.
    OutOfStep(String),
    /// What came is not HTTP/1.1, or was cut off: the name of the error, and its text.
    Malformed(&'static str, String),
    /// Not looked at, since no accepted outcome asks for it.
    NotLooked,
    /// No connection could be made.
    Unreachable(String),
}

impl End {
    /// Nothing more comes on the connection.
    pub(crate) fn is_an_end(&self) -> bool {
        matches!(self, Self::Closed | Self::Reset | Self::Lingering)
    }

    /// The end as it stands in labels.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::Closed => "closed".into(),
            Self::Reset => "reset".into(),
            // How long a server lingers is its own affair and no part of a stable label.
            Self::Lingering => "closed".into(),
            Self::Http2 => "HTTP/2".into(),
            Self::Silent => "silent".into(),
            Self::OutOfStep(_) => "out of step".into(),
            Self::Malformed(name, _) => format!("malformed ({name})"),
            Self::NotLooked => "not looked at".into(),
            Self::Unreachable(_) => "no connection".into(),
        }
    }

    /// The end as a sentence part after "the connection".
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Open => "is open and in step".into(),
            Self::Closed => "was closed".into(),
            Self::Reset => "was reset".into(),
            Self::Lingering => "answers nothing more after the announced close".into(),
            Self::Http2 => "carried the start of HTTP/2 (a SETTINGS frame)".into(),
            Self::Silent => "is silent: neither a response nor a close within the deadline".into(),
            Self::OutOfStep(what) => format!("is out of step: {what}"),
            Self::Malformed(_, what) => format!("carried a malformed response: {what}"),
            Self::NotLooked => "was not looked at".into(),
            Self::Unreachable(why) => format!("could not be made: {why}"),
        }
    }
}
