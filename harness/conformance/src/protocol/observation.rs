//! What was seen on one connection.

use crate::answer::Answer;

/// What was seen on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The final responses in order, without the one to the follow-up request.
    pub(crate) answers: Vec<Answer>,
    /// The number of interim (1xx) responses.
    pub(crate) interim: u32,
    /// What became of the connection.
    pub(crate) end: End,
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
    /// The end as it stands in labels.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::Closed => "closed".into(),
            Self::Reset => "reset".into(),
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
            Self::Silent => "is silent: neither a response nor a close within the deadline".into(),
            Self::OutOfStep(what) => format!("is out of step: {what}"),
            Self::Malformed(_, what) => format!("carried a malformed response: {what}"),
            Self::NotLooked => "was not looked at".into(),
            Self::Unreachable(why) => format!("could not be made: {why}"),
        }
    }
}
