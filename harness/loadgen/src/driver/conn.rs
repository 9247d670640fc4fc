//! One connection as the driver sees it.

use std::collections::VecDeque;
use std::sync::Arc;

use httpdyno_wire::ResponseDecoder;

use crate::check::CheckState;
use crate::plan::Churn;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ConnState {
    /// Not connected; waits for its turn to dial.
    #[default]
    Down,
    Dialing {
        since_ns: u64,
    },
    Up,
}

/// A request that was issued and has no response yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct InFlight {
    pub(super) index: u64,
    pub(super) intended_ns: u64,
    /// When it was due and had a connection.
    pub(super) ready_ns: u64,
    /// When it was handed to the system; until then, when it was issued.
    pub(super) sent_ns: u64,
    pub(super) route: u32,
    pub(super) sent: bool,
    /// Its end counts in the measurement.
    pub(super) measured: bool,
    /// Its response is kept.
    pub(super) audited: bool,
    /// It was sent before, and was led elsewhere since: its times are those of the first request.
    pub(super) is_redirected: bool,
}

impl InFlight {
    /// The same, to be sent to where a redirect leads.
    pub(super) fn redirected(self) -> Self {
        Self { sent: false, is_redirected: true, ..self }
    }
}

/// What is sent instead of an exchange's own request since it was redirected.
#[derive(Debug)]
pub(super) struct Detour {
    /// Redirects so far.
    pub(super) followed: u32,
    /// All bytes of the request.
    pub(super) request: Vec<u8>,
}

/// The last exchange of a place, on whichever connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LastExchange {
    pub(super) index: u64,
    pub(super) route: u32,
    /// When it ended; 0 where there was none.
    pub(super) done_ns: u64,
}

/// Bytes that wait behind others to be sent.
#[derive(Debug)]
pub(super) enum Piece {
    /// A prebuilt request.
    Prebuilt(u32),
    /// The body of the request before it, which others send too.
    Shared(Arc<[u8]>),
    /// Rendered requests, and how many begin in it.
    Own { bytes: Vec<u8>, begins: usize },
}

impl Piece {
    /// Requests that begin in it.
    fn begins(&self) -> usize {
        match self {
            Self::Prebuilt(_) => 1,
            Self::Shared(_) => 0,
            Self::Own { begins, .. } => *begins,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Conn {
    pub(super) state: ConnState,
    /// Counts the connections that had this place, to tell permits of dead ones.
    pub(super) epoch: u32,
    pub(super) decoder: ResponseDecoder,
    pub(super) check: CheckState,
    pub(super) in_flight: VecDeque<InFlight>,
    /// A prebuilt request that waits to be sent, and nothing else does.
    pub(super) prebuilt: Option<u32>,
    /// Rendered requests that wait to be sent.
    pub(super) out: Vec<u8>,
    /// What waits behind these: large bodies, which are not copied, and what follows them.
    pub(super) later: VecDeque<Piece>,
    /// Requests that the connection before took back, to be sent again first.
    pub(super) again: VecDeque<InFlight>,
    /// Of the one exchange under way, where redirects are followed.
    pub(super) detour: Option<Box<Detour>>,
    /// Of these only one, until it is answered.
    pub(super) is_cautious: bool,
    /// A request said that the connection ends after it.
    pub(super) is_closing: bool,
    pub(super) last: LastExchange,
    /// Which of the addresses it was dialled at.
    pub(super) address: usize,
    /// Attempts to connect that failed since one did not.
    pub(super) missed: usize,
    pub(super) flush_queued: bool,
    /// Requests issued on this connection.
    pub(super) issued: u64,
    /// Responses complete on this connection.
    pub(super) served: u64,
    /// Connections in a row that served nothing.
    pub(super) failures: u32,
}

impl Conn {
    /// Before its first connection.
    pub(super) fn new() -> Self {
        Self { decoder: ResponseDecoder::tolerant(), ..Self::default() }
    }

    /// Has issued all that a connection may.
    pub(super) fn is_spent(&self, churn: Churn) -> bool {
        self.is_closing || matches!(churn, Churn::After(most) if self.issued >= most)
    }

    /// Nothing waits to be sent.
    pub(super) fn is_flushed(&self) -> bool {
        self.prebuilt.is_none() && self.out.is_empty() && self.later.is_empty()
    }

    /// Puts rendered bytes behind all others; `write` appends one request to them.
    pub(super) fn append(&mut self, begins: usize, write: impl FnOnce(&mut Vec<u8>)) {
        match self.later.back_mut() {
            None => write(&mut self.out),
            Some(Piece::Own { bytes, begins: before }) => {
                write(bytes);
                *before += begins;
            }
            Some(_) => {
                let mut bytes = Vec::new();
                write(&mut bytes);
                self.later.push_back(Piece::Own { bytes, begins });
            }
        }
    }

    /// Puts the request of the detour behind all others.
    #[cold]
    pub(super) fn append_detour(&mut self) {
        let Some(detour) = self.detour.take() else { return };
        self.append(1, |out| out.extend_from_slice(&detour.request));
        self.detour = Some(detour);
    }

    /// What was just handed over holds the beginning of all requests but those that begin in what
    /// waits behind it.
    pub(super) fn just_sent(&mut self) -> impl Iterator<Item = &mut InFlight> {
        let behind = self.later.iter().map(Piece::begins).sum();
        self.in_flight.iter_mut().rev().skip(behind).take_while(|flight| !flight.sent)
    }

    /// Forgets what belonged to the connection that is no more.
    pub(super) fn reset(&mut self) {
        self.state = ConnState::Down;
        self.epoch = self.epoch.wrapping_add(1);
        self.decoder.reset();
        self.check.reset();
        self.in_flight.clear();
        self.prebuilt = None;
        self.out.clear();
        self.later.clear();
        self.is_closing = false;
        self.issued = 0;
        self.served = 0;
    }
}
