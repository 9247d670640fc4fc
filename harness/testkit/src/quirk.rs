//! What can be wrong with a server on purpose, and which cases must notice.

use std::collections::BTreeSet;

use crate::application::{Cheat, FileCheat};
use crate::connection_quirk::ConnectionQuirk;
use crate::conversation_quirk::ConversationQuirk;
use crate::framing_quirk::FramingQuirk;
use crate::lawful::Lawful;
use crate::wire_quirk::WireQuirk;

/// One deliberate violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quirk {
    /// Of HTTP/1.1, in reading requests.
    Wire(WireQuirk),
    /// Of HTTP/1.1, in keeping connections and answering.
    Connection(ConnectionQuirk),
    /// Of HTTP/1.1, in finding where messages end.
    Framing(FramingQuirk),
    /// Of HTTP/1.1, in going on after a request.
    Conversation(ConversationQuirk),
    /// Of the application contract.
    Cheat(Cheat),
    /// Of the application contract, where it is about files.
    FileCheat(FileCheat),
    /// No violation at all.
    Lawful(Lawful),
}

impl Quirk {
    /// All violations.
    pub fn all() -> impl Iterator<Item = Self> {
        let wire = WireQuirk::ALL.iter().copied().map(Self::Wire);
        let wire = wire.chain(ConnectionQuirk::ALL.iter().copied().map(Self::Connection));
        let wire = wire.chain(FramingQuirk::ALL.iter().copied().map(Self::Framing));
        let wire = wire.chain(ConversationQuirk::ALL.iter().copied().map(Self::Conversation));
        let cheats = Cheat::ALL.iter().copied().map(Self::Cheat);
        wire.chain(cheats).chain(FileCheat::ALL.iter().copied().map(Self::FileCheat))
    }

    /// Its name, that of the variant.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wire(quirk) => quirk.name(),
            Self::Connection(quirk) => quirk.name(),
            Self::Framing(quirk) => quirk.name(),
            Self::Conversation(quirk) => quirk.name(),
            Self::Cheat(cheat) => cheat.name(),
            Self::FileCheat(cheat) => cheat.name(),
            Self::Lawful(oddity) => oddity.name(),
        }
    }

    /// What the server does, in one sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Wire(quirk) => quirk.sentence(),
            Self::Connection(quirk) => quirk.sentence(),
            Self::Framing(quirk) => quirk.sentence(),
            Self::Conversation(quirk) => quirk.sentence(),
            Self::Cheat(cheat) => cheat.sentence(),
            Self::FileCheat(cheat) => cheat.sentence(),
            Self::Lawful(oddity) => oddity.sentence(),
        }
    }

    /// The ids of exactly the cases that a server with this quirk fails.
    #[must_use]
    pub fn breaks(self) -> &'static [&'static str] {
        match self {
            Self::Wire(quirk) => quirk.breaks(),
            Self::Connection(quirk) => quirk.breaks(),
            Self::Framing(quirk) => quirk.breaks(),
            Self::Conversation(quirk) => quirk.breaks(),
            Self::Cheat(cheat) => cheat.breaks(),
            Self::FileCheat(cheat) => cheat.breaks(),
            Self::Lawful(oddity) => oddity.breaks(),
        }
    }
}

impl From<WireQuirk> for Quirk {
    fn from(quirk: WireQuirk) -> Self {
        Self::Wire(quirk)
    }
}

impl From<ConnectionQuirk> for Quirk {
    fn from(quirk: ConnectionQuirk) -> Self {
        Self::Connection(quirk)
    }
}

impl From<FramingQuirk> for Quirk {
    fn from(quirk: FramingQuirk) -> Self {
        Self::Framing(quirk)
    }
}

impl From<ConversationQuirk> for Quirk {
    fn from(quirk: ConversationQuirk) -> Self {
        Self::Conversation(quirk)
    }
}

impl From<Cheat> for Quirk {
    fn from(cheat: Cheat) -> Self {
        Self::Cheat(cheat)
    }
}

impl From<FileCheat> for Quirk {
    fn from(cheat: FileCheat) -> Self {
        Self::FileCheat(cheat)
    }
}

impl From<Lawful> for Quirk {
    fn from(oddity: Lawful) -> Self {
        Self::Lawful(oddity)
    }
}

/// The quirks of one server.
#[derive(Clone, Debug, Default)]
pub struct Quirks(BTreeSet<Quirk>);

impl Quirks {
    /// Whether the server has this one.
    #[must_use]
    pub fn has(&self, quirk: impl Into<Quirk>) -> bool {
        self.0.contains(&quirk.into())
    }
}

impl<Q: Into<Quirk>> FromIterator<Q> for Quirks {
    fn from_iter<I: IntoIterator<Item = Q>>(quirks: I) -> Self {
        Self(quirks.into_iter().map(Into::into).collect())
    }
}

/// Makes an enum of quirks from rows of documentation, name and broken cases.
macro_rules! quirks {
    (
        $(#[$about:meta])* $enum:ident;
        $(#[doc = $doc:literal] $name:ident => [$($id:literal),* $(,)?];)*
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum {
            $(#[doc = $doc] $name,)*
        }

        impl $enum {
            /// All of them, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name, that of the variant.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// What the server does, in one sentence.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $doc.trim_ascii(),)* }
            }

            /// The ids of exactly the cases that it breaks.
            #[must_use]
            pub fn breaks(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($id),*],)* }
            }
        }
    };
}
pub(crate) use quirks;
