//! What a user agent has to bear of a server that does not keep to the letter.

/// How a decoder takes what a server may not send and a user agent has to put up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reading {
    /// As malformed: whoever judges servers.
    #[default]
    Strict,
    /// As RFC 9110 and 9112 ask of a user agent.
    Tolerant,
}

/// What a head had in it that a server may not send and a user agent takes all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Oddities {
    /// A field value over several lines; each fold was read as a space (RFC 9112 section 5.2).
    pub folded_field: bool,
    /// A status from 600 to 999, to be taken as one of the class 5xx (RFC 9110 section 15).
    pub status_above_599: bool,
    /// A minor version above 1, read as HTTP/1.1 (RFC 9110 section 2.5).
    pub later_version: bool,
}

impl Oddities {
    /// Whether there is any.
    #[inline]
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// Each of them by a stable name for counting.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.folded_field, "obs-fold"),
            (self.status_above_599, "status-above-599"),
            (self.later_version, "later-minor-version"),
        ];
        all.into_iter().filter_map(|(is_there, name)| is_there.then_some(name))
    }
}
