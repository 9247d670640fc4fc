//! The engine's side of one connection, and how completions find it.

use std::os::fd::OwnedFd;
use std::sync::Arc;

/// What is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sending {
    #[default]
    Idle,
    /// The prebuilt request of this route.
    Prebuilt(u32),
    /// The slot's buffer.
    Buffer,
    /// What the slot shares with others.
    Shared,
}

#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) fd: Option<OwnedFd>,
    /// Counts the sockets that had this place, so that late completions are known as such.
    pub(super) generation: u32,
    pub(super) sending: Sending,
    /// Bytes of it that are out.
    pub(super) sent: usize,
    /// Silent sends since the last one that was confirmed.
    pub(super) unconfirmed: u32,
    /// Not touched while `sending` is `Buffer`: the kernel reads it.
    pub(super) buffer: Vec<u8>,
    /// Held while `sending` is `Shared`: the kernel reads it.
    pub(super) shared: Option<Arc<[u8]>>,
}

/// Bytes that the kernel may still read although their connection is gone; only held.
#[derive(Debug)]
pub(super) enum Retired {
    Own { _bytes: Vec<u8> },
    Shared { _bytes: Option<Arc<[u8]>> },
}

/// What a completion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Receive,
    Send,
    Connect,
    Cancel,
    /// A send that completes silently unless something is wrong.
    SilentSend,
}

/// `user_data` of an operation: kind, generation and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag(u64);

impl Tag {
    /// The largest generation, as a mask: 24 bits.
    pub(super) const GENERATIONS: u32 = 0x00ff_ffff;

    pub(super) fn new(kind: Kind, conn: u32, generation: u32) -> Self {
        let kind = match kind {
            Kind::Receive => 0,
            Kind::Send => 1,
            Kind::Connect => 2,
            Kind::Cancel => 3,
            Kind::SilentSend => 4,
        };
        Self(kind << 56 | u64::from(generation & Self::GENERATIONS) << 32 | u64::from(conn))
    }

    pub(super) fn kind(self) -> Kind {
        match self.0 >> 56 {
            0 => Kind::Receive,
            1 => Kind::Send,
            2 => Kind::Connect,
            4 => Kind::SilentSend,
            _ => Kind::Cancel,
        }
    }

    pub(super) fn generation(self) -> u32 {
        (self.0 >> 32) as u32 & Self::GENERATIONS
    }

    pub(super) fn conn(self) -> u32 {
        self.0 as u32
    }
}

impl From<Tag> for u64 {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl From<u64> for Tag {
    fn from(bits: u64) -> Self {
        Self(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_keeps_its_parts() {
        for kind in [Kind::Receive, Kind::Send, Kind::Connect, Kind::Cancel, Kind::SilentSend] {
            let tag = Tag::from(u64::from(Tag::new(kind, u32::MAX, Tag::GENERATIONS)));
            assert_eq!(
                (tag.kind(), tag.conn(), tag.generation()),
                (kind, u32::MAX, Tag::GENERATIONS)
            );
        }
    }
}
